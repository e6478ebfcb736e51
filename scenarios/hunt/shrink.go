package hunt

import (
	"slices"
	"strings"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/scenarios/strict"
	"github.com/teapot-go/teapot/servers/interleave"
)

// maxTries is how many smaller worlds are tried for a failure.
const maxTries = 2000

// A shrinker makes the file of a failing world smaller. It changes the file,
// runs what it says, and keeps the change if the run fails in the same way. A
// change that makes the file invalid costs nothing.
//
// What says which client is correct stays as it is: a client that is mended
// later must pass the world that is left.
type shrinker struct {
	source  *source
	world   *world
	kind    kind
	confirm int // how many runs of a world must fail
	try     func(scenarios.Case) (*record.Recording, error)

	known map[string]bool // whether a file failed
	best  *strict.Node
	rec   *record.Recording // of the best
	tries int
}

// run finds the smallest world. It reports whether there is any file whose
// world fails in the same way.
func (s *shrinker) run() (found bool) {
	if !s.begin() {
		return false
	}
	for range 4 {
		before := string(s.best.YAML())
		s.keys()
		s.pin()
		s.list("server", "faults")
		s.keys()
		s.latency()
		s.numbers()
		s.remove()
		if s.done() || string(s.best.YAML()) == before {
			break
		}
	}
	return true
}

// done reports whether no other world is tried.
func (s *shrinker) done() bool { return s.tries >= maxTries }

// fails reports whether the world of a file fails in the same way. The file
// then is the best.
func (s *shrinker) fails(tree *strict.Node) bool {
	text := string(tree.YAML())
	if s.known[text] || s.done() {
		return false // it is the best, or did not fail
	}
	c, ok := s.source.parse(tree)
	if !ok {
		return false
	}
	s.known[text] = true
	s.tries++
	var rec *record.Recording
	for range s.confirm {
		var err error
		if rec, err = s.try(c); err != nil || rec.Interrupted || !shows(rec, s.kind) {
			return false // what cannot be run, as a task without the server that it needs, is no smaller world
		}
	}
	s.best, s.rec = tree, rec
	return true
}

// shows reports whether a run fails in a way.
func shows(rec *record.Recording, k kind) bool { return slices.Contains(kindsOf(rec), k) }

// begin finds the first file whose world fails: with keys that are listed one
// by one and the expectations that a smaller world can meet, or else with as
// much of that as can be.
func (s *shrinker) begin() bool {
	whole := s.source.alone(s.world)
	if way, err := interleave.Parse(whole.At(interleavePath).Text()); err == nil {
		whole.Set(way.In(s.world.seed).String(), interleavePath) // a person sees which
	}
	judged := whole.Clone()
	for _, key := range judged.At("expect").Steps() {
		if key != s.kind.check && !contract["expect."+key] {
			judged.Remove("expect", key)
		}
	}
	keys := s.world.c.Scenario.Keys()
	return slices.ContainsFunc([]*strict.Node{closed(judged, keys), judged, closed(whole, keys), whole}, s.fails)
}

// change tries a change of the best file.
func (s *shrinker) change(edit func(tree *strict.Node)) bool {
	tree := s.best.Clone()
	edit(tree)
	return s.fails(tree) || s.failsInTurn(tree)
}

// orders is how many other orders of what happens at one instant a change is
// tried with. Each change has its own, in which the failure may be missing.
const orders = 8

// failsInTurn reports whether the world of a file fails in the same way in
// another order of what happens at one instant, if the file has any.
func (s *shrinker) failsInTurn(tree *strict.Node) bool {
	way, err := interleave.Parse(tree.At(interleavePath).Text())
	if err != nil {
		return false
	}
	for seed := range uint64(orders) {
		other := tree.Clone()
		if other.Set(way.Seeded(seed).String(), interleavePath); s.fails(other) {
			return true
		}
	}
	return false
}

const interleavePath = "interleave"

// list leaves out items of a list.
func (s *shrinker) list(path ...string) {
	if !s.change(func(tree *strict.Node) { tree.Remove(path...) }) {
		ddmin(s.best.At(path...).Items(), func(part []*strict.Node) bool {
			return s.change(func(tree *strict.Node) { tree.Set(part, path...) })
		})
	}
}

// keys leaves out keys of the workload, and with them the faults that are
// pinned to their requests.
func (s *shrinker) keys() {
	for _, at := range []string{"flags", "keys"} {
		ddmin(s.best.At("workload", at).Items(), func(part []*strict.Node) bool {
			left := map[string]bool{}
			for _, key := range part {
				left[key.Text()] = true
			}
			return s.change(func(tree *strict.Node) {
				tree.Set(part, "workload", at)
				var faults []*strict.Node
				for _, f := range tree.At("server", "faults").Items() {
					if key := f.At("at", "key"); key == nil || left[key.Text()] {
						faults = append(faults, f)
					}
				}
				if faults != nil {
					tree.Set(faults, "server", "faults")
				} else {
					tree.Remove("server", "faults")
				}
			})
		})
	}
}

