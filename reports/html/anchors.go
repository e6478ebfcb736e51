package html

import (
	"fmt"
	"html/template"
	"strings"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/summary"
)

// Anchors are the names of the parts of a page that a link can lead to: a
// scenario by its name and a run by its case, "error-100/pool/30", so that a
// link still leads there in the report of another day. Each is given once.
type anchors map[string]bool

// newAnchors are those that the page has for itself.
func newAnchors() anchors {
	a := anchors{}
	for _, own := range []string{"flaws", "warnings", "summary", "environment", "hatch", "hollow"} {
		a[own] = true
	}
	return a
}

// Anchor returns the anchor of a run in the page that [Report] makes of the
// recordings, "" if it is not among them.
func Anchor(recs []*record.Recording, run *record.Recording) string {
	a := newAnchors()
	for _, group := range summary.ByScenario(recs) {
		shown, _ := representatives(group)
		a.of(shown[0].Scenario)
		for _, r := range shown {
			if anchor := a.of(r.Case()); r == run {
				return string(anchor)
			}
		}
	}
	return ""
}

// of returns the anchor of a name. What a link cannot show as it is becomes a
// dash, and a name that was there before gets a number.
func (a anchors) of(name string) template.URL {
	const most = 100
	anchor := strings.Map(func(c rune) rune {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.ContainsRune("._-/", c):
			return c
		}
		return '-'
	}, name)
	anchor = anchor[:min(len(anchor), most)]
	if anchor == "" {
		anchor = "-"
	}
	found := anchor
	for n := 2; a[found]; n++ {
		found = fmt.Sprintf("%s~%d", anchor, n)
	}
	a[found] = true
	return template.URL(found) // of letters, digits and . _ - / ~ alone
}
