package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/teapot-go/teapot/servers/fault"
)

// A world is what a client meets: a server's plan, and the keys that are asked
// for. Several runs of a world differ by their seed.
type world struct {
	name    string
	faults  string // YAML, the items of server.faults
	server  string // YAML, further keys of server
	flags   string // the keys; the eight of flags below if ""
	slow    bool   // some answers take longer than the timeout
	patient bool   // the timeout is longer under the real clock, where the answer takes long
	spend   string // server.spend
	expect  string // YAML, further keys of expect
	needs   need   // of a client, so that it can get on in this world
	// virtual reports whether the world is for the virtual clock only.
	virtual bool
}

// A need is what a world asks of a client.
type need string

const (
	anyClient  need = ""
	patience   need = "patience"   // tries again until the server lets it in
	transports need = "transports" // uses the server's transport, for TLS and HTTP/2
)

const (
	flags    = "[BR, CN, DE, EG, FR, GB, IN, JP]"
	repeated = "[BR, CN, BR, DE, CN, BR, DE, BR]"
)

// kinds are the faults that a client meets one by one, with their settings.
var kinds = []string{
	"status, status: 503", "status, status: 500", "status, status: 404", "status, status: 400",
	"status, status: 429, retry_after: 1s", `status, status: 503, retry_after: "date(2s)"`,
	"status, status: 204", "redirect", "redirect, status: 307, hops: 1", "redirect, other_host: true, hops: 1",
	"redirect_loop", "refuse", "close", "empty", "reset", "reset_head", "reset_body", "truncate",
	"truncate_chunked", "garbage", "bad_chunk", "bad_length", "wrong_type", "huge_head", "surplus", "hang", "hang_body",
	"half_open", "slow_close, delay: 50ms", "early_hints", "trailers", "go_away",
	"corrupt", "ignore_range", "refused_stream", "go_away_unprocessed",
}

// worlds returns all worlds: a faithful one, one of each kind of fault, and
// what kinds alone do not show.
func worlds() []world {
	all := []world{{name: "no fault"}}
	for _, k := range kinds {
		name := strings.NewReplacer(", status: ", " ", ", ", ", ").Replace(k)
		w := world{name: name, faults: fmt.Sprintf("{kind: %s, rate: 0.4}", k), patient: k == "huge_head"}
		if kind := fault.Kind(k); slices.Contains(fault.Kinds(), kind) && !kind.HTTP1() {
			w.server, w.needs = "protocol: h2", transports
		}
		all = append(all, w)
	}
	first := func(kind string) string { return fmt.Sprintf("{kind: %s, attempts: 1, rate: 0.7}", kind) }
	return append(
		all,
		world{name: "503, then well", faults: first("status, status: 503")},
		world{name: "reset_head, then well", faults: first("reset_head")},
		world{name: "truncate, then well", faults: first("truncate")},
		world{name: "hang, then well", faults: first("hang")},
		world{name: "empty twice, then well", faults: "{kind: empty, attempts: 2, rate: 0.8}"},
		world{
			name: "many faults",
			faults: "{kind: status, status: 503, rate: 0.2}, {kind: truncate, rate: 0.2}, {kind: reset, rate: 0.2}, " +
				"{kind: garbage, rate: 0.2}, {kind: hang, rate: 0.2}",
		},
		world{name: "slow answers", slow: true},
		world{name: "slow bodies", slow: true, spend: "over_body", faults: "{kind: reset_body, rate: 0.2}"},
		world{name: "an outage", faults: "{kind: status, status: 503, from: 20ms, until: 200ms}"},
		world{name: "one URL", flags: repeated},
		world{name: "one URL, 503", flags: repeated, faults: "{kind: status, status: 503, rate: 0.4}"},
		world{
			name: "one URL, bodies", flags: repeated,
			faults: "{kind: truncate, rate: 0.2}, {kind: reset_body, rate: 0.2}, {kind: surplus, rate: 0.2}",
		},
		world{name: "one URL, reset", flags: repeated, faults: "{kind: reset, rate: 0.4}"},
		world{name: "large bodies", server: `body: "doubling(1KB, 200KB)"`},
		world{
			name: "large bodies, truncate", server: `body: "doubling(1KB, 200KB)"`,
			faults: "{kind: truncate, rate: 0.4}",
		},
		world{
			name: "large bodies, truncate_chunked", server: `body: "doubling(1KB, 200KB)"`,
			faults: "{kind: truncate_chunked, rate: 0.4}",
		},
		world{name: "capacity, waits", server: "capacity: {concurrent: 2}"},
		world{
			name: "capacity, 503", server: "capacity: {concurrent: 2, queue: 1}", needs: patience,
			expect: "outcomes: {ok: 8}",
		},
		world{
			name: "capacity, 429", server: "capacity: {concurrent: 1, queue: 1, policy: too_many}", needs: patience,
			expect: "outcomes: {ok: 8}",
		},
		world{
			name: "rate limit", server: "rate_limit: {per_second: 4, burst: 2}", needs: patience,
			expect: "outcomes: {ok: 8}", virtual: true,
		},
		world{
			name: "https", server: "protocol: https", needs: transports,
			faults: "{kind: truncate, rate: 0.2}, {kind: reset, rate: 0.2}",
		},
		world{
			name: "HTTP/2", server: "protocol: h2", needs: transports,
			faults: "{kind: status, status: 503, rate: 0.2}, {kind: hang_body, rate: 0.2}",
		},
		world{
			name: "HTTP/2, connections that end", server: "protocol: h2", needs: transports,
			faults: "{kind: go_away, rate: 0.3}, {kind: reset, rate: 0.2}, {kind: reset_body, rate: 0.2}",
		},
		world{
			name: "HTTP/2 without TLS", server: "protocol: h2c", needs: transports,
			faults: "{kind: redirect, rate: 0.3}, {kind: hang, rate: 0.2}",
		},
		world{
			name: "HTTP/2, requests that are not processed", server: "protocol: h2c", needs: transports,
			faults: "{kind: go_away_unprocessed, rate: 0.2}, {kind: refused_stream, rate: 0.2}, " +
				"{kind: status, status: 503, rate: 0.2}, {kind: reset, rate: 0.2}",
		},
	)
}