// conditions are the keys of a fault that select requests.
var conditions = []string{"rate", "keys", "except", "attempts", "every", "from", "until"}

// pin replaces the faults by those that were met, each at the one request that
// it struck.
func (s *shrinker) pin() {
	faults := s.best.At("server", "faults").Items()
	if !slices.ContainsFunc(faults, func(f *strict.Node) bool { return f.At("at") == nil }) {
		return
	}
	pinned := func(timed bool) (all []*strict.Node) {
		for _, key := range sortedKeys(s.rec.Struck) {
			for _, r := range s.rec.Struck[key] {
				if r.Attempt > allowed(s.best) || r.Rule > len(faults) {
					continue
				}
				f := pin(faults[r.Rule-1], key, r.Attempt)
				for _, window := range []string{"from", "until"} {
					if was := faults[r.Rule-1].At(window); timed && was != nil {
						f.Set(was.Clone(), window)
					}
				}
				all = append(all, f)
			}
		}
		return all
	}
	for _, timed := range []bool{false, true} {
		if all := pinned(timed); all != nil && s.change(func(tree *strict.Node) { tree.Set(all, "server", "faults") }) {
			return
		}
	}
}

// simple are simple values of what may have any.
var simple = []struct {
	path   []string
	values []any
}{
	{[]string{"executors", "0", "workers"}, []any{1, 2, 3, 5}},
	{[]string{"executors", "0", "limit"}, []any{1, 2, 3, 5}},
	{[]string{"workload", "attempts"}, []any{1, 2, 3, 5}},
	{[]string{"workload", "timeout"}, []any{"1s", "10s"}},
}

// numbers replaces numbers and durations by the first simple one that will do.
func (s *shrinker) numbers() {
	for _, n := range simple {
		pool := n.path[0] == "executors"
		if s.best.At(n.path...) == nil || pool && s.ownPool() || !pool && s.kept(n.path) {
			continue
		}
		for _, value := range n.values {
			if strict.NewNode(value).Text() == s.best.At(n.path...).Text() ||
				s.change(func(tree *strict.Node) { tree.Set(value, n.path...) }) {
				break
			}
		}
	}
}

// latency replaces latencies that are drawn by a simple one. The seed draws
// which of two answers of one instant comes first, so that each latency is
// tried with some others.
func (s *shrinker) latency() {
	drawn := s.best.At("server", "latency").Text()
	if !strings.Contains(drawn, "(") {
		return
	}
	for _, latency := range []string{"", "1ms", "10ms", "100ms", "1s"} {
		for seed := range 6 {
			if s.change(func(tree *strict.Node) {
				if tree.Set(latency, "server", "latency"); latency == "" {
					tree.Remove("server", "latency")
				}
				if seed > 0 {
					tree.Set(seed-1, "seed")
				}
			}) {
				return
			}
		}
	}
}

// remove leaves out whatever can be left out.
func (s *shrinker) remove() { s.removeBelow(nil) }

func (s *shrinker) removeBelow(path []string) {
	at := s.best.At(path...)
	steps := at.Steps()
	slices.Reverse(steps) // so that the numbers of items stay
	for _, step := range steps {
		below := append(slices.Clone(path), step)
		if s.done() {
			return
		}
		if s.kept(below) || !s.change(func(tree *strict.Node) { tree.Remove(below...) }) {
			s.removeBelow(below)
		}
	}
}

// contract are the keys that say which client is correct, or what it is. A
// world keeps them.
var contract = map[string]bool{
	"name": true, "clock": true, "deadline": true, "executors": true, "workload.task": true, "workload.batch": true,
	"workload.retry": true, "workload.attempts": true, "workload.timeout": true, "workload.unasked": true,
	"workload.reads": true, "workload.deliver": true,
	"server.content": true, "server.key": true, "server.attempts": true,
	"expect.classification": true, "expect.success": true, "expect.retries": true, "expect.order": true,
	"expect.leaks": true,
}

// ownPool reports whether the program under test has a pool of its own, and may
// have its workers whatever a file says.
func (s *shrinker) ownPool() bool { return s.best.At("workload", "batch") != nil }

// kept reports whether what is at a path must stay: it is of the contract, or
// has something below it that is.
func (s *shrinker) kept(path []string) bool {
	at := strings.Join(path, ".")
	for key := range contract {
		// download does as the workload says
		simpler := downloads(s.world.tree) && (key == "workload.attempts" || key == "workload.timeout")
		below := strings.HasPrefix(key, at+".") && s.best.At(strings.Split(key, ".")...) != nil
		if !simpler && (at == key || strings.HasPrefix(at, key+".") || below) {
			return true
		}
	}
	return false
}
