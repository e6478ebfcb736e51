package program

import (
	"strconv"
	"strings"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios/strict"
)

// A Command is a task that a program does, in any language.
type Command struct {
	// Command lists the program and its arguments, such as [curl, --fail,
	// "{url}"]. In an argument {url}, {key}, {attempt}, {task} and
	// {timeout}, in seconds, stand for those of the task. It runs in the
	// folder of the scenario file, which a path to it is relative to.
	Command []string `yaml:"command" jsonschema:"required" such:"[curl, --fail, \"{url}\"]"`
	// Exit has the class that each exit status of the program stands for,
	// or a list of classes that it may stand for, such as {22: [status,
	// not_found]}. The default of 0 is ok. An exit status without a class
	// is a failure of which it is not known whether it is the right one.
	Exit ExitRule `yaml:"exit"`
	// Output is what the program prints: ignored (the default), body (what
	// it has downloaded, whose length and digest are judged) or report (its
	// last line is a report in JSON, such as {"status": 200, "bytes": 3208}
	// or {"class": "timeout"}).
	Output Output `yaml:"output"`
	// Lines has one process do all tasks. It reads lines such as {"key":
	// "BR", "url": "http://…", "attempt": 1, "task": 7}, several before it
	// answers, and writes a line for each, in any order: {"task": 7,
	// "status": 200, "bytes": 3208}. The default is false: a process for
	// each task. It excludes exit and output.
	Lines Truth `yaml:"lines"`
	// Proxy has the program reach the server as a proxy for HTTP, whose
	// address is in HTTP_PROXY, so that it may ask for any host. The
	// default is false. It needs protocol: http.
	Proxy Truth `yaml:"proxy"`
}

// A Whole is a whole program, which does all keys with a pool of its own, in
// any language.
type Whole struct {
	// Command lists the program and its arguments, such as [python3, crawl.py,
	// "{workers}"], in which {workers} stands for the number of the executor.
	// It reads a line such as {"key": "BR", "url": "http://…", "attempt": 1,
	// "task": 7} for each task, up to the end of its input, and writes a line
	// such as {"task": 7, "status": 200, "bytes": 3208} for each result, in the
	// order in which it delivers them. It runs in the folder of the scenario
	// file.
	Command []string `yaml:"command" jsonschema:"required" such:"[python3, crawl.py, \"{workers}\"]"`
	// Proxy has the program reach the server as a proxy for HTTP, as that of
	// workload.task does. The default is false.
	Proxy Truth `yaml:"proxy"`
}

// An ExitRule has the classes that each exit status may stand for.
type ExitRule map[int][]record.Class

// A Truth is true or false.
type Truth bool

var (
	_ strict.Union  = new(ExitRule)
	_ strict.Enum   = Output("")
	_ strict.Scalar = new(Truth)
)

// Values implements [strict.Enum].
func (Output) Values() []string { return []string{string(Ignored), string(Body), string(Report)} }

// Accepts implements [strict.Scalar].
func (Truth) Accepts() string { return "true or false" }

// Parse implements [strict.Scalar].
func (t *Truth) Parse(text string) error {
	if *t = text == "true"; text != "true" && text != "false" {
		return strict.ErrUnacceptable
	}
	return nil
}

// Accepts implements [strict.Union].
func (ExitRule) Accepts() string { return "the class of each exit status, such as {0: ok, 22: status}" }

// exitClasses are the classes that an exit status may stand for.
func exitClasses() []string {
	var words []string
	for _, c := range record.Classes() {
		if c != record.Lost {
			words = append(words, string(c))
		}
	}
	return words
}

// Decode implements [strict.Union].
func (e *ExitRule) Decode(v strict.Value) {
	if !v.IsMapping() {
		v.Errorf("want %s", e.Accepts())
		return
	}
	*e = ExitRule{}
	want := "one of " + strings.Join(exitClasses(), ", ")
	for name, value := range v.Pairs("an exit status from 0 to 255") {
		status, err := strconv.Atoi(name)
		if err != nil || status < 0 || status > 255 || name != strconv.Itoa(status) {
			value.Errorf("%s: want an exit status from 0 to 255 before it", strict.Quote(name))
			continue
		}
		items := []strict.Value{value}
		if value.IsList() {
			items = value.Items()
		}
		if len(items) == 0 || status == 0 && len(items) > 1 {
			value.Errorf("%d classes: want %s", len(items), want)
		}
		for _, item := range items {
			class, _ := item.OneOf(want, exitClasses()...)
			(*e)[status] = append((*e)[status], record.Class(class))
		}
	}
}
