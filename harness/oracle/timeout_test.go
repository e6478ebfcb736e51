package oracle_test

import (
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/oracle"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/content"
	"github.com/teapot-go/teapot/servers/fault"
	"github.com/teapot-go/teapot/servers/limits"
)

// TestWholeTimeout has a timeout of 1 s over all attempts and pauses: what a
// client may report when it ends, and what not.
func TestWholeTimeout(t *testing.T) {
	policy := &oracle.Retry{
		On:   func(class record.Class, status int) bool { return status/100 == 5 || class == record.Timeout },
		Wait: func(int) (least, most time.Duration) { return 100 * ms, 200 * ms },
	}
	gone := func(arrived, took time.Duration) servers.Entry {
		e := servers.Entry{Arrived: arrived * ms, Took: took * ms, Gone: took * ms}
		e.Planned.Latency = 900 * ms
		return e
	}
	at := func(arrived, took time.Duration, status int) servers.Entry {
		e := servers.Entry{Arrived: arrived * ms, Took: took * ms, Status: status}
		e.Planned.Latency = e.Took
		return e
	}
	for _, test := range []struct {
		name    string
		journal []servers.Entry
		right   []string // reports
		wrong   []string
	}{
		{
			"answered in time", tried(at(0, 500, 503), at(650, 300, 200)),
			[]string{"A:0-950=200"},
			[]string{"A:0-950=0", "A:0-950=503"},
		},
		{
			"within an attempt", tried(at(0, 500, 503), at(650, 400, 200)),
			[]string{"A:0-1000=0"},
			[]string{"A:0-1050=200", "A:0-1000=503"},
		},
		{
			"certainly within a pause", tried(at(0, 950, 503)),
			[]string{"A:0-1000=0", "A:0-1000=503", "A:0-950=503", "A:0-950=0"},
			[]string{"A:0-1000=200", "A:0-1000=404"},
		},
		{
			"perhaps within a pause", tried(at(0, 850, 503)),
			[]string{"A:0-1000=0", "A:0-1000=503"},
			[]string{"A:0-1000=200"},
		},
		{
			"not within a pause", tried(at(0, 700, 503)),
			nil,
			[]string{"A:0-1000=0", "A:0-700=503"},
		},
		{
			"left earlier, and tried again", tried(gone(0, 300), at(400, 300, 200)),
			[]string{"A:0-700=200"},
			[]string{"A:0-700=0", "A:0-700=503"},
		},
		{
			"left earlier each time", tried(gone(0, 200), gone(300, 200), gone(600, 200)),
			[]string{"A:0-800=0"},
			[]string{"A:0-800=200", "A:0-800=503"},
		},
		{
			"left earlier, and not tried again", tried(gone(0, 300)),
			nil,
			[]string{"A:0-300=0", "A:0-300=200"},
		},
		{
			"after the timeout", tried(at(0, 950, 503), at(1100, 100, 200)),
			[]string{"A:0-1000=0"},
			[]string{"A:0-1200=200"},
		},
	} {
		for right, reports := range map[bool][]string{true: test.right, false: test.wrong} {
			for _, report := range reports {
				for _, two := range []bool{false, true} {
					o := oracle.Oracle{
						Attempts: 3, Retry: policy, Exact: true, Epoch: time.Unix(1000, 0),
						Timeout: time.Second, Whole: true,
						Plan: func(string, int, int) record.Planned {
							return record.Planned{PlannedClass: record.OK, PlannedMargin: time.Second}
						},
						Truth: func(e servers.Entry) record.Planned {
							return oracle.TruthOf(e, e.Planned, time.Second)
						},
					}
					plan := report
					if two { // another task of the key, at another time
						plan += " A:5000-5000=0"
					}
					samples := tasks(plan)
					o.Join(samples, test.journal, o.Epoch)
					if got := samples[0]; got.Agrees() != right || got.PlannedService > time.Second {
						t.Errorf("%s, %s, two tasks %v: %s after %s, planned %v, want right: %v", test.name,
							report, two, got.PlannedClass, got.Did, got.PlannedService, right)
					}
				}
			}
		}
	}
}

