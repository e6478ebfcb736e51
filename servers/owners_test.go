package servers_test

import (
	"context"
	"io"
	"net/http"
	"sync"
	"testing"

	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/taskid"
)

// TestOwnerThatIsOver has a client that asks in a goroutine when its task is
// over, while another task of the key runs. The request is not that one's.
func TestOwnerThatIsOver(t *testing.T) {
	const key = "BR"
	for _, direct := range []bool{false, true} {
		config := servers.Config{Direct: direct}
		config.Plan.Positions = map[string][]int{key: {1, 2}}
		s := start(t, config)
		first, end := s.BeginTask(taskid.NewContext(t.Context(), 1), key)
		end()
		_, endSecond := s.BeginTask(taskid.NewContext(t.Context(), 2), key)
		req, err := http.NewRequestWithContext(first, http.MethodGet, s.URL()+servers.FlagPath(key), nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := s.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		endSecond()
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		for _, e := range s.Journal() {
			if e.Task != 1 || e.Guessed {
				t.Errorf("direct %v: the request is of task %d, guessed %v, want task 1", direct, e.Task, e.Guessed)
			}
		}
	}
}

// TestOwners has two tasks of one key send requests at once, on connections
// that they share. Over HTTP/1 the request that has its task's context is known
// to be the task's. Of others no more are known than there are.
func TestOwners(t *testing.T) {
	const key = "BR"
	ask := func(ctx context.Context, s *servers.Server) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL()+servers.FlagPath(key), nil)
		if err != nil {
			return err
		}
		resp, err := s.Client().Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		_, err = io.Copy(io.Discard, resp.Body)
		return err
	}
	for _, wire := range []string{"http", "https", "h2", "h2c"} {
		for _, memory := range []bool{false, true} {
			for _, withContext := range []bool{true, false} {
				config := wires()[wire]
				config.Memory, config.Plan.Positions = memory, map[string][]int{key: {1, 2, 3, 4}}
				s := start(t, config)
				var tasks sync.WaitGroup
				for number := 1; number <= 4; number++ {
					tasks.Go(func() {
						ctx, end := s.BeginTask(taskid.NewContext(t.Context(), number), key)
						defer end()
						if !withContext {
							ctx = context.Background()
						}
						for range number { // so that each task has a number of requests of its own
							if err := ask(ctx, s); err != nil {
								t.Error(err)
							}
						}
					})
				}
				tasks.Wait()
				if err := s.Close(); err != nil { // until when the last requests are in the journal
					t.Fatal(err)
				}
				known := map[int]int{}
				for _, e := range s.Journal() {
					if !e.Guessed {
						known[e.Task]++
					}
				}
				exact := withContext && (wire == "http" || wire == "https")
				for number := 1; number <= 4; number++ {
					if n := known[number]; n > number || exact && n < number {
						t.Errorf("%s, memory %v, context %v: of %d requests of task %d, %d are known",
							wire, memory, withContext, number, number, n)
					}
				}
			}
		}
	}
}
