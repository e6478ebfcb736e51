package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/singleflight"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
)

// plain are the correct clients of net/http alone.
var plain = []client{
	{name: "net/http, bare", open: openBare},
	{name: "net/http, retries at once", policy: "retry: {attempts: 3}", open: retrying(3, nil)},
	{
		name: "net/http, backs off with jitter",
		policy: `retry: {attempts: 4, on: [timeout, refused, reset, truncated, 429, 5xx], ` +
			`wait: "exponential(40ms, 400ms, 0.5)"}`,
		open: openBackoff,
	},
	{name: "net/http, scenarios.Attempts", policy: "attempts: 3", open: openAttempts},
	{name: "net/http, hedged", open: openHedged},
	{name: "net/http, coalesced by singleflight", open: openCoalesced},
	{name: "net/http, cached by ETag", open: openCached},
	{name: "net/http, resuming", policy: "attempts: 4", open: openResuming},
	{name: "net/http, in parallel ranges", open: openRanged},
	{name: "net/http, HEAD alone", open: openHead},
	{name: "net/http, gzip by hand", open: openGzip},
	{name: "net/http, polite", policy: "attempts: 40", patient: true, open: openPolite},
	{name: "net/http, follows no redirect", open: openDeclining},
	{name: "net/http, POST, not sent again", policy: postPolicy, apart: unsent, open: openPost},
}

func openBare(s setup) (scenarios.RequestFunc, error) {
	hc := &http.Client{Transport: s.transport}
	return func(ctx context.Context, server *servers.Server, key string, attempt int) record.Seen {
		return report(hc.Do(request(ctx, place(ctx, server, key, attempt))))
	}, nil
}

// retrying makes up to n attempts, each with its number in the URL's host and
// in the header.
func retrying(n int, wait func(attempt int, seen record.Seen, told time.Duration) (time.Duration, bool),
) func(setup) (scenarios.RequestFunc, error) {
	return func(s setup) (scenarios.RequestFunc, error) {
		hc := &http.Client{Transport: s.transport}
		return func(ctx context.Context, server *servers.Server, key string, _ int) (seen record.Seen) {
			for attempt := 1; ; attempt++ {
				var told time.Duration
				seen, told = once(ctx, hc, s.timeout, place(ctx, server, key, attempt), attempt)
				temporary := seen.Status >= 500 || slices.Contains([]int{408, 425, 429}, seen.Status)
				again := seen.Class.Outcome() == record.OutcomeError && (seen.Class != record.Status || temporary)
				pauseFor := told
				if wait != nil && again {
					pauseFor, again = wait(attempt, seen, told)
				}
				if !again || attempt == n || !pause(ctx, pauseFor) {
					return seen
				}
			}
		}, nil
	}
}

// once makes one attempt, and returns its report and its Retry-After.
func once(ctx context.Context, hc *http.Client, timeout time.Duration, url string, attempt int,
) (record.Seen, time.Duration) {
	ctx, cancel := limited(ctx, timeout)
	defer cancel()
	r := request(ctx, url)
	if attempt > 0 {
		r.Header.Set(servers.AttemptHeader, strconv.Itoa(attempt))
	}
	resp, err := hc.Do(r)
	var told time.Duration
	if err == nil {
		told = retryAfter(resp)
	}
	return report(resp, err), told
}

// retryAfter reads both forms of the header.
func retryAfter(resp *http.Response) time.Duration {
	text := resp.Header.Get("Retry-After")
	if seconds, err := strconv.Atoi(text); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}

func openBackoff(s setup) (scenarios.RequestFunc, error) {
	causes := []record.Class{record.Timeout, record.Refused, record.Reset, record.Truncated, record.Status}
	return retrying(4, func(attempt int, seen record.Seen, told time.Duration) (time.Duration, bool) {
		if !slices.Contains(causes, seen.Class) || seen.Status == 408 || seen.Status == 425 {
			return 0, false
		}
		d := min(400*time.Millisecond, 40*time.Millisecond<<(attempt-1))
		return max(told, d/2+rand.N(d/2)), true
	})(s)
}

// openAttempts leaves the loop to teapot, and takes a 4xx for final.
func openAttempts(s setup) (scenarios.RequestFunc, error) {
	hc := &http.Client{Transport: s.transport}
	return func(ctx context.Context, server *servers.Server, key string, _ int) (seen record.Seen) {
		for attempt, one := range scenarios.Attempts(ctx) {
			r := request(one, place(ctx, server, key, attempt))
			r.Header.Set(servers.AttemptHeader, strconv.Itoa(attempt))
			resp, err := hc.Do(r)
			var told time.Duration
			if err == nil {
				told = retryAfter(resp)
			}
			if seen = report(resp, err); seen.Class.Outcome() != record.OutcomeError || seen.Status == 400 {
				break
			}
			if told > 0 && !pause(ctx, told) {
				break
			}
		}
		return seen
	}, nil
}

