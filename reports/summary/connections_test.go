package summary

import (
	"strings"
	"testing"

	"github.com/teapot-go/teapot/harness/record"
)

func TestConnections(t *testing.T) {
	none := &record.Recording{Executor: "loiter"}
	one := &record.Recording{
		Executor: "pool", Workers: 2, ConnectionsOpened: 3, ConnectionsReused: 17, ConnectionsPeak: 2,
	}
	two := &record.Recording{Executor: "async\x1b", ConnectionsOpened: 20, ConnectionsPeak: 20}
	for _, tt := range []struct {
		runs []*record.Recording
		want string
	}{
		{nil, ""},
		{[]*record.Recording{none, none}, ""},
		{[]*record.Recording{one}, "connections: 3 opened, 17 reused, peak 2"},
		{
			[]*record.Recording{one, none, two},
			`connections: pool/2 3 opened, 17 reused, peak 2; async\x1b 20 opened, 0 reused, peak 20`,
		},
	} {
		if got := Connections(tt.runs...); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
	many := make([]*record.Recording, 100)
	for i := range many {
		many[i] = one
	}
	if got := Connections(many...); !strings.HasSuffix(got, "; and 92 more") || len(got) > 500 {
		t.Errorf("of 100 runs: %q", got)
	}
}
