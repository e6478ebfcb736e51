package harness_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/record"
)

// TestDied reads what the Go runtime prints at the end of a process.
func TestDied(t *testing.T) {
	const stack = "\n\ngoroutine 8 gp=0x1 m=4 [running, synctest bubble 1]:\n" +
		"net/http.(*Client).do(0xc0, 0xc1)\n\t/go/src/net/http/client.go:9 +0x2\n" +
		"example.org/crawl.(*pool).work(0xc0)\n\t/home/me/crawl/pool.go:31 +0x9f\n" +
		"created by example.org/crawl.open in goroutine 1\n\t/home/me/crawl/pool.go:12 +0x2\n"
	const place = " at example.org/crawl.(*pool).work (pool.go:31)"
	const clock = "cannot be judged under the virtual clock, the process died of "
	for _, tt := range []struct{ name, printed, limit, deadlock string }{
		{
			"a channel from outside", "hello\nfatal error: receive on synctest channel from outside bubble" + stack,
			clock + `"receive on synctest channel from outside bubble"` + place + ": use clock: real", "",
		},
		{
			"a wait group from outside",
			"fatal error: sync: WaitGroup.Add called from inside and outside synctest bubble" + stack,
			clock + `"sync, WaitGroup.Add called from inside and outside synctest bubble"` + place +
				": use clock: real", "",
		},
		{"a panic", "panic: no: tea" + stack, "", `the process died of "panic: no: tea"` + place},
		{
			"a race of maps", "fatal error: concurrent map writes" + stack, "",
			`the process died of "concurrent map writes"` + place,
		},
		{
			"a data race",
			"WARNING: DATA RACE\nRead at 0x01 by goroutine 21:\n" +
				"  example.org/crawl.(*pool).work()\n      /home/crawl/pool.go:31 +0x85\n\nPrevious write at 0x01\n" +
				"panic: runtime error: invalid memory address\n", "",
			`the process died of "a data race"` + place,
		},
		{
			"no thread",
			"runtime/cgo: pthread_create failed: Resource temporarily unavailable\nSIGABRT: abort" + stack,
			`cannot be judged, the process died of "runtime/cgo, pthread_create failed, Resource temporarily ` +
				`unavailable": raise the limit of processes, such as with ulimit -u, or run fewer tasks at once`, "",
		},
		{
			"no thread without cgo",
			"runtime: failed to create new OS thread (have 6 already; errno=11)\nfatal error: newosproc" + stack,
			`cannot be judged, the process died of "runtime, failed to create new OS thread (have 6 already; ` +
				`errno=11)": raise the limit of processes, such as with ulimit -u, or run fewer tasks at once`, "",
		},
		{
			"no memory", "fatal error: runtime: out of memory" + stack,
			`cannot be judged, the process died of "fatal error, runtime, out of memory": run it where there is ` +
				`more memory, or fewer tasks at once`, "",
		},
		{"an exit", "bye\n", "", `the process died of "exit status 3"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tr := trial(record.Virtual)
			rec, err := harness.Died(t.Context(), tr, tt.printed, errors.New("exit status 3"))
			if err != nil {
				t.Fatal(err)
			}
			if rec.Limit != tt.limit || rec.Deadlock != tt.deadlock {
				t.Errorf("limit %q, deadlock %q, want %q and %q", rec.Limit, rec.Deadlock, tt.limit, tt.deadlock)
			}
			if _, remedy, _ := strings.Cut(rec.Limit, ": "); tt.limit != "" &&
				!strings.HasSuffix(tt.limit, ": "+remedy) {
				t.Errorf("the limit's remedy is %q", remedy)
			}
			if err := rec.Validate(); err != nil {
				t.Error(err)
			}
		})
	}
}
