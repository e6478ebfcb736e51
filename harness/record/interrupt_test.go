package record

import (
	"maps"
	"testing"
	"time"
)

// TestInterrupt holds what an interrupt does to each kind of task: one that
// came to its end keeps its class, and any other is no error of the client.
func TestInterrupt(t *testing.T) {
	const never = -1
	for name, c := range map[string]struct {
		started, finished time.Duration
		class, planned    Class
		did               string
		want              Class
	}{
		"ended well":                     {0, 5, OK, OK, ActionFaithful, OK},
		"ended with a planned error":     {0, 5, Status, Status, "status", Status},
		"ended with a planned timeout":   {0, 5, Timeout, Timeout, ActionClientLeft, Timeout},
		"ended wrong, with an answer":    {0, 5, Failed, OK, ActionFaithful, Failed},
		"ended well, without an answer":  {0, 5, OK, OK, ActionClientLeft, OK},
		"not handed over":                {never, never, Lost, OK, "", NotStarted},
		"cancelled in the queue":         {never, never, Lost, Timeout, ActionNoRequest, NotStarted},
		"under way for ever":             {1, never, Lost, OK, ActionFaithful, CutOff},
		"cancelled":                      {1, 5, Lost, OK, ActionClientLeft, CutOff},
		"cancelled, and told as timeout": {1, 5, Timeout, OK, ActionClientLeft, CutOff},
		"cancelled, and told as failed":  {1, 5, Failed, Status, ActionClientLeft, CutOff},
	} {
		r := &Recording{Samples: []Sample{
			{Finished: 3, Delivered: 3, Seen: Seen{Class: OK}, Planned: Planned{PlannedClass: OK}, Did: ActionFaithful},
			{
				Seq: 1, Started: c.started, Finished: c.finished, Delivered: 6, Seen: Seen{Class: c.class},
				Planned: Planned{PlannedClass: c.planned}, Did: c.did,
			},
		}}
		r.Interrupt()
		r.Summarize()
		s := r.Samples[1]
		ended := s.Class.Outcome() != OutcomeNone
		if !r.Interrupted || s.Class != c.want || (s.Delivered >= 0) != ended {
			t.Errorf("%s: got %s, delivered at %d, want %s", name, s.Class, s.Delivered, c.want)
		}
		want := map[Outcome]int{OutcomeOK: 1, OutcomeNotFound: 0, OutcomeError: 0}
		if ended {
			want[c.want.Outcome()]++
		}
		if !maps.Equal(r.Outcomes, want) {
			t.Errorf("%s: got outcomes %v, want %v", name, r.Outcomes, want)
		}
		told := 0
		for _, classes := range r.Truth {
			told += classes[NotStarted] + classes[CutOff]
		}
		if told != 0 {
			t.Errorf("%s: the table of truth has it: %v", name, r.Truth)
		}
		if all := "all 2 tasks, the last of which that may have cut short"; ended && r.Ended() != all ||
			!ended && (r.Ended() != "1 of 2 tasks" || r.Percentiles["max"] != 3) {
			t.Errorf("%s: got %q ended, and percentiles %v", name, r.Ended(), r.Percentiles)
		}
	}
}
