package scenarios_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/classify"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/fault"
)

// A poster sends requests in one of the ways in which net/http may be used.
type poster struct {
	method   string
	fixed    bool // the body can be read once
	numbered bool // each request says which attempt it is
	attempts int
	wait     time.Duration
	on       bool // it goes on after an answer
	says     func(record.Seen) record.Seen
}

// request sends a request, and others after errors.
func (p poster) request(ctx context.Context, s *servers.Server, key string, _ int) (seen record.Seen) {
	for attempt := 1; attempt <= max(1, p.attempts); attempt++ {
		if attempt > 1 {
			<-time.After(p.wait)
		}
		if seen = p.once(ctx, s, key, attempt); seen.Status > 0 && !p.on {
			break
		}
	}
	if p.says != nil {
		return p.says(seen)
	}
	return seen
}

func (p poster) once(ctx context.Context, s *servers.Server, key string, attempt int) record.Seen {
	var body io.Reader
	if p.method != http.MethodGet {
		if body = strings.NewReader("green"); p.fixed {
			body = io.MultiReader(body)
		}
	}
	req, err := http.NewRequestWithContext(ctx, p.method, s.URL()+servers.FlagPath(key), body)
	if err != nil {
		return record.Seen{Class: record.Failed, Error: err.Error()}
	}
	if p.numbered {
		req.Header.Set(servers.AttemptHeader, strconv.Itoa(attempt))
	}
	resp, err := s.Client().Do(req)
	if err != nil {
		return record.Seen{Class: classify.Class(resp, err), Error: err.Error()}
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return record.Seen{Class: classify.Class(resp, err), Error: err.Error()}
	}
	return record.Seen{Class: classify.Class(resp, nil), Status: resp.StatusCode}
}

// TestUnprocessed has clients meet requests that are refused before they are
// processed: correct ones, and wrong ones.
func TestUnprocessed(t *testing.T) {
	const (
		once   = "timeout: 5s"
		thrice = "retry: {attempts: 3, wait: 100ms}, timeout: 5s"
	)
	reset := func(seen record.Seen) record.Seen { return record.Seen{Class: record.Reset} }
	refused := func(seen record.Seen) record.Seen { return record.Seen{Class: record.Refused} }
	late := func(seen record.Seen) record.Seen { return record.Seen{Class: record.Timeout} }
	fine := func(seen record.Seen) record.Seen { return record.Seen{Class: record.OK} }
	for _, test := range []struct {
		name     string
		client   poster
		workload string
		want     string // the violated check
	}{
		{"GET", poster{method: "GET"}, once, ""},
		{"GET with a policy", poster{method: "GET"}, thrice, ""},
		{"numbered GET", poster{method: "GET", numbered: true}, thrice, ""},
		{"POST", poster{method: "POST"}, once, ""},
		{"POST with a policy", poster{method: "POST"}, thrice, ""},
		{"POST of a body that can be read once", poster{method: "POST", fixed: true}, once, ""},
		{"POST, not made again", poster{method: "POST", fixed: true}, thrice, ""},
		{
			"POST, made again by the client",
			poster{method: "POST", fixed: true, attempts: 3, wait: 100 * time.Millisecond},
			thrice, "",
		},
		{
			"numbered POST, made again by the client",
			poster{method: "POST", fixed: true, numbered: true, attempts: 3, wait: 100 * time.Millisecond},
			thrice, "",
		},

		{"GET, whose answer is lost", poster{method: "GET", says: reset}, once, "classification"},
		{"GET, refused", poster{method: "GET", says: refused}, once, "classification"},
		{"GET, late", poster{method: "GET", says: late}, once, "classification"},
		{
			"POST, of which no answer came", poster{method: "POST", fixed: true, says: fine}, once, "classification",
		},
		{"POST, late at once", poster{method: "POST", fixed: true, says: late}, once, "classification"},
		{
			"POST, made again too early",
			poster{method: "POST", fixed: true, attempts: 3, wait: 20 * time.Millisecond},
			thrice, "retries",
		},
		{
			"numbered POST, made again too early",
			poster{method: "POST", fixed: true, numbered: true, attempts: 3, wait: 20 * time.Millisecond},
			thrice, "retries",
		},
		{
			"numbered POST, made again too often",
			poster{method: "POST", fixed: true, numbered: true, attempts: 5, wait: 100 * time.Millisecond},
			thrice, "retries",
		},
		{
			"POST, made again after an answer",
			poster{method: "POST", attempts: 2, on: true, wait: 100 * time.Millisecond},
			thrice, "retries",
		},
	} {
		for _, kind := range []servers.Kind{fault.RefusedStream, fault.GoAwayUnprocessed} {
			for _, world := range []string{"virtual h2", "virtual h2c", "real h2"} {
				clock, protocol, _ := strings.Cut(world, " ")
				if test.want != "" && clock == "real" {
					continue // each costs seconds, and under the real clock it could be the transport that is too early
				}
				t.Run(fmt.Sprintf("%s/%s/%s", test.name, kind, world), func(t *testing.T) {
					v := scenarios.Vocabulary{Tasks: map[string]scenarios.WorkloadFunc{
						"post": scenarios.RequestWorkload(test.client.request),
					}}
					s := parsed(t, v, fmt.Sprintf("name: x\nseed: 3\nclock: %s\nserver:\n  protocol: %s\n"+
						"  latency: 2ms\n  faults: [{kind: %s, keys: [BR, CN, DE]}]\n"+
						"workload: {task: post, flags: [EG, BR, CN, DE, IN], %s}\n"+
						"executors: [{kind: pool, workers: 2}]\n", clock, protocol, kind, test.workload))
					want := "pool/2"
					if test.want != "" {
						want += ":" + test.want
					}
					got, recs := judged(t, &scenarios.Runner{Vocabulary: v}, s)
					if test.client.fixed && kind == fault.GoAwayUnprocessed {
						// The server cannot know of a request whose connection
						// has gone before it was sent.
						got = strings.Replace(got, ":classification?", "", 1)
						if got == "pool/2" && test.want == "classification" {
							got = want
						}
					}
					if got != want {
						t.Errorf("got %s, want %s: %v", got, want, recs[0].Findings())
					}
				})
			}
		}
	}
}
