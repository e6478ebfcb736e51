package hunt

import (
	"regexp"
	"slices"
	"strings"

	"github.com/teapot-go/teapot/harness/record"
)

// A kind is a kind of failure: the check that finds it, and its shape, which is
// the same whatever keys and figures it is about.
type kind struct{ check, shape string }

// String returns the kind in words.
func (k kind) String() string { return k.check + ": " + k.shape }

// The checks of single tasks, whose failures tell most.
const (
	classification = "classification"
	retries        = "retries"
)

// kindsOf returns the kinds of failures of a run, each once: first why it did
// not end, then what tasks ask for and report, then all else. What follows from
// wrong reports is not listed beside them.
func kindsOf(rec *record.Recording) (kinds []kind) {
	add := func(k kind) {
		if !slices.Contains(kinds, k) {
			kinds = append(kinds, k)
		}
	}
	has := func(check string) bool {
		return slices.ContainsFunc(rec.Violations, func(v record.Violation) bool { return v.Check == check })
	}
	for _, v := range rec.Violations {
		if v.Final || v.Check == "deadlock" {
			add(shapeOf(rec, v))
		}
	}
	for _, check := range []string{retries, classification} {
		for _, s := range rec.Samples {
			if k, wrong := kindOf(s, check); wrong && has(check) {
				add(k)
			}
		}
	}
	for _, v := range rec.Violations {
		if v.Check != classification && v.Check != retries && (v.Check != "outcomes" || !has(classification)) {
			add(shapeOf(rec, v))
		}
	}
	return kinds
}

// kindOf returns the kind of failure that a check of single tasks finds in one
// of them. It reports whether it finds any.
func kindOf(s record.Sample, check string) (k kind, wrong bool) {
	if check == retries {
		misstep, _, _ := strings.Cut(s.Misstep, ": ")
		return kind{retries, figure.ReplaceAllString(misstep, "N")}, misstep != "" && s.RetryDoubt == ""
	}
	met, said, want := s.Differs()
	found := "got " + said + ", want " + want
	if met != want { // as of a status, which is what a correct client reports too
		found = met + ": " + found
	}
	return kind{classification, found}, met != ""
}

// Figures and quotations in what a violation says.
var (
	quotation = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
	figure    = regexp.MustCompile(`\d+(?:\.\d+)?(?:ns|µs|ms|s|m|h|%)?(?:\d+(?:\.\d+)?(?:ms|s|m))*`)
	listed    = regexp.MustCompile(`(?:KEY)(?:(?:, | and )(?:KEY|N more))+`)
)

// shapeOf returns the kind of a violation, with neither keys nor figures.
func shapeOf(rec *record.Recording, v record.Violation) kind {
	line, _, _ := strings.Cut(v.Got, "\n")
	line = quotation.ReplaceAllString(line, "TEXT")
	for _, s := range rec.Samples {
		if len(s.Key) > 0 {
			word := regexp.MustCompile(`(^|[^\w/])` + regexp.QuoteMeta(s.Key) + `($|[^\w/])`)
			line = word.ReplaceAllString(line, "${1}KEY${2}")
		}
	}
	line = figure.ReplaceAllString(line, "N")
	return kind{v.Check, listed.ReplaceAllString(line, "KEY")}
}
