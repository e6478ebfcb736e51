package harness_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"
	"testing"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/crash"
	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/record"
)

// TestLostChild blames the machine for a child process that had no thread or
// memory left, and no executor; any other death of a child is still seen.
func TestLostChild(t *testing.T) {
	const stack = "\n\ngoroutine 8 [running]:\n"
	for _, tt := range []struct {
		printed string
		want    error
	}{
		{"fatal error: newosproc" + stack, syscall.EAGAIN},
		{"fatal error: runtime: out of memory" + stack, syscall.ENOMEM},
		{"panic: fatal error: newosproc" + stack, nil},
	} {
		var end crash.Reader
		io.WriteString(&end, tt.printed)
		lost := fmt.Errorf("child 7 was lost: %s", tt.printed)
		if spent := end.Exhausted(); spent != nil {
			lost = fmt.Errorf("child 7 was lost: %w", spent)
		}
		tr := trial(record.Real)
		tr.Executor = func() (executor.Executor, error) {
			return opened{func(t executor.Task) error {
				r := t.(executor.Remote)
				r.Begin()
				r.End(0, lost)
				return nil
			}, func(context.Context) error { return nil }}, nil
		}
		tr.Workload = func() (*harness.Workload, error) {
			w, err := sleeper(constant(0), nil)()
			w.Defined = elsewhere
			return w, err
		}
		rec, err := harness.Run(t.Context(), tr)
		if tt.want == nil {
			if err != nil || rec.Samples[0].Class != record.Failed {
				t.Errorf("%q: got %v, want failed tasks", tt.printed, err)
			}
			continue
		}
		if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), "this machine cannot carry out the run") {
			t.Errorf("%q: got %v, want one of %v", tt.printed, err, tt.want)
		}
	}
}
