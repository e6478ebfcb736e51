package scenarios_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/classify"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
)

// fetchedPart asks for a URL, with the value of a Range if there is one, and
// returns what a careful client makes of it, with the body.
func fetchedPart(ctx context.Context, c *http.Client, url, part string) (record.Seen, []byte) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return record.Seen{Class: record.Failed, Error: err.Error()}, nil
	}
	if part != "" {
		req.Header.Set("Range", "bytes="+part)
	}
	resp, err := c.Do(req)
	var body []byte
	status := 0
	if err == nil {
		body, err = io.ReadAll(resp.Body)
		resp.Body.Close()
		status = resp.StatusCode
	}
	seen := record.Seen{Class: classify.Class(resp, err), Status: status, Bytes: int64(len(body))}
	if err != nil {
		seen.Error = err.Error()
	}
	return seen, body
}

// A habit is a client that does more for a task than ask and wait. Each has a
// state of its own for each run.
var habits = map[string]func() scenarios.RequestFunc{
	// lets one request go every 100 ms
	"paced": func() scenarios.RequestFunc {
		var mu sync.Mutex
		var next time.Time
		return func(ctx context.Context, s *servers.Server, key string, n int) record.Seen {
			mu.Lock()
			at := time.Now()
			if next.After(at) {
				at = next
			}
			next = at.Add(100 * time.Millisecond)
			mu.Unlock()
			if !slept(ctx, time.Until(at)) {
				return record.Seen{Class: record.Timeout, Error: "paced"}
			}
			seen, _ := fetchedPart(ctx, s.Client(), s.URLOf(ctx, key, n)+servers.FlagPath(key), "")
			return seen
		}
	},
	// has two requests under way at most
	"gated": func() scenarios.RequestFunc { return gated(2, func(record.Seen) bool { return true }) },
	// and forgets that a request which failed is over
	"gated, badly": func() scenarios.RequestFunc {
		return gated(2, func(seen record.Seen) bool { return seen.Class == record.OK })
	},
	// waits at its gate within each attempt
	"gated attempts": func() scenarios.RequestFunc {
		one := gated(2, func(record.Seen) bool { return true })
		return func(ctx context.Context, s *servers.Server, key string, _ int) (seen record.Seen) {
			for n, ctx := range scenarios.Attempts(ctx) {
				if seen = one(ctx, s, key, n); seen.Class == record.OK {
					break
				}
			}
			return seen
		}
	},
	// divides what is left of its timeout by the tries that are left
	"dividing": func() scenarios.RequestFunc { return dividing(3) },
	// and gives up after one of three
	"dividing, badly": func() scenarios.RequestFunc { return dividing(1) },
	// asks for 1,000 bytes at a time, and goes on where an answer broke off
	"chunks": func() scenarios.RequestFunc { return chunks(func(got, _ int) int { return got }) },
	// and leaves out what an answer lacked
	"chunks, badly": func() scenarios.RequestFunc { return chunks(func(_, asked int) int { return asked }) },
	// asks for three parts, and leaves all at the first error or whole answer
	"fan": func() scenarios.RequestFunc { return fan },
	// asks for the next key in advance
	"ahead": func() scenarios.RequestFunc {
		var mu sync.Mutex
		have := map[string]record.Seen{}
		return func(ctx context.Context, s *servers.Server, key string, n int) record.Seen {
			mu.Lock()
			seen, has := have[key]
			delete(have, key)
			mu.Unlock()
			if has {
				return seen
			}
			if next := map[string]string{"BR": "CN", "CN": "DE", "DE": "EG", "EG": "BR"}[key]; next != "" {
				go func() {
					ctx, cancel := context.WithTimeout(context.Background(), time.Second)
					defer cancel()
					seen, _ := fetchedPart(ctx, s.Client(), s.URL()+servers.FlagPath(next), "")
					mu.Lock()
					defer mu.Unlock()
					if seen.Class == record.OK {
						have[next] = seen
					}
				}()
			}
			seen, _ = fetchedPart(ctx, s.Client(), s.URLOf(ctx, key, n)+servers.FlagPath(key), "")
			return seen
		}
	},
	// takes a redirect for a success
	"content with a redirect": func() scenarios.RequestFunc {
		return func(ctx context.Context, s *servers.Server, key string, n int) record.Seen {
			c := *s.Client()
			c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
			seen, _ := fetchedPart(ctx, &c, s.URLOf(ctx, key, n)+servers.FlagPath(key), "")
			if seen.Status/100 == 3 {
				return record.Seen{Class: record.OK}
			}
			return seen
		}
	},
}

