package scenarios

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/teapot-go/teapot/executor"
)

// A Vocabulary is what scenario files may name. The zero value knows what is built in: the executors sequential, pool and async, and the
// tasks download and loiter. A program adds its own under other names.
type Vocabulary struct {
	// Executors makes an executor of a kind, for so many workers, 0 where the file does not say.
	Executors map[string]func(workers int) (executor.Executor, error)
	// Tasks makes the workload of a task.
	Tasks map[string]Task
}

const (
	maxFile     = 1 << 17 // bytes that a scenario file may have; the longest one that makes sense lists a few thousand keys
	maxMistakes = 100     // mistakes of a file that are told one by one
)

// Load reads a scenario file, or every *.yaml and *.yml file of a folder (not of the folders in it), in order of name. The error is of
// type [Mistakes], with all that is wrong in all the files, unless a file could not be read at all.
//
// shown is how messages and reports name the root of fsys: "scenarios/error.yaml" for the file "error.yaml" and the root "scenarios".
func (v Vocabulary) Load(fsys fs.FS, name, shown string) ([]*Scenario, error) {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, err
	}
	names := []string{name}
	if info.IsDir() {
		if names, err = filesOf(fsys, name); err != nil {
			return nil, err
		}
		if len(names) == 0 {
			return nil, fmt.Errorf("%s: no scenario in this folder: want *.yaml or *.yml files", path.Join(shown, name))
		}
	}
	var loaded []*Scenario
	var mistakes Mistakes
	for _, name := range names {
		s, wrong, err := v.load(fsys, name, path.Join(shown, name))
		if err != nil {
			return nil, err
		}
		loaded, mistakes = append(loaded, s), append(mistakes, wrong...)
	}
	mistakes = append(mistakes, namesakes(loaded)...)
	if mistakes != nil {
		return nil, mistakes
	}
	return loaded, nil
}

func filesOf(fsys fs.FS, dir string) ([]string, error) {
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if ext := path.Ext(e.Name()); !e.IsDir() && (ext == ".yaml" || ext == ".yml") {
			names = append(names, path.Join(dir, e.Name()))
		}
	}
	return names, nil
}

// load reads one file. The error is about reading it; what is wrong in it is in the mistakes.
func (v Vocabulary) load(fsys fs.FS, name, shown string) (*Scenario, Mistakes, error) {
	source, err := read(fsys, name)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", shown, err)
	}
	s, mistakes := v.Parse(shown, source)
	return s, mistakes, nil
}

// read reads at most one byte more than a scenario may have.
func read(fsys fs.FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	source, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	return source, errors.Join(err, f.Close())
}

