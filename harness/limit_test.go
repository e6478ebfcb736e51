package harness

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/oracle"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/harness/share"
)

// TestLimit wants a run to wait for the longest of its tasks, whichever that
// is, also of a load generator's share, and of a user's task that comes later.
func TestLimit(t *testing.T) {
	w := &Workload{Oracle: oracle.Oracle{Attempts: 3, Plan: func(key string, _, attempt int) record.Planned {
		p := record.Planned{PlannedClass: record.OK, PlannedService: time.Second}
		if key == "slow" {
			p.PlannedService = 8 * time.Second
		}
		if key == "again" && attempt < 3 {
			p.PlannedClass = record.Reset
		}
		return p
	}}}
	trial := func(keys ...string) *Trial { return &Trial{Clock: record.Virtual, Keys: keys} }
	user := foretold(w, "slow", 1)
	later := newRecorder(trial("a"), w)
	later.add(user)
	halves := newRun(context.Background(), trial("a", "slow", "b", "a"))
	halves.recorder = newRecorder(halves.trial, w)
	var generators []*run
	for k := range 2 {
		g := newRun(context.Background(), trial())
		g.trial.Share = share.Part{Index: k, Of: 2}
		generators = append(generators, g)
	}
	halves.shareOut(generators)
	for name, tt := range map[string]struct {
		r    *recorder
		want time.Duration // beyond the deadline
	}{
		"the only one":      {newRecorder(trial("a"), w), time.Second},
		"the last one":      {newRecorder(trial("a", "b", "slow"), w), 8 * time.Second},
		"with pauses":       {newRecorder(trial("a", "again"), w), 3*time.Second + 2*pause},
		"of a user, later":  {later, 8 * time.Second},
		"of all generators": {halves.recorder, 8 * time.Second},
		"of one generator":  {generators[1].recorder, 8 * time.Second},
		"of the other":      {generators[0].recorder, time.Second},
	} {
		if got := tt.r.limit(time.Minute) - time.Minute; got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
		if got, want := tt.r.limit(0), time.Minute+10*tt.want; got != want {
			t.Errorf("%s without a deadline: %v, want %v", name, got, want)
		}
	}
	if got := newRecorder(trial(), w).limit(0); got != silent {
		t.Errorf("without tasks: %v, want %v", got, silent)
	}
}

// TestUnderWay names the tasks that run, the longest first, among many others.
func TestUnderWay(t *testing.T) {
	r := newRecorderOf(&Trial{Clock: record.Virtual})
	for i := range 100 {
		s := record.Sample{Seq: i, Key: fmt.Sprint(i), Started: time.Duration(100 - i), Delivered: -1, Finished: -1}
		switch i % 10 {
		case 0:
		case 1:
			s.Started = -1
		case 2:
			s.Finished = 200
		case 3:
			s.Submitted, s.Started = -1, -1
		default:
			s.Delivered, s.Finished = 300, 200
		}
		r.samples = append(r.samples, s)
	}
	r.begin()
	want := []string{
		"10 running (90 for ", ", 80 for ", ", 70 for ", ", 60 for ", ", 50 for ",
		", 5 more), 10 not started, 10 finished and not delivered",
	}
	said := r.underWay()
	for _, part := range want {
		_, rest, has := strings.Cut(said, part)
		if said = rest; !has {
			t.Errorf("%q is missing, or not in its order, in %q", part, r.underWay())
		}
	}
}
