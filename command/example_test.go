package command_test

import (
	"context"

	"github.com/teapot-go/teapot/command"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
)

// fetch calls the client under test. This one is right.
func fetch(ctx context.Context, server *servers.Server, key string, attempt int) record.Seen {
	return scenarios.Downloader{}.Download(ctx, server, key, attempt)
}

// A program calls Main first thing in main. Its scenario files may then have
// workload: {task: fetch}.
func ExampleMain() {
	command.Main(scenarios.Vocabulary{
		Tasks: map[string]scenarios.WorkloadFunc{"fetch": scenarios.RequestWorkload(fetch)},
	})
}