// Parse reads the scenario in source. file is how messages and reports name it.
func (v Vocabulary) Parse(file string, source []byte) (*Scenario, Mistakes) {
	d := &decoder{file: file, lines: []string{""}, places: map[string]place{}, values: map[string]place{}, spoilt: map[string]bool{}}
	if len(source) > maxFile {
		d.at(place{1, 1}, "the file is larger than %d bytes: no scenario is", maxFile)
		return nil, d.mistakes
	}
	text := lineEnds.Replace(strings.TrimPrefix(string(source), "\ufeff"))
	d.lines = strings.Split(text, "\n")
	s := &Scenario{file: file, lines: d.lines, places: d.places}
	if !d.isText() {
		return nil, d.mistakes
	}
	if body := d.document(text); body != nil {
		d.value(body, reflect.ValueOf(s).Elem(), "")
		v.validate(d, s)
	}
	if d.mistakes != nil {
		return nil, d.mistakes.sorted().first(maxMistakes)
	}
	return s, nil
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// isText complains of the first character that is none, and takes the lines apart.
func (d *decoder) isText() bool {
	for i, line := range d.lines {
		d.runes = append(d.runes, []rune(line))
		column := 1
		for j, r := range line {
			if invalid := r == utf8.RuneError && !strings.HasPrefix(line[j:], string(r)); invalid || unprintable(r) {
				d.at(place{i + 1, column}, "the file is not text here: want YAML in UTF-8, without control characters")
				return false
			}
			column++
		}
	}
	return true
}

var validName = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// validate finds what is wrong with a scenario whose every part is right by itself.
func (v Vocabulary) validate(d *decoder, s *Scenario) {
	if d.has("name") && !validName.MatchString(s.Name) {
		d.wrong("name", "%s: want lower-case letters and digits, in words joined by hyphens", cite(s.Name))
	}
	if s.Clock == "" {
		s.Clock = defaultClock
	}
	if s.Workload.Deliver == "" {
		s.Workload.Deliver = defaultDeliver
	}
	v.validateWorkload(d, s)
	v.validateExecutors(d, s)
	validateExpect(d, s)
}

func (v Vocabulary) validateWorkload(d *decoder, s *Scenario) {
	const task, flags, keys = "workload.task", "workload.flags", "workload.keys"
	if !d.has(task) || !d.sound(task) {
		return
	}
	w, tasks := s.Workload, v.tasks()
	switch _, known := tasks[w.Task]; {
	case !known:
		d.unknown(task, w.Task, slices.Sorted(maps.Keys(tasks)))
	case w.Task == "download":
		d.needs(task, "a download", "server")
		if !d.refuses(keys, "a download has no keys: want flags") {
			d.needs(task, "a download", flags)
		}
	case w.Task == "loiter":
		d.refuses("server", "a loiter talks to no server")
		d.refuses("workload.timeout", "a loiter waits for no answer")
		if !d.refuses(flags, "a loiter has no flags: want keys") {
			d.needs(task, "a loiter", keys)
		}
		for i, key := range w.Keys {
			if _, err := seconds(key); err != nil {
				d.wrong(indexed(keys, i), "%v", err)
			}
		}
	case d.has(flags):
		d.refuses(keys, "flags and keys are both there: want one of them")
	case d.sound(flags):
		d.needs(task, "this task", keys)
	}
}

func (v Vocabulary) validateExecutors(d *decoder, s *Scenario) {
	if d.has("executors") && len(s.Executors) == 0 {
		d.wrong("executors", "the list is empty: want at least one executor")
	}
	kinds := v.executors()
	for i, e := range s.Executors {
		at := indexed("executors", i)
		switch _, known := kinds[e.Kind]; {
		case !d.sound(at + ".kind"):
		case !known:
			d.unknown(at+".kind", e.Kind, slices.Sorted(maps.Keys(kinds)))
		case e.Kind == "sequential":
			d.refuses(at+".workers", "a sequential executor has one worker")
			d.refuses(at+".limit", "a sequential executor has one worker")
		case e.Kind == "pool":
			d.refuses(at+".limit", "a pool is limited by its workers: want workers")
		case e.Kind == "async":
			d.refuses(at+".workers", "an async executor has no workers: want limit")
		case d.has(at + ".workers"):
			d.refuses(at+".limit", "workers and limit are both there: want one of them")
		}
	}
	seen := map[string]int{}
	for _, c := range s.Cases() {
		at := indexed("executors", c.entry)
		switch first, twice := seen[c.Executor()]; {
		case !d.sound(at):
		case !twice:
			seen[c.Executor()] = c.entry
		case first == c.entry:
			d.wrong(at, "%s is there twice", c.Executor())
		default:
			d.wrong(at, "%s is there already, as %s", c.Executor(), indexed("executors", first))
		}
	}
}

// validateExpect rejects expectations that nothing could be checked against.
func validateExpect(d *decoder, s *Scenario) {
	if s.Clock != clockVirtual && d.sound("clock") {
		for _, key := range []string{"p50", "p90", "p95", "p99", "max", "schedule"} {
			d.refuses("expect."+key, "a real clock measures the machine as well: absolute times need clock: virtual")
		}
	}
	if over := "expect.speedup.over"; d.has(over) && d.sound(over) && d.sound("executors") {
		if _, err := s.reference(); err != nil {
			d.wrong(over, "%v", err)
		} else if len(s.Cases()) == 1 {
			d.wrong(over, "%s is the only executor: want another to compare with it", s.Expect.Speedup.Over)
		}
	}
	if n := len(s.keys()); s.Expect.Outcomes != nil && n > 0 && d.sound("workload") {
		total := 0
		for _, count := range s.Expect.Outcomes {
			total += count
		}
		if total != n {
			d.wrong("expect.outcomes", "the outcomes add up to %d, but the workload has %d tasks", total, n)
		}
	}
}

// unknown complains of a name that is not in the vocabulary.
func (d *decoder) unknown(path, name string, accepted []string) {
	d.wrong(path, "%s: want %s%s", cite(name), anyOf(accepted), didYouMean(resembling(name, accepted)))
}

// needs complains of a path that is not there, where the thing stands that needs it.
func (d *decoder) needs(at, what, path string) {
	if !d.has(path) && d.sound(path) {
		d.wrong(at, "%s needs the key %s", what, path)
	}
}

// refuses complains of a path that is there, and says whether it is.
func (d *decoder) refuses(path, why string) bool {
	if d.has(path) {
		d.spoil(path)
		d.at(d.places[path], "%s: %s", path, why)
	}
	return d.has(path)
}

// wrong complains of a value, unless it has a mistake already.
func (d *decoder) wrong(path, format string, args ...any) {
	if p, there := d.values[path]; there && d.sound(path) {
		d.spoil(path)
		d.at(p, path+": "+format, args...)
	}
}

// namesakes complains of scenarios that share a name, because reports and the command line tell them apart by it.
func namesakes(loaded []*Scenario) Mistakes {
	var mistakes Mistakes
	first := map[string]*Scenario{}
	for _, s := range loaded {
		if s == nil {
			continue
		}
		if other, taken := first[s.Name]; taken {
			p, message := s.places["name"], fmt.Sprintf("name: %s is the name of %s already", cite(s.Name), other.file)
			mistakes = append(mistakes, Mistake{s.file, p.line, p.column, message, s.lines[p.line-1]})
		} else {
			first[s.Name] = s
		}
	}
	return mistakes
}
