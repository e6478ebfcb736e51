package harness

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/harness/arrivals"
	"github.com/teapot-go/teapot/harness/oracle"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/harness/share"
)

// TestFleet takes over what three load generators elsewhere have recorded. They
// began a little apart, which moves their tasks, and no latency. What is not
// the part of a generator is refused.
func TestFleet(t *testing.T) {
	const ms = time.Millisecond
	offsets := []time.Duration{2 * ms, -3 * ms, 0}
	for _, tt := range []struct {
		name  string
		spoil func(parts []*record.Recording) []*record.Recording
		want  string // the error; "" for none
	}{
		{"whole", func(p []*record.Recording) []*record.Recording { return p }, ""},
		{"one is missing", func(p []*record.Recording) []*record.Recording { return p[:2] }, "2 of 3 load generators"},
		{"two have the same part", func(p []*record.Recording) []*record.Recording {
			p[1].Samples = p[0].Samples
			return p
		}, "load generator 2: its task 0"},
		{"a task is missing", func(p []*record.Recording) []*record.Recording {
			p[2].Samples = p[2].Samples[1:]
			return p
		}, "load generator 3: tasks that it has recorded: 9, want 10"},
		{"another key", func(p []*record.Recording) []*record.Recording {
			p[0].Samples[3].Key = "z"
			return p
		}, `its task 9 is "z"`},
		{"other arrivals", func(p []*record.Recording) []*record.Recording {
			p[0].Samples[3].Due++
			return p
		}, "load generator 1: its task 9"},
		{"no word of whose it is", func(p []*record.Recording) []*record.Recording {
			p[0].Generators = nil
			return p
		}, "does not say whose"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rec, err := Run(t.Context(), fleetTrial(t, func(w *Workload, k int) *record.Recording {
				part := &record.Recording{Generators: []share.Generator{{Host: "h", Offset: offsets[k], Error: ms}}}
				for seq := k; seq < 30; seq += 3 {
					s := record.Sample{Seq: seq, Key: "a", Due: time.Duration(seq) * 10 * ms, Attempt: 1}
					s.Class, s.Submitted, s.Started = record.OK, s.Due+ms, s.Due+2*ms
					s.Finished, s.Delivered = s.Due+7*ms, -1
					part.Samples = append(part.Samples, s)
				}
				return part
			}, tt.spoil))
			if tt.want != "" {
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("got %v, want %q", err, tt.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			for i, s := range rec.Samples {
				at := time.Duration(i)*10*ms + offsets[i%3] + 3*ms // from the start of the first
				same := s.Lateness() == ms && s.Latency() == 5*ms && s.Response() == 7*ms && s.Delivered == -1
				if s.Due != at || !same {
					t.Fatalf("task %d is due at %v, want %v: %+v", i, s.Due, at, s)
				}
			}
			for k, g := range rec.Generators {
				if g.Offset != offsets[k]+3*ms || g.Tasks != 10 || g.Sent != 10 || g.Ended != 10 {
					t.Errorf("generator %d: %+v", k, g)
				}
			}
		})
	}
}

// TestFleetLost has a generator that was lost, and one that was interrupted
// although the run was not. The others are kept.
func TestFleetLost(t *testing.T) {
	rec, err := Run(t.Context(), fleetTrial(t, func(w *Workload, k int) *record.Recording {
		part := &record.Recording{Generators: []share.Generator{{Sent: 4}}}
		switch k {
		case 0:
			part.Generators[0].Lost = "it is gone"
		case 1:
			part.Interrupted = true
		default:
			part.Leaks, part.Held, part.Late = []string{"one"}, []string{"two"}, time.Second
			for seq := k; seq < 30; seq += 3 {
				s := record.Sample{Seq: seq, Key: "a", Due: time.Duration(seq) * 10 * time.Millisecond, Finished: 1}
				part.Samples = append(part.Samples, s)
			}
		}
		return part
	}, nil))
	if err != nil {
		t.Fatal(err)
	}
	if n := rec.Classes[record.CutOff]; n != 20 {
		t.Errorf("%d tasks are cut off, want the 20 of those that are lost: %v", n, rec.Classes)
	}
	g := rec.Generators
	if g[0].Lost != "it is gone" || g[1].Lost == "" || g[2].Lost != "" || g[0].Sent != 4 || rec.Interrupted {
		t.Errorf("got %+v", g)
	}
	if len(rec.Leaks) != 1 || !strings.HasPrefix(rec.Leaks[0], "load generator 3: ") || len(rec.Held) != 1 {
		t.Errorf("leaks %v, held %v", rec.Leaks, rec.Held)
	}
}

// fleetTrial returns a trial of thirty tasks on three generators, which record
// what part says.
func fleetTrial(t *testing.T, part func(w *Workload, k int) *record.Recording,
	spoil func([]*record.Recording) []*record.Recording,
) Trial {
	t.Helper()
	schedule, err := arrivals.New(1, arrivals.Stage{Rate: 100, For: 300 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	keys := make([]string, schedule.Len())
	for i := range keys {
		keys[i] = "a"
	}
	return Trial{
		Kind: "async", Clock: record.Virtual, Delivery: record.AsCompleted, Keys: keys, Pacer: schedule, Generators: 3,
		Executor: func() (executor.Executor, error) { panic("the executors are elsewhere") },
		Workload: func() (*Workload, error) {
			return &Workload{Oracle: oracle.Oracle{Plan: func(string, int, int) record.Planned {
				return record.Planned{PlannedClass: record.OK}
			}}}, nil
		},
		Fleet: func(_ context.Context, w *Workload, begin func(time.Time), _ func(Step, record.Sample)) (
			parts []*record.Recording, err error,
		) {
			begin(time.Now().Add(time.Second))
			for k := range 3 {
				parts = append(parts, part(w, k))
			}
			if spoil != nil {
				parts = spoil(parts)
			}
			return parts, nil
		},
	}
}

// TestFleetTold tells of steps while they happen: twice, in another order, and
// of tasks that there are not. Each step of a task is watched once, and every
// task has ended once when the run is over, also those of which nothing was
// told.
func TestFleetTold(t *testing.T) {
	const ms = time.Millisecond
	trial := fleetTrial(t, func(_ *Workload, k int) *record.Recording {
		part := &record.Recording{Generators: []share.Generator{{}}}
		for seq := k; seq < 30; seq += 3 {
			s := record.Sample{Seq: seq, Key: "a", Due: time.Duration(seq) * 10 * ms, Finished: time.Second}
			part.Samples = append(part.Samples, s)
		}
		return part
	}, nil)
	watched, early := map[int][]Step{}, 0
	trial.Watch = func(step Step, s record.Sample) {
		watched[s.Seq] = append(watched[s.Seq], step)
		if s.Key != "a" || s.Due != time.Duration(s.Seq)*10*ms {
			t.Errorf("watched %+v", s)
		}
	}
	inner := trial.Fleet
	trial.Fleet = func(ctx context.Context, w *Workload, begin func(time.Time), told func(Step, record.Sample)) (
		[]*record.Recording, error,
	) {
		tell := func(seq int, steps ...Step) {
			for _, step := range steps {
				told(step, record.Sample{Seq: seq, Due: time.Duration(seq) * 10 * ms, Finished: ms, Delivered: -1})
			}
		}
		tell(0, Submitted, Started, Started, Finished)
		tell(1, Finished, Started, Finished)
		tell(2, Submitted)
		tell(-1, Finished)
		tell(30, Finished)
		early = len(watched)
		defer tell(3, Submitted, Finished) // after the recordings
		return inner(ctx, w, begin, told)
	}
	rec, err := Run(t.Context(), trial)
	if err != nil || len(rec.Samples) != 30 || rec.Samples[0].Finished != time.Second {
		t.Fatal(err, rec)
	}
	if early != 3 || len(watched) != 30 {
		t.Errorf("%d tasks were watched while they ran, and %d in all", early, len(watched))
	}
	for seq, want := range map[int][]Step{
		0: {Submitted, Started, Finished}, 1: {Finished}, 2: {Submitted, Finished}, 4: {Finished}, 29: {Finished},
	} {
		if !slices.Equal(watched[seq], want) {
			t.Errorf("task %d: watched %v, want %v", seq, watched[seq], want)
		}
	}
}