// withinBody reports whether an answer of the world may go wrong within its
// body, other than by its truncation.
func (w world) withinBody() bool {
	return w.spend != "" || slices.ContainsFunc([]string{"reset_body", "bad_chunk", "hang_body", "wrong_type"},
		func(kind string) bool { return strings.Contains(w.faults, "kind: "+kind) })
}

// timeout is the client's, by the clock.
func (w world) timeout(clock string) time.Duration {
	switch {
	case w.patient:
		return 5 * time.Second
	case clock == virtual:
		return time.Second
	}
	return 300 * time.Millisecond
}

// scenario writes the scenario of a client in a world.
func (w world) scenario(c client, clock string, seed uint64) string {
	latency := map[bool]string{false: "uniform(10ms, 300ms)", true: "uniform(100ms, 3s)"}[w.slow]
	if clock == real {
		latency = map[bool]string{false: "uniform(1ms, 15ms)", true: "list(5ms, 800ms)"}[w.slow]
	}
	server := []string{fmt.Sprintf("latency: %q", latency)}
	if w.spend != "" {
		server = append(server, "spend: "+w.spend)
	}
	if w.server != "" {
		server = append(server, w.server)
	}
	if w.faults != "" {
		server = append(server, "faults: ["+w.faults+"]")
	}
	workload := []string{
		"task: " + clientTask, "flags: " + or(w.flags, flags), "timeout: " + w.timeout(clock).String(),
	}
	if c.policy != "" {
		workload = append(workload, c.policy)
	}
	expect := []string{"leaks: {ignore: [" + strings.Join(quoted(c.keeps), ", ") + "]}"}
	if c.keeps == nil {
		expect = []string{"leaks: none"}
	}
	if w.expect != "" {
		expect = append(expect, w.expect)
	}
	if c.coarse {
		expect = append(expect, "classification: coarse")
	}
	order := ""
	if c.interleave != "" && clock == virtual {
		order = "interleave: " + c.interleave + "\n"
	}
	return order + fmt.Sprintf("name: gallery\nseed: %d\nclock: %s\nserver: {%s}\nworkload: {%s}\n"+
		"executors: [{kind: %s, workers: 4}]\nexpect: {%s}\n", seed, clock, strings.Join(server, ", "),
		strings.Join(workload, ", "), or(c.executor, "pool"), strings.Join(expect, ", "))
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func quoted(words []string) []string {
	var list []string
	for _, w := range words {
		list = append(list, fmt.Sprintf("%q", w))
	}
	return list
}
