package hunt

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/teapot-go/teapot/harness/record"
)

// A Story tells a failure in three lines.
type Story struct {
	Server  string `json:"server"`  // what the server did
	Correct string `json:"correct"` // what a correct client reports
	This    string `json:"this"`    // what this one reported
}

// Lines returns the story in three lines.
func (s Story) Lines() []string {
	return []string{
		"the server: " + s.Server,
		"a correct client: " + s.Correct,
		"this client: " + s.This,
	}
}

// storyOf tells a failure of a run.
func storyOf(rec *record.Recording, k kind) Story {
	const most = 3
	var about, correct, this []string
	for _, s := range rec.Samples {
		if of, wrong := kindOf(s, k.check); !wrong || of != k {
			continue
		}
		_, said, want := s.Differs()
		if k.check == retries {
			said, want, _ = strings.Cut(s.Misstep, ": ")
		}
		if len(about) == most {
			correct, this = append(correct, "…"), append(this, "…")
			break
		}
		about = append(about, s.Key)
		correct = append(correct, s.Key+" "+want)
		if this = append(this, s.Key+" "+said); s.Error != "" {
			this[len(this)-1] += " (" + s.Error + ")"
		}
	}
	if about == nil {
		for _, v := range rec.Violations {
			if shapeOf(rec, v) == k {
				correct, this = []string{v.Want}, []string{v.Got}
				break
			}
		}
		keys := sortedKeys(rec.Struck)
		about = keys[:min(len(keys), most)]
	}
	return Story{serverDid(rec, about), oneLine(correct), oneLine(this)}
}

// serverDid tells what the server did with the requests for some keys.
func serverDid(rec *record.Recording, keys []string) string {
	var told []string
	for _, key := range slices.Compact(slices.Sorted(slices.Values(keys))) {
		for _, r := range rec.Struck[key] {
			told = append(told, fmt.Sprintf("%s attempt %d: %s", key, r.Attempt, r.Did))
		}
	}
	const most = 6
	if len(told) > most {
		told = append(told[:most], fmt.Sprintf("and %d more", len(told)-most))
	}
	if told == nil {
		return "no fault"
	}
	return strings.Join(told, "; ")
}

func oneLine(parts []string) string {
	const most = 300
	text := []rune(strings.Join(strings.Fields(strings.Join(parts, "; ")), " "))
	if len(text) > most {
		text = append(text[:most], '…')
	}
	return string(text)
}

func sortedKeys(of map[string][]record.Request) []string { return slices.Sorted(maps.Keys(of)) }

// Report tells the failure in several lines: its kind, its story, and the
// smallest world or why there is none.
func (f *Failure) Report() string {
	lines := append([]string{f.Kind}, f.Story.Lines()...)
	switch {
	case f.Old:
		lines = append(lines, "still fails: "+f.File)
	case !f.Repeats():
		lines = append(lines, fmt.Sprintf("it does not repeat: %d of %d more runs of this world failed again, so that "+
			"it was not made smaller", f.Again, f.Runs))
	case f.File != "":
		lines = append(lines, fmt.Sprintf("the smallest of %d worlds: %s", f.Tries, f.File))
	}
	if f.Text != "" {
		lines = append(lines, strings.Split(strings.TrimSpace(f.Text), "\n")...)
	}
	return strings.Join(lines, "\n    ")
}
