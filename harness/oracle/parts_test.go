package oracle_test

import (
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/oracle"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/content"
)

// TestPartless answers the request for a part of a file, and one for all of it,
// with a status that has no content. The client of the part may take that for
// an answer that does not fit.
func TestPartless(t *testing.T) {
	part, whole := servers.Part{From: 10, To: 20}, servers.Part{To: 100}
	for _, test := range []struct {
		name   string
		asked  servers.Part
		status int
		class  record.Class
		want   bool
	}{
		{"a part without content, taken for a success", part, 204, record.OK, true},
		{"a part without content, taken for malformed", part, 204, record.Malformed, true},
		{"a part without content, taken for reset", part, 204, record.Reset, false},
		{"a part", part, 206, record.Malformed, false},
		{"all of it without content, taken for malformed", whole, 204, record.Malformed, false},
		{"all of it without content", whole, 204, record.OK, true},
	} {
		journal := tried(servers.Entry{Status: test.status, Entity: content.Sum{Size: 100}, Asked: test.asked})
		o := oracle.Oracle{
			Exact: true, Epoch: time.Unix(1000, 0),
			Plan:  func(string, int, int) record.Planned { return record.Planned{PlannedClass: record.OK} },
			Truth: func(e servers.Entry) record.Planned { return oracle.TruthOf(e, e.Planned, 0) },
		}
		samples := tasks("A:0-10000=204")
		samples[0].Class, samples[0].Status = test.class, test.status
		o.Join(samples, journal, o.Epoch)
		if got := samples[0].Agrees(); got != test.want {
			t.Errorf("%s: got %v, want %v: %+v", test.name, got, test.want, samples[0])
		}
	}
}
