package scenarios_test

import (
	"context"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
)

// impatience is longer than all tasks of a run.
const impatience = 500 * time.Millisecond

// kept is a client whose requests have a timeout of their own, and that leaves
// their bodies to after when their task is over.
func kept(after func(resp *http.Response, cancel context.CancelFunc)) func(*testing.T) scenarios.RequestFunc {
	return keptFor(impatience, after)
}

func keptFor(
	d time.Duration, after func(resp *http.Response, cancel context.CancelFunc),
) func(*testing.T) scenarios.RequestFunc {
	return func(*testing.T) scenarios.RequestFunc {
		return func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
			ctx, cancel := context.WithTimeout(ctx, d)
			resp, seen := ask(ctx, s.Client(), s, key)
			if resp == nil {
				cancel()
				return seen
			}
			after(resp, cancel)
			return seen
		}
	}
}

// drain reads a body to its end.
func drain(resp *http.Response) {
	_, _ = io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
}

// Bodies that are open when the tasks are over, and end soon.
const (
	byTimeout = "20 response bodies not closed until a timeout of the client ended them"
	byTimer   = "20 response bodies still open after the tasks, and closed by a timer or a timeout"
)

var lateBodies = []leaky{
	{
		name: "bodies that a timeout ends", want: byTimeout, clock: record.Virtual,
		client: kept(func(*http.Response, context.CancelFunc) {}),
	},
	{
		name: "bodies that a timeout ends, while the workload has a longer one", want: byTimeout, clock: record.Virtual,
		more:   "timeout: 10s, ",
		client: kept(func(*http.Response, context.CancelFunc) {}),
	},
	{
		name: "bodies of errors that a timeout ends", clock: record.Virtual,
		want: "4 response bodies not closed until a timeout of the client ended them",
		client: kept(func(resp *http.Response, cancel context.CancelFunc) {
			if resp.StatusCode == http.StatusOK {
				drain(resp)
				cancel()
			}
		}),
	},
	{
		name: "bodies that a client's Timeout ends", want: byTimeout, clock: record.Virtual,
		client: func(*testing.T) scenarios.RequestFunc {
			return func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
				_, seen := ask(ctx, &http.Client{Transport: s.Client().Transport, Timeout: impatience}, s, key)
				return seen
			}
		},
	},
	{
		name: "bodies that a timeout ends, on a real clock", want: " not closed until a timeout of the client ended ",
		clock: record.Real, patient: true,
		client: keptFor(4*time.Second, func(*http.Response, context.CancelFunc) {}),
	},
	{
		name: "bodies that a timer closes", doubt: byTimer, clock: record.Virtual,
		client: func(*testing.T) scenarios.RequestFunc {
			return func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
				resp, seen := ask(ctx, s.Client(), s, key)
				time.AfterFunc(impatience, func() { resp.Body.Close() })
				return seen
			}
		},
	},
	{
		name: "bodies that a timeout ends, beside a goroutine that waits", doubt: byTimer, clock: record.Virtual,
		client: func(*testing.T) scenarios.RequestFunc {
			return func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
				go func() { <-ctx.Done() }()
				short, cancel := context.WithTimeout(ctx, impatience)
				forget(cancel)
				_, seen := ask(short, s.Client(), s, key)
				return seen
			}
		},
	},
	{
		name: "bodies that are cancelled late",
		client: kept(func(_ *http.Response, cancel context.CancelFunc) {
			time.AfterFunc(impatience/2, cancel)
		}),
	},
	{
		name: "bodies that are cancelled late, when other requests have run out",
		client: func(*testing.T) scenarios.RequestFunc {
			return func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
				short, stop := context.WithTimeout(ctx, impatience/4)
				forget(stop)
				if resp, _ := ask(short, s.Client(), s, key); resp != nil {
					drain(resp)
				}
				ctx, cancel := context.WithCancel(ctx)
				_, seen := ask(ctx, s.Client(), s, key)
				time.AfterFunc(impatience/2, cancel)
				return seen
			}
		},
	},
	{
		name: "bodies that a goroutine cancels late",
		client: kept(func(_ *http.Response, cancel context.CancelFunc) {
			soon := make(chan int)
			time.AfterFunc(impatience/2, func() { close(soon) })
			go func() { <-soon; cancel() }()
		}),
	},
	{
		name: "bodies that goroutines read late",
		client: kept(func(resp *http.Response, cancel context.CancelFunc) {
			soon := make(chan int)
			time.AfterFunc(impatience/2, func() { close(soon) })
			go func() { <-soon; drain(resp); cancel() }()
		}),
	},
	{
		name: "bodies that goroutines close at their timeout",
		client: kept(func(resp *http.Response, cancel context.CancelFunc) {
			go func() { <-resp.Request.Context().Done(); resp.Body.Close(); cancel() }()
		}),
	},
	{
		name: "bodies that one goroutine reads, one after the other",
		client: func(*testing.T) scenarios.RequestFunc {
			var handed chan *http.Response
			var first sync.Once
			return func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
				first.Do(func() {
					handed = make(chan *http.Response, 20)
					go func() {
						for range 20 {
							resp := <-handed
							timer := time.NewTimer(10 * time.Millisecond)
							<-timer.C
							drain(resp)
						}
					}()
				})
				resp, seen := ask(ctx, s.Client(), s, key)
				handed <- resp
				return seen
			}
		},
	},
}

// withoutConnections returns clients as they are where no connection tells of
// their bodies.
func withoutConnections(those []leaky) (all []leaky) {
	for _, l := range those {
		if l.clock != record.Real {
			l.name, l.server, l.clock = l.name+", without connections", "transport: handler, ", record.Virtual
			all = append(all, l)
		}
	}
	return all
}
