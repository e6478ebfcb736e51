package checks_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/checks"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/harness/share"
)

// sent returns a run of 1,000 tasks that fall due every millisecond under the
// real clock, and that late says how late they are handed over and for how long
// the executor holds that up. A task that is never handed over is late by -1.
func sent(busy float64, late func(seq int) (late, held time.Duration)) *record.Recording {
	r := &record.Recording{Executor: "async", Clock: record.Real, Cost: &record.Cost{Busy: busy}}
	for seq := range 1000 {
		s := record.Sample{Seq: seq, Due: time.Duration(seq) * time.Millisecond}
		s.Submitted, s.Started, s.Finished = -1, -1, -1
		if by, held := late(seq); by >= 0 {
			s.Held, s.Submitted = held, s.Due+held+by
			s.Started, s.Finished = s.Submitted, s.Submitted+3*time.Second
		}
		r.Samples = append(r.Samples, s)
	}
	r.Summarize()
	return r
}

// TestGenerator has each way in which a generator falls behind, and ways that
// are none.
func TestGenerator(t *testing.T) {
	const ms = time.Millisecond
	from := func(first int, by time.Duration) func(int) (time.Duration, time.Duration) {
		return func(seq int) (time.Duration, time.Duration) {
			if seq >= first {
				return by, 0
			}
			return 0, 0
		}
	}
	short := sent(0.95, from(1000, 0))
	short.Makespan = time.Second
	virtual := sent(0.95, from(1000, 0))
	virtual.Clock = record.Virtual
	closed := sent(1, from(0, time.Hour))
	for i := range closed.Samples {
		closed.Samples[i].Due = 0
	}
	closed.Summarize()
	for _, tt := range []struct {
		name string
		run  *record.Recording
		want string // the checks
	}{
		{"on time", sent(0.5, from(1000, 0)), ""},
		{"a hundredth is late", sent(0.5, func(seq int) (time.Duration, time.Duration) {
			if seq < 10 {
				return time.Second / 2, 0
			}
			return 0, 0
		}), ""},
		{"more than a hundredth is late", sent(0.5, func(seq int) (time.Duration, time.Duration) {
			if seq < 11 {
				return time.Second / 2, 0
			}
			return 0, 0
		}), "lateness"},
		{"at the bound", sent(0.5, from(0, 10*ms)), ""},
		{"the last few are owed", sent(0.5, from(998, 50*ms)), "owed"},
		{"late, and owed at the end", sent(0.5, from(900, 50*ms)), "lateness owed"},
		{"the last is never sent", sent(0.5, from(999, -1)), "owed"},
		{"the executor holds the sender up", sent(0.5, func(int) (time.Duration, time.Duration) {
			return ms, time.Hour
		}), ""},
		{"busy processors", sent(0.91, from(1000, 0)), "idle"},
		{"processors that are a tenth idle", sent(0.89, from(1000, 0)), ""},
		{"busy for less than can be measured", short, ""},
		{"the virtual clock, in which work takes no time", virtual, ""},
		{"not known how busy", sent(0, from(1000, 0)), ""},
		{"a closed workload", closed, ""},
	} {
		var got []string
		for _, v := range checks.Generator(10 * ms)(tt.run) {
			got = append(got, v.Check)
			if !v.Invalid || !v.Inconclusive || !strings.Contains(v.String(), ": invalid: ") {
				t.Errorf("%s: got %+v, want it invalid", tt.name, v)
			}
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: got %v, want %q", tt.name, got, tt.want)
		}
	}
}

// TestInvalid has violations in an invalid run: what depends on time is no
// violation, and everything else is.
func TestInvalid(t *testing.T) {
	run := func(late time.Duration) *record.Recording {
		r := sent(0.5, func(int) (time.Duration, time.Duration) { return late, 0 })
		r.IdealMakespan, r.Speedup = r.Makespan/4, 1
		for i := range r.Samples {
			r.Samples[i].Class, r.Samples[i].PlannedClass, r.Samples[i].Did = record.OK, record.OK, "none"
		}
		r.Samples[3].Class = record.Failed
		r.Summarize()
		r.IdealMakespan = r.Makespan / 4
		return r
	}
	all := []checks.Expectation{
		{Check: checks.Classification},
		{Check: checks.Efficiency(0.9)},
		{Check: checks.Speedup("pool", 2)},
		{Check: checks.Generator(10 * time.Millisecond)},
	}
	for _, tt := range []struct {
		late time.Duration
		want string
	}{
		{0, "violated: classification efficiency speedup; doubts:"},
		{time.Second, "violated: classification; doubts: lateness(invalid) owed(invalid) efficiency(inconclusive) " +
			"speedup(inconclusive)"},
	} {
		violations, doubts := checks.Judge(run(tt.late), all, "")
		var got strings.Builder
		got.WriteString("violated:")
		for _, v := range violations {
			got.WriteString(" " + v.Check)
		}
		got.WriteString("; doubts:")
		for _, v := range doubts {
			got.WriteString(fmt.Sprintf(" %s(%s)", v.Check, v.Doubt()))
		}
		if got.String() != tt.want {
			t.Errorf("%v late: got %s, want %s", tt.late, got.String(), tt.want)
		}
	}
}

// TestLostGenerator has a load generator that was lost on the way. That is all
// that is told of the run, and it is not the client's doing.
func TestLostGenerator(t *testing.T) {
	r := sent(0.5, func(seq int) (time.Duration, time.Duration) { return time.Hour, 0 })
	r.Generators = []share.Generator{{Tasks: 500}, {Tasks: 500, Lost: "it is gone"}}
	broken := func(*record.Recording) []record.Violation { return []record.Violation{{Check: "other"}} }
	violations, doubts := checks.Judge(r, []checks.Expectation{{Check: broken}, {Check: checks.Generator(0)}}, "")
	if len(violations) > 0 || len(doubts) != 1 || !doubts[0].Invalid || doubts[0].Culprit != record.ByMachine ||
		doubts[0].Got != "load generator 2 of 2 is lost: it is gone; the results of 500 of 1000 tasks are missing" {
		t.Errorf("got %+v and %+v", violations, doubts)
	}
}