// TestTimeoutOfOneAttempt has several requests of a task without other attempts
// share its timeout, as those in its context do, and have one each.
func TestTimeoutOfOneAttempt(t *testing.T) {
	part := func(arrived, took, from, to time.Duration) servers.Entry {
		e := servers.Entry{
			Key: "A", Occurrence: 1, Attempt: 1, Arrived: arrived * ms, Took: took * ms, Waited: took * ms, Status: 206,
			Method: "GET", Idempotent: true, Partial: true, Met: servers.None, Done: true,
			Entity: content.Sum{Size: 10}, Asked: servers.Part{From: int64(from), To: int64(to)},
		}
		e.Planned.Latency, e.Planned.Status = e.Took, 200
		return e
	}
	left := part(600, 400, 5, 10) // while it waits in the server's queue
	left.TurnedAway, left.Status, left.Done, left.Queued, left.Gone = limits.ByClient, 0, false, 400*ms, 400*ms
	left.Planned.Latency = 100 * ms
	hung := part(301, 100, 0, 10) // and left, when another was answered
	hung.Status, hung.Done, hung.Gone, hung.Met, hung.Planned.Fault = 0, false, 100*ms, fault.Hang, fault.Hang
	for _, test := range []struct {
		report  string
		journal []servers.Entry
		right   bool
	}{
		{"A:0-1200=206", []servers.Entry{part(0, 600, 0, 5), part(600, 600, 5, 10)}, true},
		{"A:0-1000=0", []servers.Entry{part(0, 600, 0, 5), part(600, 600, 5, 10)}, true},
		{"A:0-1000=0", []servers.Entry{part(0, 600, 0, 5), left}, true},
		{"A:0-700=0", []servers.Entry{part(0, 600, 0, 5), part(600, 600, 5, 10)}, false},
		{"A:0-500=206", []servers.Entry{part(0, 300, 0, 10), hung}, true},
		{"A:0-500=206", []servers.Entry{hung, part(400, 100, 0, 10)}, true},
		{"A:0-900=0", []servers.Entry{part(0, 300, 0, 5), part(300, 300, 5, 10)}, false},
		{"A:0-1000=0", []servers.Entry{part(600, 500, 0, 10)}, true}, // it was held back
		{"A:0-1000=0", []servers.Entry{part(600, 300, 0, 10)}, false},
		{"A:0-700=0", []servers.Entry{part(600, 500, 0, 10)}, false},
	} {
		o := oracle.Oracle{
			Exact: true, Epoch: time.Unix(1000, 0), Timeout: time.Second,
			Plan:  func(string, int, int) record.Planned { return record.Planned{PlannedClass: record.OK} },
			Truth: func(e servers.Entry) record.Planned { return oracle.TruthOf(e, e.Planned, time.Second) },
		}
		samples := tasks(test.report)
		o.Join(samples, test.journal, o.Epoch)
		if got := samples[0]; got.Agrees() != test.right {
			t.Errorf("%s: %s after %s, want right: %v", test.report, got.PlannedClass, got.Did, test.right)
		}
	}
}

// TestNearTogether has requests that bring a task near to its timeout together,
// which a machine may miss and an exact clock does not.
func TestNearTogether(t *testing.T) {
	for _, exact := range []bool{true, false} {
		first := servers.Entry{
			Key: "A", Occurrence: 1, Attempt: 1, Status: 200, Method: "HEAD", Idempotent: true, Took: 10 * ms,
			Done: true, Met: servers.None,
		}
		second := first
		second.Method, second.Arrived = "GET", 850*ms
		o := oracle.Oracle{
			Exact: exact, Epoch: time.Unix(1000, 0), Timeout: time.Second,
			Plan:  func(string, int, int) record.Planned { return record.Planned{PlannedClass: record.OK} },
			Truth: func(e servers.Entry) record.Planned { return oracle.TruthOf(e, e.Planned, time.Second) },
		}
		samples := tasks("A:0-1000=0")
		o.Join(samples, []servers.Entry{first, second}, o.Epoch)
		got := samples[0]
		if near := got.PlannedMargin < record.Real.Guard(time.Second, 0); near == exact || got.Agrees() {
			t.Errorf("exact %v: %s with a margin of %v", exact, got.PlannedClass, got.PlannedMargin)
		}
	}
}

// TestWorkTakesTime has the bytes of an answer count against the timeout of a
// client on a real machine, and not where times are exact.
func TestWorkTakesTime(t *testing.T) {
	const timeout = 2 * time.Second
	for _, test := range []struct {
		name string
		e    servers.Entry
		near bool
	}{
		{"a small body", servers.Entry{Status: 200, Bytes: 5000}, false},
		{"a large body", servers.Entry{Status: 200, Bytes: 30 << 20}, true},
		{"a large body, compressed", servers.Entry{
			Status: 200, Bytes: 5000, Compressed: true, Entity: content.Sum{Size: 30 << 20},
		}, true},
		{"a large body, of which a fault sends half", servers.Entry{
			Status: 200, Bytes: 5000, Entity: content.Sum{Size: 30 << 20}, Planned: servers.Fate{Fault: fault.Truncate},
		}, true},
		{"an answer that was late", servers.Entry{Status: 200, Bytes: 5000, Took: 1950 * ms}, true},
		{"an answer that was not", servers.Entry{Status: 200, Bytes: 5000, Took: 1500 * ms}, false},
		{"a large request", servers.Entry{Status: 200, Received: 30 << 20}, true},
		{"a huge head", servers.Entry{
			Status: 200, Planned: servers.Fate{Fault: fault.HugeHead, Latency: 1200 * ms},
		}, true},
		{"a status", servers.Entry{Status: 503}, false},
	} {
		for _, exact := range []bool{true, false} {
			journal := tried(test.e)
			if test.e.Planned.Fault != "" {
				journal[0].Met, journal[0].Planned = test.e.Planned.Fault, test.e.Planned
			}
			o := oracle.Oracle{
				Exact: exact, Epoch: time.Unix(1000, 0), Timeout: timeout,
				Plan:  func(string, int, int) record.Planned { return record.Planned{} },
				Truth: func(e servers.Entry) record.Planned { return oracle.TruthOf(e, e.Planned, timeout) },
			}
			samples := tasks("A:0-2000=0")
			o.Join(samples, journal, o.Epoch)
			got := samples[0]
			near := got.PlannedMargin < record.Real.Guard(timeout, 0)
			if near != (test.near && !exact) || got.Agrees() {
				t.Errorf("%s, exact %v: %s with a margin of %v", test.name, exact, got.PlannedClass, got.PlannedMargin)
			}
		}
	}
}
