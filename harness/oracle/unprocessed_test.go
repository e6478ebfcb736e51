package oracle_test

import (
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/oracle"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/fault"
)

// TestUnprocessed judges a task whose request was refused before it was
// processed, by when it came again and what the task reports.
func TestUnprocessed(t *testing.T) {
	const ms, timeout = time.Millisecond, time.Second
	epoch := time.Now()
	refused := func(kind servers.Kind, key string, at time.Duration) servers.Entry {
		return servers.Entry{
			Key: key, Occurrence: 1, Attempt: 1, Counted: true, Method: "POST", HTTP2: true, Arrived: at, Met: kind,
			Planned: servers.Fate{Fault: kind, Status: 200},
		}
	}
	first := refused(fault.RefusedStream, "/x", 10*ms)
	again := func(at, took time.Duration) servers.Entry {
		return servers.Entry{
			Key: "/x", Occurrence: 1, Attempt: 1, Counted: true, Method: "POST", HTTP2: true, Resent: true, Arrived: at,
			Waited: took, Took: took, Met: servers.None, Status: 200, Done: true,
			Planned: servers.Fate{Fault: servers.None, Status: 200, Latency: took},
		}
	}
	left := func(at time.Duration) servers.Entry {
		e := again(at, 0)
		e.Met, e.Status, e.Done, e.Idempotent, e.Planned.Latency = "", 0, false, true, 50*ms
		return e
	}
	second := func(at, took time.Duration) servers.Entry {
		e := again(at, took)
		e.Attempt, e.Resent, e.Idempotent = 2, false, true
		return e
	}
	policy := &oracle.Retry{
		On:   func(class record.Class, _ int) bool { return class == record.Reset || class == record.Timeout },
		Wait: func(int) (least, most time.Duration) { return 100 * ms, 100 * ms },
	}
	for _, test := range []struct {
		name     string
		journal  []servers.Entry
		class    record.Class
		finished time.Duration
		retry    *oracle.Retry
		real     bool // the clock

		agrees  bool
		service time.Duration // planned, if it agrees
		doubt   bool
		misstep bool
	}{
		{
			name: "at once", journal: []servers.Entry{first, again(10*ms, 50*ms)}, class: record.OK, agrees: true,
			service: 50 * ms,
		},
		{name: "at once, lost", journal: []servers.Entry{first, again(10*ms, 50*ms)}, class: record.Reset},
		{name: "not again", journal: []servers.Entry{first}, class: record.Reset, agrees: true},
		{name: "not again, POST", journal: []servers.Entry{first}, class: record.Reset, retry: policy, agrees: true},
		{name: "invented", journal: []servers.Entry{first}, class: record.OK},
		{
			name: "the transport waits until the timeout is over", class: record.Timeout,
			journal: []servers.Entry{first}, finished: 1010 * ms, agrees: true, service: timeout,
		},
		{name: "no timeout was over", journal: []servers.Entry{first}, class: record.Timeout, finished: 300 * ms},
		{
			name: "the rest of the timeout is too short", journal: []servers.Entry{first, again(900*ms, 300*ms)},
			class: record.Timeout, finished: 1010 * ms, real: true, agrees: true, service: timeout,
		},
		{
			name: "again after the timeout", journal: []servers.Entry{first, again(1150*ms, 50*ms)}, class: record.OK,
			retry: policy, agrees: true, service: timeout + 150*ms,
		},
		{
			name: "sent on as the timeout ends, and again", journal: []servers.Entry{
				first, left(1010 * ms), second(1150*ms, 50*ms),
			}, class: record.OK, retry: policy, agrees: true, service: timeout + 150*ms,
		},
		{
			name: "again after a pause", journal: []servers.Entry{first, again(110*ms, 50*ms)}, class: record.OK,
			retry: policy, agrees: true, service: 150 * ms,
		},
		{
			name: "again too early", journal: []servers.Entry{first, again(60*ms, 50*ms)}, class: record.OK,
			retry: policy, agrees: true, misstep: true, service: 150 * ms,
		},
		{
			name: "no request, and a GOAWAY elsewhere", class: record.Reset, doubt: true,
			journal: []servers.Entry{refused(fault.GoAwayUnprocessed, "/y", 10*ms)}, finished: 20 * ms,
		},
		{
			name: "no request, and a GOAWAY long before", class: record.Reset,
			journal: []servers.Entry{refused(fault.GoAwayUnprocessed, "/y", -time.Second)}, finished: 20 * ms,
		},
		{
			name: "no request, and no GOAWAY", class: record.Reset,
			journal: []servers.Entry{refused(fault.RefusedStream, "/y", 10*ms)}, finished: 20 * ms,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := oracle.Oracle{
				Exact: !test.real, Epoch: epoch, Retry: test.retry,
				Plan: func(string, int, int) record.Planned { return record.Planned{PlannedClass: record.OK} },
				Truth: func(e servers.Entry) record.Planned {
					return oracle.TruthOf(e, e.Planned, timeout)
				},
			}
			if test.retry != nil {
				o.Attempts = 2
			}
			if test.finished == 0 {
				test.finished = 5 * time.Second
			}
			s := record.Sample{Key: "/x", Occurrence: 1, Finished: test.finished, Seen: record.Seen{Class: test.class}}
			other := record.Sample{Seq: 1, Key: "/y", Occurrence: 1, Finished: test.finished}
			samples := []record.Sample{s, other}
			o.Join(samples, test.journal, epoch)
			s = samples[0]
			if s.Agrees() != test.agrees || (s.Doubt != "") != test.doubt || (s.Misstep != "") != test.misstep {
				t.Errorf("got %+v", s)
			}
			if test.agrees && s.PlannedService != test.service {
				t.Errorf("planned %v, want %v", s.PlannedService, test.service)
			}
		})
	}
}
