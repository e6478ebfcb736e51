package scenarios

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/harness/checks"
	"github.com/teapot-go/teapot/scenarios/strict"
)

// A Vocabulary is what scenario files may name. The zero value knows what is
// built in: the executors sequential, pool and async, and the tasks download
// and loiter. A program adds its own under other names.
type Vocabulary struct {
	// Executors makes an executor of a kind, for so many workers, 0 where the
	// file does not say.
	Executors map[string]func(workers int) (executor.Executor, error)
	// Tasks makes the workload of a task.
	Tasks map[string]WorkloadFunc
}

// Load reads a scenario file, or every *.yaml and *.yml file of a folder (not
// of the folders in it), in order of name. The error is of type
// [strict.Mistakes], with all that is wrong in all the files, unless a file
// could not be read at all.
//
// shown is how messages and reports name the root of fsys:
// "scenarios/error.yaml" for the file "error.yaml" and the root "scenarios".
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
	var mistakes strict.Mistakes
	for _, name := range names {
		file := path.Join(shown, name)
		source, err := read(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		s, wrong := v.Parse(file, source)
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

// read reads at most one byte more than a file may have.
func read(fsys fs.FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	source, err := io.ReadAll(io.LimitReader(f, strict.MaxBytes+1))
	return source, errors.Join(err, f.Close())
}

// Parse reads the scenario in source. file is how messages and reports name it.
func (v Vocabulary) Parse(file string, source []byte) (*Scenario, strict.Mistakes) {
	s := &Scenario{file: file, source: string(source)}
	s.document = strict.Decode(file, source, s)
	v.validate(s.document, s)
	if mistakes := s.document.Mistakes(); mistakes != nil {
		return nil, mistakes
	}
	return s, nil
}

var validName = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// validate finds what is wrong with a scenario whose every part is right by
// itself.
func (v Vocabulary) validate(d *strict.Document, s *Scenario) {
	if d.Has("name") && !validName.MatchString(s.Name) {
		d.Wrong("name", "%s: want lower-case letters and digits, in words joined by hyphens", strict.Cite(s.Name))
	}
	s.Clock = cmp.Or(s.Clock, defaultClock)
	s.Workload.Deliver = cmp.Or(s.Workload.Deliver, defaultDeliver)
	validateServer(d, s)
	v.validateWorkload(d, s)
	v.validateExecutors(d, s)
	validateServing(d, s)
	validateStrikes(d, s)
	validateExpect(d, s)
}

// validateExpect rejects expectations that nothing could be checked against.
func validateExpect(d *strict.Document, s *Scenario) {
	if s.Clock != clockVirtual && d.Sound("clock") {
		for _, key := range []string{"p50", "p90", "p95", "p99", "max", "schedule"} {
			d.Refuses("expect."+key, "a real clock measures the machine as well: absolute times need clock: virtual")
		}
	}
	if over := "expect.speedup.over"; d.Has(over) && d.Sound(over) && d.Sound("executors") {
		if _, err := s.reference(); err != nil {
			d.Wrong(over, "%v", err)
		} else if len(s.Cases()) == 1 {
			d.Wrong(over, "%s is the only executor: want another to compare with it", s.Expect.Speedup.Over)
		}
	}
	if s.Expect.Order == ordering(checks.ByCompletion) && s.Workload.Deliver == defaultDeliver && d.Sound("workload") {
		d.Wrong("expect.order", "a map delivers in order of submission: want workload.deliver: as_completed")
	}
	if n := len(s.keys()); s.Expect.Outcomes != nil && n > 0 && d.Sound("workload") {
		total := 0
		for _, count := range s.Expect.Outcomes {
			total += count
		}
		if total != n {
			d.Wrong("expect.outcomes", "the outcomes add up to %d, but the workload has %d tasks", total, n)
		}
	}
}

// namesakes complains of scenarios that share a name, because reports and the
// command line tell them apart by it.
func namesakes(loaded []*Scenario) strict.Mistakes {
	var mistakes strict.Mistakes
	first := map[string]*Scenario{}
	for _, s := range loaded {
		if s == nil {
			continue
		}
		if other, taken := first[s.Name]; taken {
			s.document.Refuses("name", fmt.Sprintf("%s is the name of %s already", strict.Cite(s.Name), other.file))
			mistakes = append(mistakes, s.document.Mistakes()...)
		} else {
			first[s.Name] = s
		}
	}
	return mistakes
}

// item is the path of an item of a list.
func item(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }
