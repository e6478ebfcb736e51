package harness

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
)

// TestPassedOver has tasks "from-to" and open connections "first-last", in
// milliseconds.
func TestPassedOver(t *testing.T) {
	for _, tt := range []struct {
		name, tasks, open string
		want              int
		single            int
	}{
		{"nothing", "", "", 0, 0},
		{"one connection", "0-10 10-20", "1-19", 0, 0},
		{"a connection a task", "0-10 11-20 21-30", "1-9 12-19 22-29", 2, 3},
		{"a connection a task, at the same instant", "0-10 10-20 20-30", "0-10 10-20 20-30", 0, 3},
		{"the same of four tasks", "0-10 10-20 20-30 30-40", "0-10 10-20 20-30 30-40", 0, 4},
		{"the same of five tasks", "0-10 10-20 20-30 30-40 40-50", "0-10 10-20 20-30 30-40 40-50", 1, 5},
		{"two at once, each used again", "0-10 0-12 11-20 13-20", "1-19 1-19", 0, 0},
		{"two at once, one used again", "0-10 0-12 11-20", "1-19 1-12", 0, 0},
		{"perhaps opened by a task that runs on", "0-30 5-10 15-20", "1-2 6-9 16-19", 0, 3},
		{"opened by a task that began before another was idle", "0-10 5-30", "1-9 12-29", 0, 2},
		{"one that carried no request", "0-10 11-20", "- 12-19", 0, 1},
		{"outside of every task", "0-10 20-30", "12-15 21-29", 1, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			start := time.Unix(1000, 0)
			r := &recorder{start: start}
			for word := range strings.FieldsSeq(tt.tasks) {
				var from, to time.Duration
				if _, err := fmt.Sscanf(word, "%d-%d", &from, &to); err != nil {
					t.Fatal(err)
				}
				r.samples = append(r.samples, record.Sample{Started: from * ms, Finished: to * ms})
			}
			r.samples = append(r.samples, record.Sample{Started: -1, Finished: -1}, record.Sample{Finished: -1})
			var open []servers.Connection
			for word := range strings.FieldsSeq(tt.open) {
				c := servers.Connection{Requests: 1, First: time.Second, Last: time.Second}
				var first, last time.Duration
				if _, err := fmt.Sscanf(word, "%d-%d", &first, &last); err != nil {
					c.Requests = 0
				}
				c.First, c.Last = c.First+first*ms, c.Last+last*ms
				if first != last {
					c.Requests = 2
				}
				open = append(open, c)
			}
			u := newUsage(r, start.Add(-time.Second), 1)
			if got := u.passedOver(open); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
			if got := u.single(open); got != tt.single {
				t.Errorf("%d of single tasks, want %d", got, tt.single)
			}
		})
	}
}

const ms = time.Millisecond

// TestPeak counts tasks that ran at once, on so many workers.
func TestPeak(t *testing.T) {
	for _, tt := range []struct {
		workers int
		tasks   string
		want    int
	}{
		{1, "", 0},
		{1, "0-1", 1},
		{1, "0-1 1-2", 1},
		{2, "0-1 1-2", 2}, // of which the second may have waited for anything
		{2, "0-2 1-3 2-4", 2},
		{2, "0-9 1-2 3-4 5-6", 2},
		{3, "0-9 1-8 2-7 9-10", 3},
		{1, "5-5 5-5 5-5", 1},
		{2, "5-5 5-5 5-5", 2},
		{9, "5-5 5-5 5-5", 3},
		{0, "5-5 5-5 5-5", 3}, // without a limit
		{1, "0-2 1-3", 2},     // an executor that does not keep to its own
	} {
		tasks, want := tt.tasks, tt.want
		r := &recorder{start: time.Unix(0, 0)}
		for word := range strings.FieldsSeq(tasks) {
			var from, to time.Duration
			if _, err := fmt.Sscanf(word, "%d-%d", &from, &to); err != nil {
				t.Fatal(err)
			}
			r.samples = append(r.samples, record.Sample{Started: from * ms, Finished: to * ms})
		}
		if got := newUsage(r, r.start, tt.workers).peak; got != want {
			t.Errorf("%q: got %d, want %d", tasks, got, want)
		}
	}
}

// TestPatterns matches names with patterns of what may be left.
func TestPatterns(t *testing.T) {
	for _, tt := range []struct {
		pattern, name string
		want          bool
	}{
		{"main.clean", "main.clean", true},
		{"main.clean", "main.cleaner", false},
		{"main.clean*", "main.cleaner", true},
		{"main.clean", "", false},
		{"*/fasthttp.*", "github.com/valyala/fasthttp.(*HostClient).connsCleaner", true},
		{"*/fasthttp.*", "github.com/valyala/fasthttp2.f", false},
		{"fasthttp.(*HostClient).clean", "fasthttp.(*HostClient).clean", true},
		{"a*b*c", "a.b.b.c", true},
		{"a*b*c", "a.b.b.d", false},
		{"*", "", true},
		{"sleep", "sleep", true},
		{"/var/log/*", "/var/log/a/b.log", true},
	} {
		if got := matches(tt.pattern, tt.name); got != tt.want {
			t.Errorf("%q, %q: got %v", tt.pattern, tt.name, got)
		}
	}
}
