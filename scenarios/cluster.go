package scenarios

import (
	"errors"
	"fmt"
	"net/url"
	"slices"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/scenarios/strict"
)

// clusterKind is the kind of the executor whose workers may be on other
// machines. [Vocabulary].Cluster opens it.
const clusterKind = "cluster"

// clusterTimers is what is not looked for after a run on a cluster. A NATS
// server that was shut down leaves two timers, which do nothing when they fire
// minutes later. Under the virtual clock no timer of a task can be told from
// them.
const clusterTimers = "time.AfterFunc"

// natsClient is what a run on other machines does not look for. The client of
// NATS may connect once more while it runs.
const natsClient = "github.com/nats-io/nats.go.*"

// natsURL is the URL of a NATS server.
type natsURL string

var _ strict.Scalar = new(natsURL)

// Accepts implements [strict.Scalar].
func (natsURL) Accepts() string {
	return "the URL of a NATS server, such as nats://host:4222 or tls://host:4222"
}

// Parse implements [strict.Scalar].
func (n *natsURL) Parse(text string) error {
	u, err := url.Parse(text)
	*n = natsURL(text)
	schemes := []string{"nats", "tls", "ws", "wss"}
	return acceptIf(err == nil && slices.Contains(schemes, u.Scheme) && u.Hostname() != "" && u.Path == "")
}

// elsewhere reports whether the executor runs its tasks in other processes.
func (e Executor) elsewhere() bool {
	kind := builtInExecutors[e.Kind]
	return kind.remote && !(kind.here && e.NATS == nil)
}

// validateCluster reports executor i if it is a cluster that the program does
// not have, or if it has the keys of one and is none.
func (v Vocabulary) validateCluster(d *strict.Document, s *Scenario, i int) {
	at := itemPath("executors", i)
	switch {
	case s.Executors[i].Kind != clusterKind:
		for _, key := range []string{".nats", ".once"} {
			d.Reject(at+key, "only a cluster executor takes this key: want kind: "+clusterKind)
		}
	case v.Cluster == nil:
		d.Errorf(at+".kind", "%s: this program has no cluster: want teapot run, or Vocabulary.Cluster: cluster.Open "+
			"of package executor/cluster", clusterKind)
	case d.Has(at + ".nats"):
		d.Require(at+".nats", "nats", at+".workers")
	}
}

// OnCluster returns a copy of the scenario whose executors of kind cluster run
// their tasks on the workers of a NATS server, unless the file names another
// one. Its load generators, if the file has that key, are workers of the server
// too. found is false if there is neither. Both need the real clock, and such
// an executor workers.
func (s *Scenario) OnCluster(url string) (_ *Scenario, found bool, err error) {
	var on natsURL
	if on.Parse(url) != nil {
		return s, false, fmt.Errorf("%s: want %s", strict.Quote(url), on.Accepts())
	}
	other := *s
	other.Executors = slices.Clone(s.Executors)
	for i, e := range s.Executors {
		if e.Kind != clusterKind || e.NATS != nil {
			continue
		}
		found = true
		if len(e.Workers) == 0 {
			return s, true, fmt.Errorf("%s: %s: want workers", s.file, itemPath("executors", i))
		}
		other.Executors[i].NATS = &natsServer{URL: on}
	}
	if s.Workload.Generators > 0 {
		if err := s.spreadable(); err != nil {
			return s, true, err
		}
		found = true
	}
	if found && other.Clock == clockVirtual {
		return s, true, fmt.Errorf("%s: clock: virtual: %s: want --clock real", s.file, realClock)
	}
	other.cluster = url
	return &other, found, nil
}

// openCluster opens the executor of a case of kind cluster.
func (v Vocabulary) openCluster(c Case) (executor.Executor, error) {
	if v.Cluster == nil {
		return nil, errors.New("the vocabulary of the runner has no cluster")
	}
	e, url := c.Scenario.Executors[c.executorIndex], ""
	if e.NATS != nil {
		url = string(e.NATS.URL)
	}
	return v.Cluster(c.fileWorkers, url, bool(e.Once))
}

// redacted returns a URL without the password or the token in it.
func redacted(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return "URL"
	}
	if _, is := u.User.Password(); u.User != nil && !is { // a token
		u.User = url.User("xxxxx")
	}
	return u.Redacted()
}
