package oracle_test

import (
	"cmp"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/oracle"
	"github.com/teapot-go/teapot/harness/record"
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
		class            record.Class
		outcome          record.Outcome
	}{
		{"none", servers.None, 200, 2 * sec, 0, 2 * sec, record.OK, record.OutcomeOK},
		{"none at once", servers.None, 200, 0, sec, 0, record.OK, record.OutcomeOK},
		{"missing", servers.None, 404, 2 * sec, 0, 2 * sec, record.NotFound, record.OutcomeNotFound},
		{"a client's fault", servers.StatusFault, 418, 2 * sec, 0, 2 * sec, record.Status, record.OutcomeError},
		{"a server's fault", servers.StatusFault, 503, 2 * sec, 0, 2 * sec, record.Status, record.OutcomeError},
		{
			"a fault that reads as missing", servers.StatusFault, 404, 2 * sec, 0, 2 * sec, record.NotFound,
			record.OutcomeNotFound,
		},
		{"within the timeout", servers.None, 200, 2*sec - 1, 2 * sec, 2*sec - 1, record.OK, record.OutcomeOK},
		{"at the timeout", servers.None, 200, 2 * sec, 2 * sec, 2 * sec, record.OK, record.OutcomeOK},
		{"beyond the timeout", servers.None, 200, 2*sec + 1, 2 * sec, 2 * sec, record.Timeout, record.OutcomeError},
		{
			"missing beyond the timeout", servers.None, 404, 3 * sec, 2 * sec, 2 * sec, record.Timeout,
			record.OutcomeError,
		},
		{
			"a fault beyond the timeout", servers.StatusFault, 418, 3 * sec, 2 * sec, 2 * sec, record.Timeout,
			record.OutcomeError,
		},
		{"a fault within the timeout", servers.StatusFault, 418, sec, 2 * sec, sec, record.Status, record.OutcomeError},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := oracle.Truth(servers.Fate{Latency: test.latency, Fault: test.kind, Status: test.status},
				test.timeout)
			want := record.Planned{
				PlannedLatency: test.latency, PlannedService: test.service, PlannedFault: string(test.kind),
				PlannedClass: test.class, PlannedStatus: test.status,
			}
			if test.timeout > 0 {
				want.PlannedMargin = (test.latency - test.timeout).Abs()
			}
			if got != want || got.PlannedClass.Outcome() != test.outcome {
				t.Errorf("got %+v, which is %s, want %+v, which is %s", got, got.PlannedClass.Outcome(),
					want, test.outcome)
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
		found, missing record.Class
	}{
		{
			[]servers.Kind{
				fault.None, fault.Redirect, fault.Surplus, fault.SlowClose, fault.Corrupt, fault.IgnoreRange,
			}, record.OK, record.NotFound,
		},
		{[]servers.Kind{fault.WrongType}, record.Malformed, record.NotFound},
		{[]servers.Kind{fault.RedirectLoop}, record.Redirect, record.Redirect},
		{[]servers.Kind{fault.Refuse}, record.Refused, record.Refused},
		{
			[]servers.Kind{fault.Close, fault.Empty, fault.Reset, fault.ResetHead, fault.ResetBody},
			record.Reset,
			record.Reset,
		},
		{[]servers.Kind{fault.Truncate, fault.TruncateChunked}, record.Truncated, record.Truncated},
		{
			[]servers.Kind{fault.Garbage, fault.BadChunk, fault.BadLength, fault.HugeHead},
			record.Malformed,
			record.Malformed,
		},
		{[]servers.Kind{fault.Hang, fault.HangBody, fault.HalfOpen}, record.Timeout, record.Timeout},
	} {
		for _, kind := range test.kinds {
			for status, want := range map[int]record.Class{200: test.found, 404: test.missing} {
				got := oracle.Truth(servers.Fate{Fault: kind, Status: status, Latency: sec, Transfer: sec}, 3*sec)
				service := 2 * sec
				if want == record.Timeout {
					service = 3 * sec
				}
				if got.PlannedClass != want || got.PlannedService != service || got.PlannedLatency != sec {
					t.Errorf("%s of a %d: got %+v, want %s after %v", kind, status, got, want, service)
				}
				if late := oracle.Truth(servers.Fate{Fault: kind, Status: status, Latency: 2 * sec, Transfer: sec},
					2*sec+1); late.PlannedClass != record.Timeout {
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
		want    record.Class
		service time.Duration
	}{
		{"served", servers.Entry{Status: 200}, 0, record.OK, sec},
		{"a method that the content does not take", servers.Entry{Status: 405}, 0, record.Status, sec},
		{"too soon", servers.Entry{Status: 429, TurnedAway: limits.ByRate}, 0, record.Status, 0},
		{"no room", servers.Entry{Status: 503, TurnedAway: limits.ByCapacity}, 0, record.Status, 0},
		{
			"no room, and the latency beyond the timeout",
			servers.Entry{Status: 503, TurnedAway: limits.ByCapacity},
			sec / 2, record.Status, 0,
		},
		{"closed", servers.Entry{TurnedAway: limits.ByCapacity}, 0, record.Reset, 0},
		{"a long wait", servers.Entry{Status: 200, Queued: time.Hour}, 0, record.OK, sec},
		{"a wait within the timeout", servers.Entry{Status: 200, Queued: 2 * sec}, 3 * sec, record.OK, sec},
		{"a wait beyond the timeout", servers.Entry{Queued: 2*sec + 1}, 3 * sec, record.Timeout, 3 * sec},
		{"left without a timeout", servers.Entry{TurnedAway: limits.ByClient, Queued: sec}, 0, record.OK, sec},
		{
			"left when the timeout was over",
			servers.Entry{TurnedAway: limits.ByClient, Queued: 3 * sec},
			3 * sec,
			record.Timeout, 3 * sec,
		},
		{
			"left when no answer could come in time",
			servers.Entry{TurnedAway: limits.ByClient, Queued: 2*sec + 1},
			3 * sec, record.Timeout, 3 * sec,
		},
		{
			"left near the timeout's end",
			servers.Entry{TurnedAway: limits.ByClient, Queued: 81 * sec},
			100 * sec,
			record.Timeout, 100 * sec,
		},
		{"left early", servers.Entry{TurnedAway: limits.ByClient, Queued: sec}, 3 * sec, record.OK, sec},
	} {
		if got := oracle.TruthOf(test.entry, fate, test.timeout); got.PlannedClass != test.want ||
			got.PlannedService != test.service {
			t.Errorf("%s: got %s after %v, want %s after %v", test.name, got.PlannedClass, got.PlannedService,
				test.want, test.service)
		}
	}
}

// TestWithoutBody has answers that have no body, to which a fault of the body
// does nothing.
func TestWithoutBody(t *testing.T) {
	for _, kind := range fault.Kinds() {
		inBody := kind.Body() == fault.PartialBody || kind == fault.WrongType
		for _, e := range []servers.Entry{
			{Method: http.MethodHead, Status: 200}, {Method: http.MethodGet, Status: 304},
		} {
			f := servers.Fate{Fault: kind, Status: 200, Latency: time.Second}
			e.Planned, e.Met = f, kind
			want := oracle.Truth(f, 2*time.Second)
			if inBody {
				want = oracle.Truth(servers.Fate{Fault: servers.None, Status: 200, Latency: time.Second}, 2*time.Second)
				want.PlannedFault = string(kind)
			}
			if got := oracle.TruthOf(e, f, 2*time.Second); got != want {
				t.Errorf("%s, %s %d: got %+v, want %+v", kind, e.Method, e.Status, got, want)
			}
			e.Method, e.Status = http.MethodGet, 200
			if got, want := oracle.TruthOf(e, f, 2*time.Second), oracle.Truth(f, 2*time.Second); got != want {
				t.Errorf("%s with a body: got %+v, want %+v", kind, got, want)
			}
		}
	}
}

// TestEveryKind has a class for every kind of fault, which is the one in the
// table of what clients make of each.
func TestEveryKind(t *testing.T) {
	text, err := os.ReadFile("../../servers/fault/CLIENTS.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range append([]servers.Kind{fault.None}, fault.Kinds()...) {
		f := fault.Fault{Kind: kind, Status: 503}
		if kind != fault.Status {
			f.Status = 0
		}
		p := oracle.Truth(servers.Fate{Fault: kind, Status: f.StatusOf(200)}, time.Second)
		if row := fmt.Sprintf("| `%s` | %s |", kind, p.PlannedClass); !strings.Contains(string(text), row) {
			t.Errorf("CLIENTS.md has no row that begins with %s", row)
		}
	}
}

func TestClassOf(t *testing.T) {
	for _, test := range []struct {
		status int
		want   record.Class
	}{
		{199, record.Status},
		{200, record.OK},
		{204, record.OK},
		{299, record.OK},
		{300, record.Status},
		{304, record.Status},
		{400, record.Status},
		{403, record.Status},
		{404, record.NotFound},
		{405, record.Status},
		{410, record.Status},
		{418, record.Status},
		{500, record.Status},
		{599, record.Status},
	} {
		if got := record.ClassOf(test.status); got != test.want {
			t.Errorf("%d: got %s, want %s", test.status, got, test.want)
		}
	}
}

// TestNearTimeout has an answer of content that is not the server's own. A
// fault broke it off near the end of the timeout, but before that.
func TestNearTimeout(t *testing.T) {
	const latency, timeout = 165 * time.Millisecond, 200 * time.Millisecond
	for _, kind := range fault.Kinds() {
		fate := servers.Fate{Fault: kind, Latency: latency}
		if kind == fault.Status {
			fate.Status = 503
		}
		e := servers.Entry{Met: kind, Planned: fate, Took: latency, Status: 200}
		if kind.End() == fault.EndAnswer {
			e.Status = cmp.Or(fate.Status, 200)
		}
		for _, e.Done = range []bool{false, true} { // one that answers on the connection itself is never done
			want := oracle.Truth(fate, timeout)
			if got := oracle.TruthOf(e, fate, timeout); got.PlannedClass != want.PlannedClass ||
				got.PlannedService != want.PlannedService {
				t.Errorf("%s: got %s after %v, want %s after %v", kind, got.PlannedClass, got.PlannedService,
					want.PlannedClass, want.PlannedService)
			}
		}
	}
}
