package scenarios_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
)

// got reports what an API says at a path.
func got(ctx context.Context, s *servers.Server, path string) record.Seen {
	seen, _ := plainly(ctx, s.Client(), s.URL()+path)
	return seen
}

// crawlers ask an API for more than their keys. The list, /list, leads to them.
// What is wrong with some is certain, and what is right cannot always be known.
var crawlers = []batchRow{
	{
		name: "it gives up without the list", doubt: "did not report them",
		world: "faults: [{kind: status, status: 503, keys: [/list]}]",
		run: func(ctx context.Context, _ int, s *servers.Server, keys []string, emit func(string, record.Seen)) error {
			if seen := got(ctx, s, "/list"); seen.Class != record.OK {
				return fmt.Errorf("no list: %d", seen.Status)
			}
			return crawl(ctx, s, keys, emit)
		},
	},
	{
		name: "it gives up with the list", check: "runs", want: "although no request had failed",
		run: func(ctx context.Context, _ int, s *servers.Server, _ []string, _ func(string, record.Seen)) error {
			got(ctx, s, "/list")
			return fmt.Errorf("no list")
		},
	},
	{
		name: "a key falls back to a mirror", doubt: "for a key that no task has",
		world: "faults: [{kind: reset, keys: [/a]}]",
		run: func(ctx context.Context, _ int, s *servers.Server, keys []string, emit func(string, record.Seen)) error {
			for _, key := range keys {
				seen := got(ctx, s, key)
				if seen.Class != record.OK {
					seen = got(ctx, s, "/mirror"+key)
				}
				emit(key, seen)
			}
			return nil
		},
	},
	{
		name: "a key falls back to nothing", check: "runs", want: "/a delivered as ok without an answer",
		world: "faults: [{kind: reset, keys: [/a]}]",
		run: func(ctx context.Context, _ int, s *servers.Server, keys []string, emit func(string, record.Seen)) error {
			for _, key := range keys {
				seen := got(ctx, s, key)
				seen.Class, seen.Status = record.OK, 0
				emit(key, seen)
			}
			return nil
		},
	},
	{
		name: "it does not hear of a key", doubt: "have another scenario without faults",
		world: "faults: [{kind: status, status: 500, keys: [/a]}]",
		run: func(ctx context.Context, _ int, s *servers.Server, keys []string, emit func(string, record.Seen)) error {
			return crawl(ctx, s, keys[:1], emit) // /a leads to the others
		},
	},
	{
		name: "it forgets a key of which it has heard", check: "runs", want: "/b never delivered",
		run: func(ctx context.Context, _ int, s *servers.Server, keys []string, emit func(string, record.Seen)) error {
			return crawl(ctx, s, keys[:1], emit)
		},
	},
}

// crawl asks for keys and reports each.
func crawl(ctx context.Context, s *servers.Server, keys []string, emit func(string, record.Seen)) error {
	for _, key := range keys {
		emit(key, got(ctx, s, key))
	}
	return nil
}

// TestCrawlers has programs that find their keys in answers, or elsewhere.
func TestCrawlers(t *testing.T) {
	for _, row := range crawlers {
		row.keys = "keys: [/a, /b, /c]"
		if row.world != "" {
			row.world = ", " + row.world
		}
		row.world = "content: api, latency: 10ms" + row.world
		for _, clock := range []record.Clock{record.Virtual, record.Real} {
			t.Run(fmt.Sprintf("%s/%s", row.name, clock), func(t *testing.T) {
				holdBatch(t, runBatch(t, clock, 7, row), row)
			})
		}
	}
}
