package formats

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/reports/findings"
	"github.com/teapot-go/teapot/reports/text"
)

// GitHub shows so many errors, and so many warnings, of a step.
const mostAnnotations = 10

// maxAnnotation bounds the text of an annotation, in characters.
const maxAnnotation = 2000

// Annotations reports the findings as workflow commands of GitHub Actions,
// which shows them at the line of the scenario's file: an error for what runs
// did wrong, and a warning for what cannot be judged. It has ten of each at
// most, counts the others in a notice, and lists them in a group of the log. A
// run that cannot be held to a file, or that was interrupted, has none.
func Annotations(_ reports.Host, recs []*record.Recording) reports.Reporter {
	return annotations(recs, func(file string) string { return file })
}

// annotations is Annotations with the files as place calls them.
func annotations(recs []*record.Recording, place func(file string) string) reports.Reporter {
	return func(w io.Writer) error {
		out := &sink{w: w}
		shown := map[string]int{}
		var more []findings.Finding
		for _, f := range findings.Of(recs) {
			level := "error"
			if f.Doubt != "" {
				level = "warning"
			}
			if shown[level]++; shown[level] > mostAnnotations {
				more = append(more, f)
				continue
			}
			at := ""
			if f.File != "" {
				at = fmt.Sprintf("file=%s,line=%d,", property(filepath.ToSlash(place(f.File))), f.Line)
			}
			title := fmt.Sprintf("%s on %s: %s", text.Clip(f.Scenario, maxName), f.On(), text.Clip(f.Title(), maxName))
			fmt.Fprintf(out, "::%s %stitle=%s::%s\n", level, at, property(title), data(said(f)))
		}
		if len(more) > 0 {
			fmt.Fprintf(out, "::notice::%[1]s\n::group::%[1]s\n", text.Plural(len(more), "more finding"))
			for _, f := range more { // a command may follow spaces, so a line begins with a dash
				said := fmt.Sprintf("%s on %s: %s: %s", f.Scenario, f.On(), f.Title(), f.Cases[0].Got)
				fmt.Fprintf(out, "- %s\n", text.Clip(text.Printable(said), maxAnnotation))
			}
			fmt.Fprintln(out, "::endgroup::")
		}
		return out.err
	}
}

// InCI writes what a CI server shows of a job, where one runs the process, as
// getenv tells. For GitHub Actions it is the annotations to w, which is the
// standard output, and the Markdown to the summary of the step. For GitLab it
// is the report of code quality, as gl-code-quality-report.json in the folder
// of the checkout, for the job to name as an artifact. Elsewhere it does
// nothing.
func InCI(w io.Writer, getenv func(string) string, host reports.Host, recs []*record.Recording) error {
	if getenv("GITHUB_ACTIONS") != "true" {
		if getenv("GITLAB_CI") == "true" {
			return inGitLab(getenv, recs)
		}
		return nil
	}
	err := annotations(recs, inWorkspace(getenv("GITHUB_WORKSPACE")))(w)
	name := getenv("GITHUB_STEP_SUMMARY")
	if name == "" {
		return err
	}
	to, wrong := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o666)
	if wrong != nil {
		return errors.Join(err, wrong)
	}
	return errors.Join(err, Markdown(host, recs)(to), to.Close())
}

// inWorkspace returns how files are called below the folder of a checkout, as
// GitHub wants them. Recordings call them as from the working folder, or as
// from the module's, which is above that of a test.
func inWorkspace(workspace string) func(file string) string {
	here, err := os.Getwd()
	return func(file string) string {
		if err != nil || workspace == "" || filepath.IsAbs(file) {
			return file
		}
		for folder := here; ; folder = filepath.Dir(folder) {
			if _, err := os.Stat(filepath.Join(folder, file)); err == nil {
				below, err := filepath.Rel(workspace, filepath.Join(folder, file))
				if err != nil || !filepath.IsLocal(below) {
					return file
				}
				return below
			}
			if folder == filepath.Dir(folder) {
				return file
			}
		}
	}
}

// said is what a finding is, whose fault it is, and a command that shows it.
func said(f findings.Finding) string {
	c := f.Cases[0]
	lines := []string{"got " + c.Got, "want " + c.Want}
	if f.Doubt != "" {
		lines = []string{f.Doubt + ": " + c.Got, c.Want}
	}
	if cause := f.Cause(); cause != "" {
		lines = append(lines, "cause: "+cause)
	}
	if c.Reproduce != "" && f.Doubt == "" {
		lines = append(lines, c.Reproduce)
	}
	return text.Clip(strings.Join(lines, "\n"), maxAnnotation)
}

// data escapes the message of a workflow command, as GitHub's toolkit does.
func data(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(text.Visible(s))
}

// property escapes a value before the message.
func property(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(data(text.Printable(s)))
}

// An issue is one of GitLab's report of code quality.
type issue struct {
	Description string   `json:"description"`
	CheckName   string   `json:"check_name"`
	Fingerprint string   `json:"fingerprint"`
	Severity    string   `json:"severity"`
	Location    location `json:"location"`
}

type location struct {
	Path  string `json:"path"`
	Lines lines  `json:"lines"`
}

type lines struct {
	Begin int `json:"begin"`
}

// CodeQuality reports the violations, and what cannot be judged, as GitLab
// reads its report of code quality: a list of issues, each at its line of the
// scenario's file. A finding keeps its fingerprint from run to run.
func CodeQuality(_ reports.Host, recs []*record.Recording) reports.Reporter {
	return writeIssues(issuesOf(recs, func(file string) string { return file }))
}

// issuesOf returns an issue for each finding, with the files as place calls
// them.
func issuesOf(recs []*record.Recording, place func(file string) string) []issue {
	issues := []issue{}
	for _, f := range findings.Of(recs) {
		severity := "major"
		if f.Doubt != "" {
			severity = "info"
		}
		name := strings.Join([]string{f.Scenario, f.Check, f.File, string(f.Culprit), f.Doubt}, "\x00")
		sum := sha256.Sum256([]byte(name))
		issues = append(issues, issue{
			Description: text.Visible(fmt.Sprintf("%s on %s: %s: %s", text.Clip(f.Scenario, maxName), f.On(),
				text.Clip(f.Title(), maxName), said(f))),
			CheckName:   text.Clip(text.Printable(f.Check), maxName),
			Fingerprint: hex.EncodeToString(sum[:16]),
			Severity:    severity,
			Location:    location{pathOf(f.File, place), lines{max(1, f.Line)}},
		})
	}
	return issues
}

func pathOf(file string, place func(file string) string) string {
	return text.Clip(text.Printable(filepath.ToSlash(place(file))), maxAnnotation)
}

func writeIssues(issues []issue) reports.Reporter {
	return func(w io.Writer) error {
		out := json.NewEncoder(w)
		out.SetEscapeHTML(false)
		out.SetIndent("", "  ")
		return out.Encode(issues)
	}
}
