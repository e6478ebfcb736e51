package harness_test

import (
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/fault"
	"github.com/teapot-go/teapot/servers/limits"
)

func TestTruth(t *testing.T) {
	const sec = time.Second
	tests := []struct {
		name             string
		kind             servers.Kind
		status           int
		latency, timeout time.Duration
		service          time.Duration
		class            harness.Class
		outcome          harness.Outcome
	}{
		{"none", servers.None, 200, 2 * sec, 0, 2 * sec, harness.OK, harness.OutcomeOK},
		{"none at once", servers.None, 200, 0, sec, 0, harness.OK, harness.OutcomeOK},
		{"missing", servers.None, 404, 2 * sec, 0, 2 * sec, harness.NotFound, harness.OutcomeNotFound},
		{"a client's fault", servers.StatusFault, 418, 2 * sec, 0, 2 * sec, harness.Status, harness.OutcomeError},
		{"a server's fault", servers.StatusFault, 503, 2 * sec, 0, 2 * sec, harness.Status, harness.OutcomeError},
		{"a fault that reads as missing", servers.StatusFault, 404, 2 * sec, 0, 2 * sec, harness.NotFound, harness.OutcomeNotFound},
		{"within the timeout", servers.None, 200, 2*sec - 1, 2 * sec, 2*sec - 1, harness.OK, harness.OutcomeOK},
		{"at the timeout", servers.None, 200, 2 * sec, 2 * sec, 2 * sec, harness.OK, harness.OutcomeOK},
		{"beyond the timeout", servers.None, 200, 2*sec + 1, 2 * sec, 2 * sec, harness.Timeout, harness.OutcomeError},
		{"missing beyond the timeout", servers.None, 404, 3 * sec, 2 * sec, 2 * sec, harness.Timeout, harness.OutcomeError},
		{"a fault beyond the timeout", servers.StatusFault, 418, 3 * sec, 2 * sec, 2 * sec, harness.Timeout, harness.OutcomeError},
		{"a fault within the timeout", servers.StatusFault, 418, sec, 2 * sec, sec, harness.Status, harness.OutcomeError},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := harness.Truth(servers.Fate{Latency: test.latency, Fault: test.kind, Status: test.status}, test.timeout)
			want := harness.Planned{
				PlannedLatency: test.latency, PlannedService: test.service, PlannedFault: string(test.kind), PlannedClass: test.class,
			}
			if test.timeout > 0 {
				want.PlannedMargin = (test.latency - test.timeout).Abs()
			}
			if got != want || got.PlannedClass.Outcome() != test.outcome {
				t.Errorf("got %+v, which is %s, want %+v, which is %s", got, got.PlannedClass.Outcome(), want, test.outcome)
			}
		})
	}
}

// TestTruthTable has every fault of a flag that exists, and of one that does
// not.
func TestTruthTable(t *testing.T) {
	const sec = time.Second
	for _, test := range []struct {
		kinds          []servers.Kind
		found, missing harness.Class
	}{
		{[]servers.Kind{fault.None, fault.Redirect, fault.Surplus, fault.SlowClose}, harness.OK, harness.NotFound},
		{[]servers.Kind{fault.WrongType}, harness.Malformed, harness.NotFound},
		{[]servers.Kind{fault.RedirectLoop}, harness.Redirect, harness.Redirect},
		{[]servers.Kind{fault.Refuse}, harness.Refused, harness.Refused},
		{[]servers.Kind{fault.Close, fault.Empty, fault.Reset, fault.ResetHead, fault.ResetBody}, harness.Reset, harness.Reset},
		{[]servers.Kind{fault.Truncate, fault.TruncateChunked}, harness.Truncated, harness.Truncated},
		{[]servers.Kind{fault.Garbage, fault.BadChunk, fault.BadLength, fault.HugeHead}, harness.Malformed, harness.Malformed},
		{[]servers.Kind{fault.Hang, fault.HangBody, fault.HalfOpen}, harness.Timeout, harness.Timeout},
	} {
		for _, kind := range test.kinds {
			for status, want := range map[int]harness.Class{200: test.found, 404: test.missing} {
				got := harness.Truth(servers.Fate{Fault: kind, Status: status, Latency: sec, Transfer: sec}, 3*sec)
				service := 2 * sec
				if want == harness.Timeout {
					service = 3 * sec
				}
				if got.PlannedClass != want || got.PlannedService != service || got.PlannedLatency != sec {
					t.Errorf("%s of a %d: got %+v, want %s after %v", kind, status, got, want, service)
				}
				if late := harness.Truth(servers.Fate{Fault: kind, Status: status, Latency: 2 * sec, Transfer: sec}, 2*sec+1); late.PlannedClass != harness.Timeout {
					t.Errorf("%s of a %d beyond the timeout: got %+v", kind, status, late)
				}
			}
		}
	}
}

