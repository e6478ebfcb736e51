package servers_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/fault"
	"github.com/teapot-go/teapot/servers/flags"
	waits "github.com/teapot-go/teapot/servers/latency"
)

// TestSpend looks at when the head comes, when each piece of the body does, and
// when the last one, under the virtual clock.
func TestSpend(t *testing.T) {
	const wait = 2 * time.Second
	image, _ := flags.GIF("BR")
	transfer := time.Duration(len(image)) * time.Second / 1000
	for _, test := range []struct {
		name   string
		plan   servers.Plan
		method string
		head   time.Duration // when it comes, but for the plan's offset below a microsecond
		body   time.Duration // when it ends
		pieces int           // how many times anything comes; 0 for any
	}{
		{"before the head, unsaid", servers.Plan{}, "GET", wait, wait, 1},
		{"before the head", servers.Plan{Spend: waits.BeforeHead}, "GET", wait, wait, 1},
		{"before the body", servers.Plan{Spend: waits.BeforeBody}, "GET", 0, wait, 1},
		{"over the body", servers.Plan{Spend: waits.OverBody}, "GET", 0, wait, 10},
		{"over the body in four", servers.Plan{Spend: waits.OverBody, Pieces: 4}, "GET", 0, wait, 4},
		{"a limited bandwidth", servers.Plan{Bandwidth: 1000}, "GET", wait, wait + transfer, 0},
		{
			"a limited bandwidth and over the body",
			servers.Plan{Bandwidth: 1000, Spend: waits.OverBody},
			"GET", 0,
			wait + transfer, 0,
		},
		{"a head alone", servers.Plan{Spend: waits.OverBody, Bandwidth: 1000}, "HEAD", wait, wait, 0},
		{
			"a status over its body",
			servers.Plan{Spend: waits.OverBody, Pieces: 3, Faults: []servers.Fault{teapots(1)}},
			"GET", 0, wait, 3,
		},
		{"a reason before its body", servers.Plan{
			Spend:  waits.BeforeBody,
			Faults: []servers.Fault{{Kind: fault.Status, Status: 418, Reason: "Short", Rate: 1}},
		}, "GET", 0, wait, 1},
		{"a reason over its body", servers.Plan{
			Spend: waits.OverBody, Pieces: 3,
			Faults: []servers.Fault{{Kind: fault.Status, Status: 418, Reason: "Short", Rate: 1}},
		}, "GET", 0, wait, 3},
		{"a truncated body", servers.Plan{
			Spend:  waits.OverBody,
			Faults: []servers.Fault{{Kind: fault.Truncate, Rate: 1}},
		}, "GET", 0, wait, 1},
		{
			"a reset body",
			servers.Plan{Spend: waits.OverBody, Faults: []servers.Fault{{Kind: fault.ResetBody, Rate: 1}}},
			"GET", 0, wait, 1,
		},
		{
			"redirects",
			servers.Plan{Spend: waits.OverBody, Faults: []servers.Fault{{Kind: fault.Redirect, Rate: 1}}},
			"GET", wait, wait, 0,
		},
		{
			"redirects and a limited bandwidth",
			servers.Plan{Bandwidth: 1000, Faults: []servers.Fault{{Kind: fault.Redirect, Rate: 1}}},
			"GET", wait,
			wait + transfer, 0,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				test.plan.Latency = latencyOf(t, wait)
				offset := test.plan.Fate("BR", 1).Latency - wait
				if test.plan.Fate("BR", 1).Transfer > 0 != (test.plan.Bandwidth > 0) {
					t.Errorf("transfer %v", test.plan.Fate("BR", 1).Transfer)
				}
				s := start(t, servers.Config{Plan: test.plan, Memory: true})
				req, err := http.NewRequestWithContext(t.Context(), test.method, s.URL()+servers.FlagPath("BR"), nil)
				if err != nil {
					t.Fatal(err)
				}
				begin := time.Now()
				resp, err := s.Client().Do(req)
				if err != nil {
					t.Fatal(err)
				}
				defer resp.Body.Close()
				if got := time.Since(begin); got != test.head && got != test.head+offset {
					t.Errorf("the head came after %v, want %v", got, test.head)
				}
				pieces, last := 0, time.Now()
				var buffered int
				for r := bufio.NewReader(resp.Body); ; {
					n, err := io.CopyN(io.Discard, r, 1)
					if now := time.Now(); n > 0 && (buffered == 0 || now.After(last)) {
						pieces, last = pieces+1, now
					}
					buffered += int(n)
					if err != nil {
						break
					}
				}
				if got := time.Since(begin); got != test.body+offset {
					t.Errorf("the body ended after %v, want %v", got, test.body+offset)
				}
				if test.pieces > 0 && pieces != test.pieces {
					t.Errorf("it came in %d pieces, want %d", pieces, test.pieces)
				}
			})
		})
	}
}

func latencyOf(t *testing.T, d time.Duration) servers.Latency { return latency(t, fmt.Sprint(d)) }
