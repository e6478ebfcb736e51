package harness_test

import (
	"context"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/record"
)

// TestTimersAreConfirmed has a call of time.AfterFunc pending after some of the
// runs of a trial. What is there only once may be of the rest of the process,
// which also may have it run more often.
func TestTimersAreConfirmed(t *testing.T) {
	for _, tt := range []struct {
		pending func(run int) bool
		runs    int
		want    int
	}{
		{func(int) bool { return false }, 1, 0},
		{func(run int) bool { return run == 1 }, 2, 0},
		{func(run int) bool { return run%2 == 1 }, 2, 0},
		{func(int) bool { return true }, 2, 1},
	} {
		runs := 0
		trial := drawn(1, record.Virtual, correct["pool"])
		workload := trial.Workload
		trial.Workload = func() (*harness.Workload, error) {
			w, err := workload()
			runs++
			do, run := w.Do, runs
			w.Do = func(ctx context.Context, key string, attempt int) record.Seen {
				if key == "1" && tt.pending(run) {
					time.AfterFunc(time.Hour, func() {})
				}
				return do(ctx, key, attempt)
			}
			return w, err
		}
		rec, err := harness.Run(t.Context(), trial)
		if err != nil {
			t.Fatal(err)
		}
		if len(rec.Held) != tt.want || runs < tt.runs {
			t.Errorf("held %v after %d runs, want %d after %d or more", rec.Held, runs, tt.want, tt.runs)
		}
	}
}
