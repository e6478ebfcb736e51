package scenarios_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/scenarios/lean"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/fault"
)

type getting = func(ctx context.Context, url string, attempt int, to io.Writer) (*http.Response, error)

// drivers is a vocabulary whose driver fasthttp is opened by a function.
func drivers(open func(*servers.Server) (get getting, end func())) scenarios.Vocabulary {
	v := scenarios.Vocabulary{}
	v.Drivers = map[string]func(*servers.Server) (getting, func()){"fasthttp": open}
	return v
}

// TestDriver has the driver meet every fault that can be met over HTTP/1.1, on
// connections that are new and on ones that have been used, and leave nothing.
func TestDriver(t *testing.T) {
	v := drivers(lean.Open)
	for _, kind := range append(fault.Kinds(), fault.None) {
		for _, protocol := range []string{"http", "https"} {
			if !kind.HTTP1() || kind.End() == fault.EndTimeout && protocol == "https" {
				continue // each timeout takes its time
			}
			t.Run(string(kind)+"/"+protocol, func(t *testing.T) {
				text := meeting(t, scenarios.Vocabulary{}, kind, "real", protocol).Text()
				s := parsed(t, v, strings.Replace(text, "task: download", "task: download, driver: fasthttp", 1)+
					"expect: {outcomes: planned, leaks: none, retries: planned}\n")
				cases := s.Cases()
				if kind.End() == fault.EndTimeout {
					cases = cases[1:] // on a pool, whose timeouts end at once
				}
				for _, c := range cases {
					rec, err := (&scenarios.Runner{Vocabulary: v}).Run(t.Context(), c)
					if err != nil {
						t.Fatal(err)
					}
					for _, v := range rec.Violations {
						t.Errorf("%s: %v", c.Name(), v)
					}
				}
			})
		}
	}
}

// TestWrongDrivers has drivers found that do not do what one does.
func TestWrongDrivers(t *testing.T) {
	for name, wrong := range map[string]func(get getting) getting{
		"takes a part for the whole": func(get getting) getting {
			return func(ctx context.Context, url string, attempt int, to io.Writer) (*http.Response, error) {
				resp, err := get(ctx, url, attempt, to)
				if resp != nil {
					err = nil
				}
				return resp, err
			}
		},
		"counts a byte too few": func(get getting) getting {
			return func(ctx context.Context, url string, attempt int, to io.Writer) (*http.Response, error) {
				resp, err := get(ctx, url, attempt, to)
				if resp != nil {
					resp.ContentLength--
				}
				return resp, err
			}
		},
	} {
		v := drivers(func(server *servers.Server) (getting, func()) {
			get, end := lean.Open(server)
			return wrong(get), end
		})
		s := parsed(t, v, `name: wrong
clock: real
server: {faults: [{kind: truncate, keys: [VE, VN]}]}
workload: {task: download, flags: [BR, CN, DE, US, VE, VN], driver: fasthttp, timeout: 10s}
executors: [{kind: sequential}]
`)
		if got, recs := judged(t, &scenarios.Runner{Vocabulary: v}, s); !strings.Contains(got, ":") ||
			len(recs[0].Violations) == 0 {
			t.Errorf("%s: got %s, want a violation", name, got)
		}
	}
}
