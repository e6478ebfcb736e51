package formats

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/reports/findings"
	"github.com/teapot-go/teapot/reports/summary"
	"github.com/teapot-go/teapot/reports/text"
)

type (
	junitReport struct {
		XMLName xml.Name     `xml:"testsuites"`
		Name    string       `xml:"name,attr"`
		Tests   int          `xml:"tests,attr"`
		Fails   int          `xml:"failures,attr"`
		Errors  int          `xml:"errors,attr"`
		Time    string       `xml:"time,attr"`
		Suites  []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name       string          `xml:"name,attr"`
		Tests      int             `xml:"tests,attr"`
		Fails      int             `xml:"failures,attr"`
		Errors     int             `xml:"errors,attr"`
		Time       string          `xml:"time,attr"`
		Timestamp  string          `xml:"timestamp,attr,omitempty"`
		Properties []junitProperty `xml:"properties>property"`
		Cases      []junitCase     `xml:"testcase"`
		spent      time.Duration
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		Class  string      `xml:"classname,attr"`
		Name   string      `xml:"name,attr"`
		Time   string      `xml:"time,attr"`
		Errors []junitFlaw `xml:"error"`
		Fails  []junitFlaw `xml:"failure"`
		Out    string      `xml:"system-out,omitempty"`
	}
	junitFlaw struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
	}
)

// JUnit reports a suite for each scenario, with a case for each executor. A
// finding is a failure of each case that shows it, with its cause, and names
// the others that do. A deadlock is an error, and so is a run that is
// interrupted, inconclusive or invalid, whose outcome is unknown. The XML is
// valid by the schema of Jenkins, which has no attributes for the file and the
// line of a case. So the text of each failure begins with them, and ends with
// the command that reproduces it.
func JUnit(host reports.Host, recs []*record.Recording) reports.Reporter {
	return func(w io.Writer) error {
		all := junitReport{Name: "teapot"}
		var spent time.Duration
		for _, group := range summary.ByScenario(recs) {
			s := junitSuiteOf(host, group)
			all.Tests, all.Fails, all.Errors = all.Tests+s.Tests, all.Fails+s.Fails, all.Errors+s.Errors
			spent += s.spent
			all.Suites = append(all.Suites, s)
		}
		all.Time = seconds(spent)
		text, err := xml.MarshalIndent(all, "", "  ")
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(w, "%s%s\n", xml.Header, text)
		return err
	}
}

func junitSuiteOf(host reports.Host, group []*record.Recording) junitSuite {
	first := group[0]
	s := junitSuite{Name: plain(first.Scenario), Properties: []junitProperty{
		{
			"file",
			plain(first.File),
		},
		{"seed", fmt.Sprint(first.Seed)},
		{"clock", string(first.Clock)},
		{"host", host.String()},
	}}
	if !host.Started.IsZero() {
		s.Timestamp = host.Started.UTC().Format("2006-01-02T15:04:05")
	}
	names, found := executors(group), findings.Of(group)
	for i, r := range group {
		c := junitCaseOf(r, plain(names[i]), found)
		s.Tests++
		s.spent += r.Makespan
		switch { // a suite counts cases, not flaws
		case len(c.Errors) > 0:
			s.Errors++
		case len(c.Fails) > 0:
			s.Fails++
		}
		s.Cases = append(s.Cases, c)
	}
	s.Time = seconds(s.spent)
	return s
}