// openHedged sends a second request when the first is slow, takes the first
// success, and leaves the other.
func openHedged(s setup) (scenarios.RequestFunc, error) {
	hc := &http.Client{Transport: s.transport}
	return func(ctx context.Context, server *servers.Server, key string, attempt int) record.Seen {
		ctx, cancel := context.WithCancel(ctx)
		var both sync.WaitGroup
		defer both.Wait()
		defer cancel()
		answers := make(chan record.Seen, 2)
		one := func() { answers <- report(hc.Do(request(ctx, place(ctx, server, key, attempt)))) }
		both.Go(one)
		select {
		case seen := <-answers:
			return seen
		case <-time.After(100 * time.Millisecond):
		}
		both.Go(one)
		return <-answers
	}, nil
}

// openCoalesced lets tasks of one key that run at once share a request.
func openCoalesced(s setup) (scenarios.RequestFunc, error) {
	hc := &http.Client{Transport: s.transport}
	var group singleflight.Group
	return func(ctx context.Context, server *servers.Server, key string, attempt int) record.Seen {
		v, _, _ := group.Do(key, func() (any, error) {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.timeout)
			defer cancel()
			return report(hc.Do(request(ctx, place(ctx, server, key, attempt)))), nil
		})
		return v.(record.Seen)
	}, nil
}

// openCached asks whether its copy is still good, and reports the copy.
func openCached(s setup) (scenarios.RequestFunc, error) {
	type copied struct {
		tag  string
		seen record.Seen
	}
	hc := &http.Client{Transport: s.transport}
	var copies sync.Map
	return func(ctx context.Context, server *servers.Server, key string, attempt int) record.Seen {
		r := request(ctx, place(ctx, server, key, attempt))
		known, _ := copies.Load(key)
		have, ok := known.(copied)
		if ok {
			r.Header.Set("If-None-Match", have.tag)
		}
		resp, err := hc.Do(r)
		seen := report(resp, err)
		switch {
		case ok && seen.Status == http.StatusNotModified:
			return have.seen
		case seen.Class == record.OK && resp.Header.Get("ETag") != "":
			copies.Store(key, copied{resp.Header.Get("ETag"), seen})
		}
		return seen
	}, nil
}

// openResuming asks for the rest of a body that broke off, and starts again
// where it gets the whole.
func openResuming(s setup) (scenarios.RequestFunc, error) {
	hc := &http.Client{Transport: s.transport}
	return func(ctx context.Context, server *servers.Server, key string, _ int) (seen record.Seen) {
		var have []byte
		tag := ""
		for attempt, one := range scenarios.Attempts(ctx) {
			r := request(one, place(ctx, server, key, attempt))
			r.Header.Set(servers.AttemptHeader, strconv.Itoa(attempt))
			if len(have) > 0 && tag != "" {
				r.Header.Set("Range", fmt.Sprintf("bytes=%d-", len(have)))
				r.Header.Set("If-Range", tag)
			}
			resp, err := hc.Do(r)
			if err != nil {
				seen = failed(resp, err)
				continue
			}
			told := retryAfter(resp)
			var part []byte
			part, err = io.ReadAll(resp.Body)
			resp.Body.Close()
			switch {
			case resp.StatusCode == http.StatusPartialContent:
				have = append(have, part...)
			case resp.StatusCode == http.StatusOK:
				have, tag = part, resp.Header.Get("ETag")
			}
			switch {
			case err != nil:
				seen = failed(resp, err)
			case resp.StatusCode/100 == 2:
				seen = answered(resp.StatusCode, resp.Header.Get("Content-Type"), have)
				have, tag = nil, ""
			default:
				seen = answered(resp.StatusCode, "", part)
			}
			if seen.Class.Outcome() != record.OutcomeError || told > 0 && !pause(ctx, told) {
				break
			}
		}
		return seen
	}, nil
}

// openHead asks whether a flag is there.
func openHead(s setup) (scenarios.RequestFunc, error) {
	hc := &http.Client{Transport: s.transport}
	return func(ctx context.Context, server *servers.Server, key string, attempt int) record.Seen {
		r := request(ctx, place(ctx, server, key, attempt))
		r.Method = http.MethodHead
		return report(hc.Do(r))
	}, nil
}

