package scenarios

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios/internal/held"
	"github.com/teapot-go/teapot/scenarios/internal/program"
	"github.com/teapot-go/teapot/scenarios/strict"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/keys"
)

const batchPath = "workload.batch"

// batchRule is written as a name, or as a command. Its fields have no keys of
// their own.
type batchRule struct {
	Name    string         `yaml:"(name)"`
	Command *program.Whole `yaml:"(command)"`
}

var _ strict.Union = new(batchRule)

// Accepts implements [strict.Union].
func (batchRule) Accepts() string {
	return "the name of a batch, or a command such as {command: [python3, crawl.py]}"
}

// Decode implements [strict.Union].
func (b *batchRule) Decode(v strict.Value) {
	if !v.IsMapping() {
		b.Name, _ = v.Text(b.Accepts())
		return
	}
	b.Command = new(program.Whole)
	v.Decode(b.Command)
}

// String returns what messages call the batch.
func (b batchRule) String() string {
	if b.Command != nil {
		return "a command"
	}
	return "the batch " + b.Name
}

// validateBatch reports an unknown batch, and keys of the scenario that it
// needs or does not take.
func (v Vocabulary) validateBatch(d *strict.Document, s *Scenario) {
	d.Reject(taskPath, "both task and batch are present: want one of them")
	b := s.Workload.Batch
	if b.Command != nil {
		validateProgram(d, s, batchPath, b.Command.Command, bool(b.Command.Proxy),
			"tasks come as lines", program.BatchPlaceholders...)
	}
	if !d.Valid(batchPath) {
		return
	}
	if b.Command == nil && v.Batches[b.Name] == nil {
		d.RejectName(batchPath, b.Name, slices.Sorted(maps.Keys(v.Batches)), others(len(v.Batches), "batch"))
		return
	}
	what := b.String()
	d.Require(batchPath, what, "server")
	validateAnyKeys(d, s, batchPath, what)
	if s.Workload.whole() {
		d.Reject("workload.retry.timeout", "the timeout of a whole task runs from its start, and it is not known when "+
			"a batch starts a task: want each")
	}
}

// batchTrial adds to a trial the program of a batch and its workload. The
// program's context has the limits of the attempts at a key, so that [Attempts]
// works in it, and contexts that it takes from there live as long as those of
// tasks do.
func (v Vocabulary) batchTrial(t *harness.Trial, s *Scenario, workers int) {
	h := new(held.Contexts) // of the run, whose workload is opened first
	var keeper *program.Keeper
	t.Workload = func() (*harness.Workload, error) {
		h = new(held.Contexts)
		return v.open(s, func(s *Scenario, server *servers.Server) (*harness.Workload, error) {
			w := &harness.Workload{Oracle: s.oracle(), Release: h.Release}
			w.Epoch = server.Started()
			if s.Workload.Batch.Command != nil {
				keeper = program.NewKeeper()
				w.Strays = keeper.Close
			} else {
				w.Means = untold
			}
			return w, nil
		})
	}
	t.Batch = func() (harness.Batch, error) {
		open := v.Batches[s.Workload.Batch.Name]
		switch {
		case s.Workload.Batch.Command != nil:
			return commandBatch(s, workers, keeper), nil
		case open == nil:
			return nil, fmt.Errorf("the vocabulary of the runner has no batch %q", s.Workload.Batch.Name)
		}
		batch, err := open(workers)
		if err == nil && batch == nil {
			err = fmt.Errorf("the batch %s is nil", s.Workload.Batch.Name)
		}
		return func(ctx context.Context, server *servers.Server, keys []string, emit func(string, record.Seen)) error {
			ctx = context.WithValue(ctx, attemptLimitsKey{}, s.Workload.limits())
			ctx = context.WithValue(ctx, successKey{}, s.success())
			return batch(h.Within(ctx), server, keys, emit)
		}, err
	}
}

// untold returns the classes that the report of a batch may stand for. One that
// goes by errors alone has no class for an error in words of its own.
func untold(s record.Seen) (classes []record.Class, doubt string) {
	if s.Class != record.Failed {
		return nil, ""
	}
	for _, c := range record.Classes() {
		if c.Outcome() == record.OutcomeError && c != record.Lost {
			classes = append(classes, c)
		}
	}
	return classes, "its error tells nothing of a request: have it wrap the error that it is about, or say " +
		"expect: {classification: plain}"
}

// commandBatch returns the batch of a command.
func commandBatch(s *Scenario, workers int, keeper *program.Keeper) harness.Batch {
	return func(ctx context.Context, server *servers.Server, names []string, emit func(string, record.Seen)) error {
		c := s.Workload.Batch.Command
		env, remove, err := reaching(server, bool(c.Proxy))
		if err != nil {
			return err
		}
		base := server.URL()
		if c.Proxy {
			base = proxied
		}
		jobs := make([]program.Job, len(names))
		for i, key := range names {
			jobs[i] = program.Job{Key: key, URL: base + keys.Path(key), Task: i + 1, Attempt: 1}
		}
		p := program.Program{
			Args: c.Command, Dir: s.folder, Env: env, Timeout: time.Duration(s.Workload.Timeout), Keeper: keeper,
		}
		return errors.Join(p.RunAll(ctx, jobs, workers, emit), remove())
	}
}
