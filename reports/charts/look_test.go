package charts

import (
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/record"
)

// What the plan asks for and the client rightly reports looks calm; wrong is
// only what is certain.
func TestLooks(t *testing.T) {
	sample := func(planned, class record.Class) record.Sample {
		return record.Sample{Seen: record.Seen{Class: class}, Planned: record.Planned{PlannedClass: planned}}
	}
	doubtful := sample(record.Truncated, record.OK)
	doubtful.Doubt = "two tasks could have met it"
	untimed := []record.Violation{{Check: "classification", Culprit: record.ByMachine}}
	other := []record.Violation{{Check: "lateness", Culprit: record.ByMachine, Invalid: true}}
	for name, c := range map[string]struct {
		sample       record.Sample
		inconclusive []record.Violation
		want         Look
	}{
		"ok":                       {sample(record.OK, record.OK), nil, LookOK},
		"no plan, ok":              {sample("", record.OK), nil, LookOK},
		"no plan, error":           {sample("", record.Failed), nil, LookError},
		"planned error":            {sample(record.Truncated, record.Truncated), nil, LookError},
		"planned not found":        {sample(record.NotFound, record.NotFound), nil, LookNotFound},
		"error hidden":             {sample(record.Truncated, record.OK), nil, LookWrong},
		"error invented":           {sample(record.OK, record.Status), nil, LookWrong},
		"error of another class":   {sample(record.Status, record.Truncated), nil, LookWrong},
		"in doubt":                 {doubtful, nil, LookOK},
		"timeout not timed":        {sample(record.OK, record.Timeout), untimed, LookError},
		"answer not timed":         {sample(record.Timeout, record.OK), untimed, LookOK},
		"another error beside it":  {sample(record.OK, record.Reset), untimed, LookWrong},
		"timeout in another doubt": {sample(record.OK, record.Timeout), other, LookWrong},
		"cut off":                  {sample(record.OK, record.CutOff), nil, LookNone},
	} {
		r := &record.Recording{Samples: []record.Sample{c.sample}, Inconclusive: c.inconclusive}
		if got := LookOf(r, &r.Samples[0]); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	symbols := map[string]Look{}
	for _, l := range looks {
		if other, taken := symbols[l.Symbol()]; taken || l.Symbol() == "" || l.Words() == "" {
			t.Errorf("%s has the symbol %q of %q, and the words %q", l, l.Symbol(), other, l.Words())
		}
		symbols[l.Symbol()] = l
	}
}

// Every picture of a run shows what is wrong with a look of its own.
func TestWrongIsDrawn(t *testing.T) {
	r := &record.Recording{Executor: "pool", Workers: 2, Samples: make([]record.Sample, 4)}
	for i := range r.Samples {
		s := &r.Samples[i]
		s.Seq, s.Started, s.Finished, s.Delivered = i, 0, time.Second, time.Second
		s.Class, s.PlannedClass = record.Status, record.Status
	}
	for _, wrong := range []bool{false, true} {
		if wrong {
			r.Samples[1].Class = record.OK
		}
		r.Summarize()
		bars := map[string][]bars{"timeline": NewTimeline(r, 0).Bars, "strip": NewStrip(r, time.Second).Bars}
		for name, groups := range bars {
			if drawn := groups[LookWrong.place()].Rest != ""; drawn != wrong {
				t.Errorf("%s with a wrong task %v: it is drawn %v", name, wrong, drawn)
			}
		}
		c := NewCourse(r, nil)
		if (c.Wrong != "") != wrong || (c.Rows[len(c.Rows)-1].Wrong == 1) != wrong {
			t.Errorf("course with a wrong task %v: %q, %+v", wrong, c.Wrong, c.Rows)
		}
	}
}