// openRanged asks for the size, and then for three parts at once.
func openRanged(s setup) (scenarios.RequestFunc, error) {
	hc := &http.Client{Transport: s.transport}
	return func(ctx context.Context, server *servers.Server, key string, attempt int) record.Seen {
		url := place(ctx, server, key, attempt)
		r := request(ctx, url)
		r.Method = http.MethodHead
		resp, err := hc.Do(r)
		if err != nil {
			return failed(resp, err)
		}
		resp.Body.Close()
		size := resp.ContentLength
		if resp.StatusCode != http.StatusOK {
			return report(resp, nil)
		}
		if size < 3 { // it is not known
			return report(hc.Do(request(ctx, url)))
		}
		parts := make([]record.Seen, 3)
		bodies, types := make([][]byte, 3), make([]string, 3)
		var group errgroup.Group
		for i := range parts {
			from, to := size*int64(i)/3, size*int64(i+1)/3-1
			group.Go(func() error {
				r := request(ctx, url)
				r.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", from, to))
				part, err := hc.Do(r)
				if err != nil {
					parts[i] = failed(part, err)
					return errStopped
				}
				defer part.Body.Close()
				bodies[i], err = io.ReadAll(part.Body)
				switch {
				case err != nil:
					parts[i] = failed(part, err)
					return errStopped
				case part.StatusCode == http.StatusOK: // the whole, which it did not ask for
					bodies[i] = bodies[i][from : to+1]
				case part.StatusCode != http.StatusPartialContent:
					parts[i] = answered(part.StatusCode, "", bodies[i])
					return errStopped
				}
				types[i] = part.Header.Get("Content-Type")
				parts[i] = answered(part.StatusCode, types[i], bodies[i])
				return nil
			})
		}
		if group.Wait() != nil {
			return *worst(parts)
		}
		if p := worst(parts); p.Class != record.OK {
			return *p
		}
		if len(slices.Compact(types)) > 1 {
			return record.Seen{Class: record.Malformed, Error: "the parts have different types"}
		}
		return answered(parts[0].Status, types[0], bytes.Join(bodies, nil))
	}, nil
}

// worst returns the first part that is not one, or else the first.
func worst(parts []record.Seen) *record.Seen {
	i := slices.IndexFunc(parts, func(p record.Seen) bool {
		return p.Class != record.OK || p.Status != http.StatusOK && p.Status != http.StatusPartialContent
	})
	return &parts[max(i, 0)]
}

// openGzip asks for gzip by hand, unpacks the answer, and counts the bytes that
// came out.
func openGzip(s setup) (scenarios.RequestFunc, error) {
	hc := &http.Client{Transport: s.transport}
	return func(ctx context.Context, server *servers.Server, key string, attempt int) record.Seen {
		r := request(ctx, place(ctx, server, key, attempt))
		r.Header.Set("Accept-Encoding", "gzip")
		resp, err := hc.Do(r)
		if err != nil || resp.Header.Get("Content-Encoding") != "gzip" {
			return report(resp, err)
		}
		defer resp.Body.Close()
		unpacked, err := gzip.NewReader(resp.Body)
		if err != nil {
			return failed(resp, err)
		}
		body, err := io.ReadAll(unpacked)
		if err != nil {
			return failed(resp, err)
		}
		return answered(resp.StatusCode, resp.Header.Get("Content-Type"), body)
	}, nil
}

// openPolite waits as it is told, and otherwise for ever longer.
func openPolite(s setup) (scenarios.RequestFunc, error) {
	hc := &http.Client{Transport: s.transport}
	return func(ctx context.Context, server *servers.Server, key string, _ int) (seen record.Seen) {
		for attempt := 1; ; attempt++ {
			var told time.Duration
			seen, told = once(ctx, hc, s.timeout, place(ctx, server, key, attempt), attempt)
			if seen.Class.Outcome() != record.OutcomeError || attempt == 40 || seen.Status == 400 ||
				!pause(ctx, cmp.Or(told, time.Duration(attempt)*time.Millisecond)) {
				return seen
			}
		}
	}, nil
}

// openDeclining reports a redirect as its answer.
func openDeclining(s setup) (scenarios.RequestFunc, error) {
	hc := &http.Client{
		Transport:     s.transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return func(ctx context.Context, server *servers.Server, key string, attempt int) record.Seen {
		return report(hc.Do(request(ctx, place(ctx, server, key, attempt))))
	}, nil
}

// unsent leaves out a GOAWAY that comes as a request is sent: net/http fails
// before it sends a body that it cannot read again.
func unsent(w world) string {
	if strings.Contains(w.faults, "go_away") {
		return "a GOAWAY may come before a request is sent, which a server cannot see: most runs are inconclusive"
	}
	return ""
}

// openPost sends an order, which the flags do not take, and reports that. It
// tries again only where an answer has said that the order was not taken.
func openPost(s setup) (scenarios.RequestFunc, error) {
	hc := &http.Client{Transport: s.transport}
	return func(ctx context.Context, server *servers.Server, key string, _ int) (seen record.Seen) {
		for attempt, one := range scenarios.Attempts(ctx) {
			r := request(one, place(ctx, server, key, attempt))
			r.Method, r.Body = http.MethodPost, io.NopCloser(strings.NewReader("an order"))
			r.Header.Set(servers.AttemptHeader, strconv.Itoa(attempt))
			resp, err := hc.Do(r)
			var told time.Duration
			if err == nil {
				told = retryAfter(resp)
			}
			seen = report(resp, err)
			if again := seen.Status >= 500 || seen.Class == record.Refused; !again || told > 0 && !pause(ctx, told) {
				break
			}
		}
		return seen
	}, nil
}
