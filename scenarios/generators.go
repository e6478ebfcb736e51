package scenarios

import (
	"fmt"

	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/scenarios/strict"
	"github.com/teapot-go/teapot/servers"
)

const generatorsPath = "workload.generators"

// generators returns how many load generators share the arrivals.
func (s *Scenario) generators() int { return max(1, int(s.Workload.Generators)) }

// validateGenerators reports load generators that have nothing to share, or
// that could not share it.
func validateGenerators(d *strict.Document, s *Scenario) {
	if !d.Has(generatorsPath) || !d.Valid(generatorsPath) {
		return
	}
	switch {
	case d.Has(batchPath):
		d.Reject(generatorsPath, "a batch has all keys at once, and generators share arrivals: remove one of them")
	case d.Has(usersPath):
		d.Reject(generatorsPath, "users go on as their tasks end, and generators share arrivals: remove one of them")
	case s.Workload.Arrivals == nil:
		if d.Valid(arrivalsPath) {
			d.Reject(generatorsPath, "generators share arrivals, and all tasks are due at once: want workload.arrivals")
		}
	case d.Has(findPath):
		d.Reject(generatorsPath, "a search tries one rate after another with one generator: remove find, or generators")
	case d.Mistakes() == nil && len(s.keys()) < s.generators():
		d.Errorf(generatorsPath, "%d: want at most %d, the number of arrivals", s.generators(), len(s.keys()))
	}
}

// validateGenerating reports executor i if it is a map, or a cluster, beside
// several load generators.
func validateGenerating(d *strict.Document, s *Scenario, i int, kind executorKind) {
	at := itemPath("executors", i) + ".kind"
	switch {
	case s.generators() == 1:
	case kind.openMap != nil:
		d.Errorf(at, "%s: it is a map, and each of several generators hands its tasks to an executor: want an "+
			"executor, or remove generators", s.Executors[i].Kind)
	case s.Executors[i].Kind == clusterKind:
		d.Errorf(at, "%s: its workers would be shared by several generators: want another kind, or remove generators",
			clusterKind)
	}
}

// openGenerators returns the workload of several load generators, each with a
// client of its own for the server.
func openGenerators(s *Scenario, server *servers.Server, open WorkloadFunc) (*harness.Workload, error) {
	var all harness.Workload
	for k := range s.generators() {
		client := server
		if server != nil {
			client = server.WithClient()
		}
		w, err := open(s, client)
		if err == nil && w == nil {
			err = fmt.Errorf("the workload of generator %d is nil", k+1)
		}
		if err != nil {
			for _, w := range all.Generators {
				if w.Release != nil {
					w.Release()
				}
				if w.Close != nil {
					_, _ = w.Close() // the error above is why
				}
			}
			return nil, err
		}
		if client != nil {
			w.Close = closing(w.Close, client)
		}
		all.Oracle = w.Oracle
		all.Generators = append(all.Generators, w)
	}
	return &all, nil
}

// closing returns a Close of a workload that closes the client of its generator
// too.
func closing(first func() ([]servers.Entry, error), client *servers.Server) func() ([]servers.Entry, error) {
	return func() (journal []servers.Entry, err error) {
		if first != nil {
			journal, err = first()
		}
		_ = client.Close() // ends idle connections, and cannot fail
		return journal, err
	}
}
