package summary

import (
	"slices"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/record"
)

// TestPercentiles wants the times of a table to be those of tasks without an
// error: one that is turned away at once does not make a run fast.
func TestPercentiles(t *testing.T) {
	ended := func(class record.Class, took time.Duration, n int) (all []record.Sample) {
		for range n {
			all = append(all, record.Sample{Finished: took, Seen: record.Seen{Class: class}})
		}
		return all
	}
	for name, tt := range map[string]struct {
		samples []record.Sample
		want    []string // the median and the longest
		notes   int
	}{
		"turned away at once": {
			slices.Concat(ended(record.OK, 3*time.Second, 30), ended(record.Status, 1, 70)), []string{"3s", "3s"}, 1,
		},
		"not found is no error": {
			slices.Concat(ended(record.OK, 2*time.Second, 10), ended(record.NotFound, time.Second, 30)),
			[]string{"1s", "2s"},
			0,
		},
		"slow errors": {
			slices.Concat(ended(record.OK, time.Second, 30), ended(record.Timeout, time.Minute, 3)),
			[]string{"1s", "1s"},
			1,
		},
		"errors alone": {ended(record.Status, time.Second, 5), []string{"–", "–"}, 1},
		"cut off": {
			slices.Concat(ended(record.OK, 2*time.Second, 3), ended(record.CutOff, time.Second, 30)),
			[]string{"2s", "2s"},
			0,
		},
		"nothing": {nil, []string{"–", "–"}, 0},
	} {
		r := &record.Recording{Samples: tt.samples}
		r.Summarize()
		if got := Percentiles(r, "p50", "max"); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
		if _, _, got := Table([]*record.Recording{r}); len(got) != tt.notes {
			t.Errorf("%s: got the notes %q, want %d", name, got, tt.notes)
		}
	}
}
