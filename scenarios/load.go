package scenarios

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
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

// maxFile is the size that a scenario file may have. The longest one that makes sense lists a few thousand keys.
const maxFile = 1 << 20

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
		return nil, nil, err
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
	d := &decoder{file: file, places: map[string]place{}}
	switch {
	case len(source) > maxFile:
		d.at(place{1, 1}, "the file is larger than %d bytes: no scenario is", maxFile)
		return nil, d.mistakes
	case bytes.IndexByte(source, 0) >= 0 || !utf8.Valid(source):
		d.at(place{1, 1}, "the file is not text: want YAML in UTF-8")
		return nil, d.mistakes
	}
	d.lines = strings.Split(string(source), "\n")
	s := &Scenario{file: file, places: d.places}
	if body := d.parse(source); body != nil {
		d.decode(body, s)
		v.validate(d, s)
	}
	if d.mistakes != nil {
		return nil, d.mistakes.sorted()
	}
	return s, nil
}

var validName = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// validate finds what is wrong with a scenario whose every part is right by itself.
func (v Vocabulary) validate(d *decoder, s *Scenario) {
	if d.has("name") && !validName.MatchString(s.Name) {
		d.wrong("name", "%q: want lower-case letters and digits, in words joined by hyphens", s.Name)
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
	w, tasks := s.Workload, v.tasks()
	switch _, known := tasks[w.Task]; {
	case !d.has("workload.task"):
	case !known:
		accepted := slices.Sorted(maps.Keys(tasks))
		d.wrong("workload.task", "%q: want %s%s", w.Task, strings.Join(accepted, ", "), resembling(w.Task, accepted))
	case w.Task == "download":
		d.needs("workload.task", "a download", "workload.flags", "server")
		d.refuses("workload.keys", "a download's keys are its flags")
	case w.Task == "loiter":
		d.needs("workload.task", "a loiter", "workload.keys")
		d.refuses("workload.flags", "flags are the keys of a download")
		d.refuses("server", "a loiter talks to no server")
		for i, key := range w.Keys {
			if _, err := seconds(key); err != nil {
				d.wrong(indexed("workload.keys", i), "%v", err)
			}
		}
	case !d.has("workload.keys") && !d.has("workload.flags"):
		d.wrong("workload.task", "%s needs workload.keys or workload.flags", w.Task)
	}
	if d.has("workload.keys") && d.has("workload.flags") && w.Task != "download" && w.Task != "loiter" {
		d.wrong("workload.flags", "flags and keys are both there: want one of them")
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
		case !d.has(at + ".kind"):
		case !known:
			accepted := slices.Sorted(maps.Keys(kinds))
			d.wrong(at+".kind", "%q: want %s%s", e.Kind, strings.Join(accepted, ", "), resembling(e.Kind, accepted))
		case e.Kind == "sequential":
			d.refuses(at+".workers", "a sequential executor has one worker")
			d.refuses(at+".limit", "a sequential executor has one worker")
		case e.Kind == "pool":
			d.refuses(at+".limit", "a pool is limited by its workers")
		case e.Kind == "async":
			d.refuses(at+".workers", "an async executor has no workers: want limit")
		case d.has(at+".workers") && d.has(at+".limit"):
			d.wrong(at+".limit", "workers and limit are both there: want one of them")
		}
	}
	seen := map[string]int{}
	for _, c := range s.Cases() {
		if first, twice := seen[c.Executor()]; twice {
			d.wrong(indexed("executors", c.entry), "%s stands in the list already, as number %d", c.Executor(), first+1)
		} else {
			seen[c.Executor()] = c.entry
		}
	}
}

// validateExpect rejects expectations that nothing could be checked against.
func validateExpect(d *decoder, s *Scenario) {
	if s.Clock != clockVirtual {
		for _, key := range []string{"p50", "p90", "p95", "p99", "max", "schedule"} {
			d.refuses("expect."+key, "a real clock measures the machine as well: absolute times need clock: virtual")
		}
	}
	if s.Expect.Speedup != nil && d.has("expect.speedup.over") {
		if _, err := s.reference(); err != nil {
			d.wrong("expect.speedup.over", "%v", err)
		}
	}
	if n := len(s.keys()); s.Expect.Outcomes != nil && n > 0 {
		total := 0
		for _, count := range s.Expect.Outcomes {
			total += count
		}
		if total != n {
			d.wrong("expect.outcomes", "the outcomes add up to %d, but the workload has %d tasks", total, n)
		}
	}
}

// has says whether the file has something at a path.
func (d *decoder) has(path string) bool {
	_, there := d.places[path]
	return there
}

// needs complains of each path that is not there, where the thing stands that needs it.
func (d *decoder) needs(at, what string, paths ...string) {
	for _, p := range paths {
		if !d.has(p) {
			d.wrong(at, "%s needs %s", what, p)
		}
	}
}

// refuses complains of a path that is there.
func (d *decoder) refuses(path, why string) {
	if d.has(path) {
		d.wrong(path, "%s", why)
	}
}

func (d *decoder) wrong(path, format string, args ...any) {
	d.at(d.places[path], path+": "+format, args...)
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
			p := s.places["name"]
			mistakes = append(mistakes, Mistake{
				File: s.file, Line: p.line, Column: p.column,
				Message: fmt.Sprintf("name: %q is the name of %s already", s.Name, other.file),
			})
		} else {
			first[s.Name] = s
		}
	}
	return mistakes
}
