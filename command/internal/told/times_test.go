package told

import (
	"slices"
	"testing"
	"time"

	"github.com/teapot-go/teapot/servers"
)

// TestApart has requests of two time units each, and when each report came.
func TestApart(t *testing.T) {
	for _, tt := range []struct {
		name           string
		requests, told []time.Duration
		want           []timespan
	}{
		{"one after another", []time.Duration{1, 11}, []time.Duration{9, 19}, []timespan{{1, 3}, {11, 13}}},
		{"all told at the end", []time.Duration{1, 11}, []time.Duration{20, 20}, []timespan{{1, 3}, {11, 13}}},
		{"before the server was done", []time.Duration{1, 11}, []time.Duration{2, 12}, []timespan{{1, 2}, {11, 12}}},
		{"as many at once", []time.Duration{2, 1}, []time.Duration{8, 9}, []timespan{{1, 3}, {2, 4}}},
		{"the first tried again", []time.Duration{1, 5, 11}, []time.Duration{9, 19}, []timespan{{1, 7}, {11, 13}}},
		{"the second tried again", []time.Duration{1, 11, 15}, []time.Duration{9, 19}, []timespan{{1, 3}, {11, 17}}},
		{"tried again, and told at the end", []time.Duration{1, 5, 11}, []time.Duration{20, 20}, nil},
		{"told twice", []time.Duration{1}, []time.Duration{9, 19}, nil},
		{"told before it came", []time.Duration{11, 12}, []time.Duration{9, 19}, nil},
	} {
		var requests []servers.Entry
		for _, at := range tt.requests {
			requests = append(requests, servers.Entry{Arrived: at, Took: 2})
		}
		if got := apart(requests, tt.told); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}

// TestTimes has one key asked for again and again: each task has times of its
// own, which do not overlap.
func TestTimes(t *testing.T) {
	c := clientOf(t, "name: x\nserver: {}\nworkload: {task: download, flags: [BR, FR]}\n"+
		"executors: [{kind: sequential}]\n")
	for range 3 {
		c.ask(br, 0)
		c.ask(fr, 0)
		c.tell(`{"key":"BR","status":200} {"key":"FR","status":200}`)
	}
	rec := c.ledger.Judge(t.Context())
	if err := rec.Validate(); err != nil {
		t.Error(err)
	}
	for i, s := range rec.Samples[2:] {
		if before := rec.Samples[i]; s.Key != before.Key || s.Started < before.Finished {
			t.Errorf("%s from %v to %v came before %s, until %v", s.Key, s.Started, s.Finished, before.Key,
				before.Finished)
		}
	}
}
