package harness_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/record"
)

// TestLongTexts has tasks that report more than a recording keeps.
func TestLongTexts(t *testing.T) {
	long := strings.Repeat("äö", 1<<18)
	for name, do := range map[string]func() record.Seen{
		"reported": func() record.Seen { return record.Seen{Class: record.Failed, Error: long, Value: long} },
		"panicked": func() record.Seen { panic(long) },
	} {
		trial := trial(record.Virtual)
		trial.Keys = numbers(1)
		plain := sleeper(constant(time.Second), nil)
		trial.Workload = func() (*harness.Workload, error) {
			w, err := plain()
			w.Do = func(context.Context, string, int) record.Seen { return do() }
			return w, err
		}
		rec, err := harness.Run(t.Context(), trial)
		if err != nil {
			t.Fatal(err)
		}
		s := rec.Samples[0]
		if len(s.Error) > 70_000 || len(s.Value) > 70_000 || !strings.Contains(s.Error, "äöäö") ||
			!strings.HasSuffix(s.Error, " bytes)") {
			t.Errorf("%s: got an error of %d bytes and a value of %d, want the start of each and its length",
				name, len(s.Error), len(s.Value))
		}
	}
}
