package formats_test

import (
	"encoding/xml"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/formats"
	"github.com/teapot-go/teapot/reports/internal/fixture"
)

// An xmlRule is what junit-10.xsd of Jenkins's xUnit plugin says of an element.
type xmlRule struct{ required, optional, children []string }

var junitRules = map[string]xmlRule{
	"testsuites": {nil, []string{"name", "time", "tests", "failures", "errors"}, []string{"testsuite"}},
	"testsuite": {
		[]string{"name", "tests", "failures", "errors"},
		[]string{"group", "time", "timestamp", "hostname", "id", "package", "file", "log", "url"},
		[]string{"testsuite", "properties", "testcase", "system-out", "system-err"},
	},
	"properties": {nil, nil, []string{"property"}},
	"property":   {[]string{"name", "value"}, nil, nil},
	"testcase": {[]string{"name"}, []string{"time", "classname", "group"}, []string{
		"error", "failure", "system-out",
		"system-err",
	}},
	"failure":    {nil, []string{"type", "message"}, nil},
	"error":      {nil, []string{"type", "message"}, nil},
	"system-out": {},
}

var junitTime = regexp.MustCompile(`^\d*(\.\d*)?$`)

// TestJUnitIsValid holds the XML to the rules of the schema, and its counts to
// what is in it.
func TestJUnitIsValid(t *testing.T) {
	each(t, formats.JUnit, func(t *testing.T, recs []*record.Recording, text string) {
		var open []string
		count := map[string]int{}
		for d := xml.NewDecoder(strings.NewReader(text)); ; {
			token, err := d.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			switch e := token.(type) {
			case xml.StartElement:
				name := e.Name.Local
				rule, known := junitRules[name]
				if parent := append([]string{""}, open...)[len(open)]; !known || parent != "" &&
					!slices.Contains(junitRules[parent].children, name) {
					t.Fatalf("<%s> within <%s>", name, parent)
				}
				has := map[string]bool{}
				for _, a := range e.Attr {
					has[a.Name.Local] = true
					if a.Name.Local == "time" && !junitTime.MatchString(a.Value) {
						t.Errorf("<%s> has the time %q", name, a.Value)
					}
					if !slices.Contains(append(rule.required, rule.optional...), a.Name.Local) {
						t.Errorf("<%s> has an attribute %s", name, a.Name.Local)
					}
				}
				for _, a := range rule.required {
					if !has[a] {
						t.Errorf("<%s> has no attribute %s", name, a)
					}
				}
				open = append(open, name)
				count[name]++
			case xml.EndElement:
				open = open[:len(open)-1]
			}
		}
		violations := 0
		for _, r := range recs {
			violations += len(r.Violations)
		}
		if count["testcase"] != len(recs) || count["failure"] != violations {
			t.Errorf("got %d cases with %d failures, want %d with %d", count["testcase"], count["failure"],
				len(recs), violations)
		}
	})
}

// TestJUnitNamesThePlace wants the text of each failure to begin with the place
// in the scenario's file and to have the command once, and a pass to be short.
func TestJUnitNamesThePlace(t *testing.T) {
	recs := fixture.Troubled()
	for _, r := range recs {
		r.Reproduce = "teapot run " + r.File + " --seed 418"
	}
	var found struct {
		Cases []struct {
			Failures []string `xml:"failure"`
			Errors   []string `xml:"error"`
		} `xml:"testsuite>testcase"`
	}
	if err := xml.Unmarshal([]byte(render(t, formats.JUnit(host, recs))), &found); err != nil {
		t.Fatal(err)
	}
	flaws := 0
	for i, c := range found.Cases {
		for k, failure := range c.Failures {
			v := recs[i].Violations[k]
			if !strings.HasPrefix(failure, fmt.Sprintf("%s:%d: ", v.File, v.Line)) ||
				strings.Count(failure, v.Reproduce) != 1 {
				t.Errorf("case %d: failure %q", i, failure)
			}
			flaws++
		}
		for _, err := range c.Errors {
			if !strings.HasPrefix(err, recs[i].File+": ") || strings.Count(err, recs[i].Reproduce) != 1 {
				t.Errorf("case %d: error %q", i, err)
			}
			flaws++
		}
	}
	if flaws != 6 {
		t.Errorf("%d failures and errors, want 6", flaws)
	}
	one, two := render(t, formats.JUnit(host, fixture.Suite(100)[:1])), render(t,
		formats.JUnit(host, fixture.Suite(100)[:2]))
	if len(one) > 900 || len(two)-len(one) > 150 {
		t.Errorf("%d bytes for a run that passed, %d for another", len(one), len(two)-len(one))
	}
}
