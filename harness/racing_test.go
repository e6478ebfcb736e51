//go:build race

package harness_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/record"
)

// racingVariable makes TestRace run tasks with a data race.
const racingVariable = "TEAPOT_TEST_RACE"

// TestRace has tasks with a data race in a bubble, in another process, which
// fails for it. The run comes to its end all the same.
func TestRace(t *testing.T) {
	if os.Getenv(racingVariable) != "" {
		tr := trial(record.Virtual)
		tr.Workload = sleeper(constant(time.Second), func(context.Context, string) {
			count, done := 0, make(chan struct{})
			go func() { count++; close(done) }()
			count++
			<-done
		})
		rec, err := harness.Run(t.Context(), tr)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Printf("%d tasks, limit %q\n", rec.Classes[record.OK], rec.Limit)
		return
	}
	program := exec.Command(os.Args[0], "-test.run=^TestRace$")
	program.Env = append(os.Environ(), racingVariable+"=1")
	out, err := program.CombinedOutput()
	for _, want := range []string{"WARNING: DATA RACE", `8 tasks, limit ""`} {
		if err == nil || !strings.Contains(string(out), want) {
			t.Errorf("%v, want %q in\n%s", err, want, out)
		}
	}
}
