package harness_test

import (
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/servers"
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
			if got != want || got.PlannedClass.Outcome() != test.outcome {
				t.Errorf("got %+v, which is %s, want %+v, which is %s", got, got.PlannedClass.Outcome(), want, test.outcome)
			}
		})
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
