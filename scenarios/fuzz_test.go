package scenarios

import (
	"slices"
	"testing"

	"github.com/teapot-go/teapot/executor"
)

// registered is a vocabulary with an executor and a task of one's own.
var registered = Vocabulary{
	Executors: map[string]func(int) (executor.Executor, error){"mine": executor.NewPool},
	Tasks:     map[string]Task{"crawl": Requests(Download)},
}

// FuzzParse holds Parse to what is true of every file: it returns a scenario that can be run, or mistakes at places that exist.
func FuzzParse(f *testing.F) {
	for _, dir := range []string{".", "testdata/good", "testdata/bad"} {
		for _, file := range filesIn(f, dir) {
			f.Add(contents(f, file))
		}
	}
	f.Fuzz(func(t *testing.T, source []byte) {
		s, mistakes := registered.Parse("fuzz.yaml", source)
		if (s == nil) != (len(mistakes) > 0) {
			t.Fatalf("scenario %v and %d mistakes", s, len(mistakes))
		}
		checkMistakes(t, source, mistakes)
		if s != nil {
			checkScenario(t, s, source)
		}
	})
}

// checkScenario holds a scenario to what is true of all that are read without a mistake.
func checkScenario(t *testing.T, s *Scenario, source []byte) {
	t.Helper()
	if len(s.keys()) == 0 {
		t.Error("no keys")
	}
	cases := s.Cases()
	if len(cases) == 0 {
		t.Error("no cases")
	}
	var names []string
	for _, c := range cases {
		names = append(names, c.Name())
		if c.Workers < 0 || c.Workers > maxCount {
			t.Errorf("%s: %d workers", c.Name(), c.Workers)
		}
	}
	slices.Sort(names)
	if len(slices.Compact(slices.Clone(names))) != len(cases) {
		t.Errorf("two cases of one name: %q", names)
	}
	for _, path := range paths(s) {
		if line, column := s.document.Place(path); !inside(source, line, column) {
			t.Errorf("%s: %d:%d is not in the file", path, line, column)
		}
	}
	if s.Clock == "" || s.Workload.Deliver == "" || !validName.MatchString(s.Name) {
		t.Errorf("clock %q, deliver %q, name %q", s.Clock, s.Workload.Deliver, s.Name)
	}
	if s.Expect.Order == "completion" && s.Workload.Deliver == "map" || s.Expect.Efficiency.Bound > 1 {
		t.Errorf("cannot be met: order %s of a map, or efficiency %v", s.Expect.Order, s.Expect.Efficiency)
	}
	if s.Expect.Speedup != nil {
		if _, err := s.reference(); err != nil {
			t.Error(err)
		}
	}
}