// slept waits, and reports whether ctx let it.
func slept(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func gated(most int, over func(record.Seen) bool) scenarios.RequestFunc {
	var gates sync.Map // of each run, by its server
	return func(ctx context.Context, s *servers.Server, key string, n int) record.Seen {
		made, _ := gates.LoadOrStore(s, make(chan struct{}, most))
		gate := made.(chan struct{})
		select {
		case gate <- struct{}{}:
		case <-ctx.Done():
			return record.Seen{Class: record.Timeout, Error: "gated"}
		}
		seen, _ := fetchedPart(ctx, s.Client(), s.URLOf(ctx, key, n)+servers.FlagPath(key), "")
		if over(seen) {
			<-gate
		}
		return seen
	}
}

func dividing(tries int) scenarios.RequestFunc {
	return func(ctx context.Context, s *servers.Server, key string, _ int) (seen record.Seen) {
		end, _ := ctx.Deadline()
		for try := range tries {
			one, cancel := context.WithTimeout(ctx, time.Until(end)/time.Duration(3-try))
			seen, _ = fetchedPart(one, s.Client(), s.URL()+servers.FlagPath(key), "")
			cancel()
			if seen.Class == record.OK || ctx.Err() != nil {
				break
			}
		}
		return seen
	}
}

func chunks(next func(got, asked int) int) scenarios.RequestFunc {
	return func(ctx context.Context, s *servers.Server, key string, n int) (seen record.Seen) {
		const size = 1000
		var have bytes.Buffer
		failures, at := 0, 0
		for failures < 4 {
			part := fmt.Sprintf("%d-%d", at, at+size-1)
			var body []byte
			seen, body = fetchedPart(ctx, s.Client(), s.URL()+servers.FlagPath(key), part)
			if seen.Status == 0 || seen.Status != http.StatusPartialContent {
				break
			}
			have.Write(body)
			whole := seen.Class == record.OK
			if whole && len(body) < size {
				break
			}
			if at += next(len(body), size); !whole {
				failures++
			}
		}
		if seen.Class == record.OK || seen.Status == http.StatusRequestedRangeNotSatisfiable {
			seen = record.Seen{Class: record.OK, Bytes: int64(have.Len())}
		}
		return seen
	}
}

func fan(ctx context.Context, s *servers.Server, key string, n int) record.Seen {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	answers := make(chan record.Seen, 3)
	for _, part := range []string{"0-499", "500-999", "1000-"} {
		go func() {
			seen, _ := fetchedPart(ctx, s.Client(), s.URLOf(ctx, key, n)+servers.FlagPath(key), part)
			answers <- seen
		}()
	}
	total := int64(0)
	for range 3 {
		seen := <-answers
		if seen.Class != record.OK || seen.Status != http.StatusPartialContent {
			return seen
		}
		total += seen.Bytes
	}
	return record.Seen{Class: record.OK, Status: http.StatusPartialContent, Bytes: total}
}

// TestHabits has correct clients, of which none is accused with any seed, and
// wrong ones, each of which is found.
func TestHabits(t *testing.T) {
	const (
		slow  = `{latency: "uniform(100ms, 1500ms)"}`
		every = "flags: [BR, CN, DE, EG, FR, GB, IN, JP]"
		one   = "flags: [BR, CN, BR, DE, CN, BR, DE, BR]"
		whole = ", retry: {attempts: 3, on: [timeout, 5xx], timeout: whole}"
	)
	faults := func(kinds ...string) string {
		return `{latency: "uniform(10ms, 300ms)", faults: [{kind: ` + strings.Join(kinds, "}, {kind: ") + "}]}"
	}
	for _, tt := range []struct {
		habit, server, workload string
		wrong                   bool
		doubtful                bool // it may be that some run cannot be judged
	}{
		{"paced", slow, every, false, false},
		{"paced", faults("hang, rate: 0.4"), every, false, false},
		{"gated", slow, every + ", unasked: limiter", false, false},
		{"gated", slow, every, false, true},
		{"gated", faults("hang, rate: 0.4"), every + ", unasked: limiter", false, false},
		{"gated", faults("hang_body, rate: 0.4"), every + ", unasked: any", false, false},
		{"gated, badly", faults("status, status: 503, rate: 0.6"), every, true, true},
		{"gated attempts", slow, every + ", attempts: 3", false, true},
		{"dividing", slow, every + whole, false, false},
		{"dividing", faults("hang, rate: 0.5"), every + whole, false, false},
		{"dividing", faults("hang_body, rate: 0.3", "status, status: 503, rate: 0.3"), every + whole, false, false},
		{"dividing, badly", faults("hang, attempts: 1, rate: 0.5"), every + whole, true, false},
		{"chunks", faults("truncate, rate: 0.3"), every, false, false},
		{"chunks", faults("reset_body, rate: 0.2", "bad_chunk, rate: 0.2"), one, false, true},
		{"chunks, badly", faults("truncate, rate: 0.3"), every, true, true},
		{"fan", faults("status, status: 204, rate: 0.3"), every, false, false},
		{"fan", faults("ignore_range, rate: 0.5"), every, false, false},
		{"fan", faults("truncate, rate: 0.3", "reset, rate: 0.2"), every, false, false},
		{"ahead", faults("refuse, rate: 0.4"), every + ", unasked: cache", false, true},
		{"ahead", faults("truncate, rate: 0.3"), one + ", unasked: cache", false, true},
		{"content with a redirect", faults("redirect, rate: 0.5"), every, true, false},
	} {
		t.Run(tt.habit+" in "+tt.server, func(t *testing.T) {
			const seeds = 20
			accused, doubtful := 0, 0
			for seed := range seeds {
				rec := runHabit(t, tt.habit, tt.server, tt.workload, seed)
				if len(rec.Violations) > 0 {
					accused++
				} else if len(rec.Inconclusive) > 0 {
					doubtful++
				}
				if !tt.wrong && len(rec.Violations) > 0 || !tt.doubtful && len(rec.Inconclusive) > 0 {
					t.Fatalf("%s, seed %d: %v", tt.workload, seed, rec.Findings())
				}
			}
			if tt.wrong && accused == 0 || doubtful > seeds/2 && !tt.wrong {
				t.Errorf("%s: %d of %d runs accused, %d inconclusive", tt.workload, accused, seeds, doubtful)
			}
		})
	}
}

func runHabit(t *testing.T, habit, server, workload string, seed int) *record.Recording {
	t.Helper()
	v := scenarios.Vocabulary{
		Tasks: map[string]scenarios.WorkloadFunc{"habit": scenarios.RequestWorkload(habits[habit]())},
	}
	return ran(t, v, fmt.Sprintf("name: habits\nseed: %d\nclock: virtual\nserver: %s\n"+
		"workload: {task: habit, %s, timeout: 1s}\nexecutors: [{kind: pool, workers: 4}]\n", seed, server, workload))
}
