package scenarios

import (
	"cmp"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/harness/share"
	"github.com/teapot-go/teapot/servers"
)

// A job is what a load generator in another process must know of a run.
type job struct {
	File, Source string
	Seed         uint64
	Index        int    // of the case
	URL          string // of the server, "" for none
	Certificate  []byte // of a server with TLS
}

// spreads reports whether the load generators run in other processes.
func (s *Scenario) spreads() bool { return s.cluster != "" && s.Workload.Generators > 0 }

// spreadable returns an error if the load generators cannot run in other
// processes.
func (s *Scenario) spreadable() error {
	switch {
	case s.Clock == clockVirtual:
		return fmt.Errorf("%s: clock: virtual: %s: want --clock real", s.file, realClock)
	case s.Server == nil:
		return nil
	case s.Server.Transport == transportHandler:
		return fmt.Errorf("%s: server.transport: handler: it is of one process: want connection", s.file)
	}
	for i, f := range s.plan().Faults {
		if f.Kind.BeforeRequest() {
			return fmt.Errorf("%s: %s: %s strikes before a request, which load generators in other processes cannot "+
				"meet: want another kind", s.file, itemPath("server.faults", i), f.Kind)
		}
	}
	return nil
}

// reachable has the server of a scenario listen where load generators in other
// processes reach it: at the address by which this machine reaches the NATS
// server.
func (s *Scenario) reachable(c *servers.Config) error {
	if !s.spreads() {
		return nil
	}
	u, err := url.Parse(s.cluster)
	if err != nil {
		return err
	}
	conn, err := net.Dial("udp", net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), "4222"))) // which sends nothing
	if err != nil {
		return fmt.Errorf("no way to the NATS server: %w", err)
	}
	defer conn.Close()
	host, _, err := net.SplitHostPort(conn.LocalAddr().String())
	c.Address = net.JoinHostPort(host, "0")
	return err
}

// fleet returns what has the generators of a case run in other processes.
func (v Vocabulary) fleet(c Case) harness.Fleet {
	s := c.Scenario
	return func(ctx context.Context, w *harness.Workload, begin func(time.Time),
		told func(harness.Step, record.Sample),
	) ([]*record.Recording, error) {
		if v.Spread == nil {
			return nil, errors.New("this program has no load generators in other processes: want teapot run, or " +
				"Vocabulary.Spread: spread.Leader{}.Lead of package scenarios/spread")
		}
		j := job{File: s.file, Source: s.source, Seed: s.Seed, Index: c.index}
		if w.Server != nil {
			j.URL = w.Server.URL()
			if certificate := w.Server.Certificate(); certificate != nil {
				j.Certificate = certificate.Raw
			}
		}
		text, err := json.Marshal(j)
		if err != nil {
			return nil, err
		}
		return v.Spread(ctx, s.cluster, text, s.generators(), begin, told)
	}
}

// Generate runs a part of the arrivals of a run that another process leads: it
// is one of its load generators. job is what [Vocabulary].Spread of that
// process was called with. begin and watch are those of a [harness.Trial].
func (v Vocabulary) Generate(ctx context.Context, text []byte, part share.Part,
	begin func(context.Context) (time.Time, error), watch func(harness.Step, record.Sample),
) (*record.Recording, error) {
	var j job
	if err := json.Unmarshal(text, &j); err != nil {
		return nil, fmt.Errorf("the job of a load generator: %w", err)
	}
	s, mistakes := v.Parse(j.File, []byte(j.Source))
	if mistakes != nil {
		return nil, mistakes
	}
	cases := s.With(record.Real, &j.Seed).Cases()
	if j.Index < 0 || j.Index >= len(cases) {
		return nil, fmt.Errorf("%s has no case %d", j.File, j.Index)
	}
	t := v.trial(cases[j.Index])
	t.Generators, t.Share, t.Begin, t.Watch = 0, part, begin, watch
	t.Fleet, t.Ignore = nil, append(slices.Clip(t.Ignore), natsClient)
	t.Workload = func() (*harness.Workload, error) { return v.openElsewhere(cases[j.Index].Scenario, j) }
	return harness.Run(ctx, t)
}

// openElsewhere returns the workload of a load generator, whose server is that
// of another process.
func (v Vocabulary) openElsewhere(s *Scenario, j job) (*harness.Workload, error) {
	open := v.openTask(s)
	if open == nil {
		return nil, fmt.Errorf("the vocabulary of the load generator has no task %q", s.Workload.Task.Name)
	}
	if j.URL == "" {
		return open(s, nil)
	}
	config := protocolConfigs[s.Server.Protocol]
	config.Plan, config.CountAttempts, config.IgnoreAttempts = s.plan(), true, s.Server.Attempts == "counted"
	var certificate *x509.Certificate
	if j.Certificate != nil {
		var err error
		if certificate, err = x509.ParseCertificate(j.Certificate); err != nil {
			return nil, err
		}
	}
	server, err := config.Elsewhere(j.URL, certificate)
	if err != nil {
		return nil, err
	}
	w, err := open(s, server)
	if err != nil {
		return nil, errors.Join(err, server.Close())
	}
	w.Server = server
	return w, nil
}
