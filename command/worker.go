package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/teapot-go/teapot/command/internal/cli"
	"github.com/teapot-go/teapot/executor/cluster"
	"github.com/teapot-go/teapot/scenarios/spread"
)

type workerCommand struct {
	Cluster string `required:"" placeholder:"URL" help:"Join the runs on this NATS server, which has JetStream: nats://host:4222, or tls://host:4222."`
	Slots   *int   `placeholder:"N" want:"1 or more" help:"Run this many tasks of a run at a time. The default is one for each CPU."`
	Runs    *int   `placeholder:"N" want:"1 or more" help:"End after this many runs. The default is to go on until an interrupt."`
}

// Help returns what teapot worker --help prints below the options.
func (workerCommand) Help() string {
	return `It waits for runs, and runs their tasks: those of the executor cluster, on a NATS server that the scenario names with nats, or teapot run with --cluster. Of a scenario with workload.generators it is a load generator, of one run at a time. It must be the same build of the same program as the one that runs the scenario.

An interrupt ends it: it takes no more tasks, and ends when those that it has are done. A worker that is killed loses nothing: others run its tasks again. Where it is a load generator, the run is invalid without it. It leaves a run whose coordinator, the program that runs the scenario, is gone.

How to be let in by the server is in the URL, or in the environment: NATS_CREDS, NATS_NKEY, NATS_CA, NATS_CERT and NATS_KEY name files; NATS_TOKEN, NATS_USER and NATS_PASSWORD are what they say.

Examples:

  teapot worker --cluster nats://localhost:4222                     run tasks, one for each CPU at a time
  teapot worker --cluster nats://localhost:4222 --slots 20          run 20 tasks at a time
  teapot worker --cluster tls://nats.example.com:4222 --runs 1      end after one run`
}

// Validate reports what cannot be meant. Kong calls it.
func (c *workerCommand) Validate() error {
	var errs []error
	for _, n := range []struct {
		option string
		value  *int
	}{{"--slots", c.Slots}, {"--runs", c.Runs}} {
		if n.value != nil && *n.value < 1 {
			errs = append(errs, fmt.Errorf("%s %d: want 1 or more", n.option, *n.value))
		}
	}
	return errors.Join(errs...)
}

// Run runs tasks until it is interrupted, or as many runs are over as were
// asked for.
func (c *workerCommand) Run(ctx context.Context, to *cli.Console) error {
	var saying sync.Mutex // runs are joined and left while this goroutine speaks
	note := func(line string) {
		saying.Lock()
		defer saying.Unlock()
		to.Notef("%s", line)
	}
	access, err := cluster.Access(os.Getenv)
	if err != nil {
		return err
	}
	config := cluster.WorkerConfig{URL: c.Cluster, Definitions: to.Definitions, Note: note, Options: access}
	if c.Slots != nil {
		config.Slots = *c.Slots
	}
	if c.Runs != nil {
		config.Runs = *c.Runs
	}
	part := spread.WorkConfig{
		URL: c.Cluster, Generate: to.Vocabulary.Generate, Runs: config.Runs, Note: note, Options: access,
	}
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- workBoth(work, config, part) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		note("takes no more tasks, and ends when those that it has are done")
		cancel()
	}
	select {
	case err := <-ended:
		return err
	case <-to.AtOnce().Done():
		return errors.New("ended before its tasks: other workers run them again")
	}
}

// workBoth runs tasks of executors, and takes part in runs as a load generator,
// until either has had its number of runs, or ctx is done. It returns the error
// of the first that ends with one: what stops one mostly stops both.
func workBoth(ctx context.Context, tasks cluster.WorkerConfig, load spread.WorkConfig) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 2)
	go func() { ended <- cluster.Work(ctx, tasks) }()
	go func() { ended <- spread.Work(ctx, load) }()
	first := <-ended
	cancel()
	return cmp.Or(first, <-ended)
}
