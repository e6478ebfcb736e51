package summary

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/internal/fixture"
)

func TestMatrix(t *testing.T) {
	r := fixture.Mistaken()
	want := &Matrix{
		Columns: []record.Class{
			record.OK,
			record.NotFound,
			record.Timeout,
			record.Reset,
			record.Truncated,
			record.Lost,
			"sulk",
		},
		Rows: []Row{
			{"none", []Cell{{2, 0}, {1, 0}, {}, {}, {}, {}, {}}},
			{"empty", []Cell{{}, {}, {}, {1, 0}, {}, {}, {1, 1}}},
			{"truncate", []Cell{{1, 1}, {}, {}, {1, 1}, {1, 0}, {}, {}}},
			{"nothing", []Cell{{}, {}, {1, 0}, {}, {}, {}, {}}},
			{"unasked", []Cell{{}, {}, {}, {}, {}, {1, 1}, {}}},
		},
		Wrong: 4,
		Notes: []string{"client left first: " + notes["nothing"], "no request came: " + notes["unasked"]},
	}
	if diff := cmp.Diff(want, NewMatrix(r)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	r.Samples = r.Samples[10:]
	if NewMatrix(r) != nil {
		t.Error("a table of truth without a journal")
	}
}
