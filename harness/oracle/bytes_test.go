package oracle_test

import (
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/oracle"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/fault"
)

// TestEmptied answers with a status that has no content. The client of a file
// may take that for a success, for a failure, or for an answer that does not
// fit, unless it is what the server's content says.
func TestEmptied(t *testing.T) {
	for _, test := range []struct {
		name   string
		met    servers.Kind
		method string
		class  record.Class
		want   bool
	}{
		{"a success", fault.Status, "GET", record.OK, true},
		{"a failure", fault.Status, "GET", record.Status, true},
		{"malformed", fault.Status, "GET", record.Malformed, true},
		{"reset", fault.Status, "GET", record.Reset, false},
		{"a failure of a POST", fault.Status, "POST", record.Status, true},
		{"a success of a POST", fault.Status, "POST", record.OK, true},
		{"a failure of a DELETE", fault.Status, "DELETE", record.Status, false},
		{"a success of the content", servers.None, "GET", record.OK, true},
		{"a failure of the content", servers.None, "GET", record.Status, false},
	} {
		journal := tried(servers.Entry{Status: 204, Method: test.method})
		journal[0].Met, journal[0].Planned.Fault = test.met, test.met
		o := oracle.Oracle{
			Exact: true, Epoch: time.Unix(1000, 0),
			Plan:  func(string, int, int) record.Planned { return record.Planned{PlannedClass: record.OK} },
			Truth: func(e servers.Entry) record.Planned { return oracle.TruthOf(e, e.Planned, 0) },
		}
		samples := tasks("A:0-10000=204")
		samples[0].Class = test.class
		o.Join(samples, journal, o.Epoch)
		if got := samples[0].Agrees(); got != test.want {
			t.Errorf("%s: got %v, want %v: %+v", test.name, got, test.want, samples[0])
		}
	}
}
