package runs

import (
	"time"

	"github.com/teapot-go/teapot/command/internal/cli"
	"github.com/teapot-go/teapot/command/internal/live"
	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/cluster"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/scenarios/spread"
)

// followed returns a vocabulary whose workers on other machines the progress
// shows: those of its executors of kind cluster, and its load generators.
func followed(v scenarios.Vocabulary, progress *cli.Progress) scenarios.Vocabulary {
	if open := v.Cluster; open != nil {
		v.Cluster = func(workers int, url string, once bool) (executor.Executor, error) {
			ex, err := open(workers, url, once)
			if c, is := ex.(*cluster.Executor); is && err == nil && url != "" { // else they are of this process
				progress.Follow(func() []live.Worker { return workersOf(c) })
			}
			return ex, err
		}
	}
	if v.Spread == nil {
		v.Spread = spread.Leader{Follow: func(states func() []spread.State) {
			progress.Follow(func() []live.Worker { return generatorsOf(states()) })
		}}.Lead
	}
	return v
}

// workersOf returns the workers of an executor.
func workersOf(c *cluster.Executor) (all []live.Worker) {
	for _, w := range c.Workers() {
		state := "running"
		switch {
		case w.Lost:
			state = "lost"
		case w.Left:
			state = "has left"
		case w.Running == 0:
			state = "waiting"
		}
		shown := live.Worker{
			Name: w.Name, State: state, Slots: w.Slots, Running: w.Running, Done: w.Done,
			Heard: w.Heard, Lost: w.Lost,
		}
		if w.Left {
			shown.Heard = 0 // and says nothing more
		}
		all = append(all, shown)
	}
	return all
}

// generatorsOf returns load generators as workers.
func generatorsOf(states []spread.State) (all []live.Worker) {
	for _, s := range states {
		w := live.Worker{
			Name: s.Worker, State: s.Phase, Running: max(s.Sent-s.Ended, 0), Done: s.Ended,
			Heard: s.Heard.Round(time.Millisecond), Apart: s.Error,
		}
		if s.Lost != "" {
			w.State, w.Lost = "lost: "+s.Lost, true
		}
		all = append(all, w)
	}
	return all
}