// TestTruthOf has requests that were turned away or had to wait, which the plan
// does not know of.
func TestTruthOf(t *testing.T) {
	const sec = time.Second
	fate := servers.Fate{Fault: servers.None, Status: 200, Latency: sec}
	for _, test := range []struct {
		name    string
		entry   servers.Entry
		timeout time.Duration
		want    harness.Class
		service time.Duration
	}{
		{"served", servers.Entry{Status: 200}, 0, harness.OK, sec},
		{"too soon", servers.Entry{Status: 429, TurnedAway: limits.ByRate}, 0, harness.Status, 0},
		{"no room", servers.Entry{Status: 503, TurnedAway: limits.ByCapacity}, 0, harness.Status, 0},
		{"no room, and the latency beyond the timeout", servers.Entry{Status: 503, TurnedAway: limits.ByCapacity}, sec / 2, harness.Status, 0},
		{"closed", servers.Entry{TurnedAway: limits.ByCapacity}, 0, harness.Reset, 0},
		{"a long wait", servers.Entry{Status: 200, Queued: time.Hour}, 0, harness.OK, sec},
		{"a wait within the timeout", servers.Entry{Status: 200, Queued: 2 * sec}, 3 * sec, harness.OK, sec},
		{"a wait beyond the timeout", servers.Entry{Queued: 2*sec + 1}, 3 * sec, harness.Timeout, 3 * sec},
		{"left without a timeout", servers.Entry{TurnedAway: limits.ByClient, Queued: sec}, 0, harness.OK, sec},
		{"left when the timeout was over", servers.Entry{TurnedAway: limits.ByClient, Queued: 3 * sec}, 3 * sec, harness.Timeout, 3 * sec},
		{"left when no answer could come in time", servers.Entry{TurnedAway: limits.ByClient, Queued: 2*sec + 1}, 3 * sec, harness.Timeout, 3 * sec},
		{"left near the timeout's end", servers.Entry{TurnedAway: limits.ByClient, Queued: 81 * sec}, 100 * sec, harness.Timeout, 100 * sec},
		{"left early", servers.Entry{TurnedAway: limits.ByClient, Queued: sec}, 3 * sec, harness.OK, sec},
	} {
		if got := harness.TruthOf(test.entry, fate, test.timeout); got.PlannedClass != test.want || got.PlannedService != test.service {
			t.Errorf("%s: got %s after %v, want %s after %v", test.name, got.PlannedClass, got.PlannedService, test.want, test.service)
		}
	}
}

func TestClassOf(t *testing.T) {
	for _, test := range []struct {
		status int
		want   harness.Class
	}{
		{199, harness.Status},
		{200, harness.OK},
		{204, harness.OK},
		{299, harness.OK},
		{300, harness.Status},
		{304, harness.Status},
		{400, harness.Status},
		{403, harness.Status},
		{404, harness.NotFound},
		{405, harness.Status},
		{410, harness.Status},
		{418, harness.Status},
		{500, harness.Status},
		{599, harness.Status},
	} {
		if got := harness.ClassOf(test.status); got != test.want {
			t.Errorf("%d: got %s, want %s", test.status, got, test.want)
		}
	}
}