func junitCaseOf(r *record.Recording, name string, found []findings.Finding) junitCase {
	c := junitCase{Class: plain(r.Scenario), Name: name, Time: seconds(r.Makespan)}
	for _, w := range r.Warnings {
		c.Out += "warning: " + block(w) + "\n"
	}
	if r.Interrupted {
		c.Errors = append(c.Errors, junitError(r, "interrupted", "The run was interrupted and is not judged."))
	}
	if r.Deadlock != "" {
		c.Errors = append(
			c.Errors,
			junitError(r, "deadlock", block(r.Deadlock)+"\nstuck: "+plain(text.List(r.Stuck, 20))),
		)
	}
	for _, f := range found {
		switch of := f.In(r); {
		case len(of) == 0:
		case f.Doubt != "":
			c.Errors = append(c.Errors, junitError(r, f.Doubt, junitDoubt(f, of)))
		default:
			c.Fails = append(c.Fails, junitFailure(r, f, of))
		}
	}
	c.Out += junitTimes(r)
	if kept := r.Kept(); kept != "" {
		c.Out += kept + "\n"
	}
	// A report of thousands of runs that passed must stay small.
	if about := summary.Connections(r); about != "" && len(c.Errors)+len(c.Fails) > 0 {
		c.Out += about + "\n"
	}
	return c
}

// junitFailure is a finding as the cases of one run show it.
func junitFailure(r *record.Recording, f findings.Finding, cases []findings.Case) junitFlaw {
	var said strings.Builder
	fmt.Fprintf(&said, "%s%s\n", place(record.Violation{File: f.File, Line: f.Line}, "%s:%d: "), plain(f.Title()))
	for _, c := range cases {
		fmt.Fprintf(&said, "got:  %s\nwant: %s\n%s", block(c.Got), block(c.Want), requests(c.Requests))
	}
	if cause := f.Cause(); cause != "" {
		fmt.Fprintf(&said, "cause: %s\n", cause)
	}
	if len(f.Runs()) > len(cases) {
		fmt.Fprintf(&said, "shown by %s\n", plain(f.On()))
	}
	for _, v := range r.Violations {
		if v.Check == f.Check {
			fmt.Fprintf(&said, "%s\n", plain(v.Reproduce))
			break
		}
	}
	message := record.Violation{Check: f.Check, Got: cases[0].Got, Want: cases[0].Want}.Summary()
	if more := len(cases) - 1; more > 0 {
		message += fmt.Sprintf(", and %d more", more)
	}
	return junitFlaw{Message: plain(message), Type: plain(f.Check), Text: said.String()}
}

// junitDoubt is why an expectation could not be judged in a run, and what would
// have it judged.
func junitDoubt(f findings.Finding, cases []findings.Case) string {
	var lines []string
	for _, c := range cases {
		lines = append(lines, plain(f.Title())+": "+block(c.Got)+"\n"+block(c.Want))
	}
	if cause := f.Cause(); cause != "" {
		lines = append(lines, "cause: "+cause)
	}
	return strings.Join(lines, "\n")
}

// junitTimes tells the percentiles of an open workload, one row a line.
func junitTimes(r *record.Recording) (told string) {
	head, rows := summary.Times(r)
	for _, row := range rows {
		told += row[1] + ":"
		for c, cell := range row[2:] {
			told += " " + head[c+2] + " " + cell
		}
		told += "\n"
	}
	if mark := summary.Marked(r); mark != "" && told != "" {
		told += mark + "\n"
	}
	return told
}

// junitError is an error of a whole run, which no line of the scenario's file
// stands for.
func junitError(r *record.Recording, kind, why string) junitFlaw {
	said := plain(r.File) + ": " + kind + "\n" + why + "\n"
	if r.Reproduce != "" {
		said += plain(r.Reproduce) + "\n"
	}
	return junitFlaw{Message: kind, Type: kind, Text: said}
}

// block is text of several lines.
func block(s string) string { return text.Visible(text.Clip(strings.TrimSpace(s), maxText)) }

// seconds are as JUnit writes them, to the microsecond.
func seconds(d time.Duration) string { return fmt.Sprintf("%.6f", max(d, 0).Seconds()) }

// requests lists what shows a violation, if anything does.
func requests(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return "requests:\n" + block(strings.Join(all, "\n")) + "\n"
}

// place returns where a scenario has what is violated; "" without a scenario.
func place(v record.Violation, format string) string {
	if v.File == "" {
		return ""
	}
	return fmt.Sprintf(format, plain(v.File), v.Line)
}
