package summary

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/text"
)

// A Matrix is the table of truth of one run: a row for each thing that the
// server did, and a column for each class that the client reported. A client
// that is right leaves no cell with wrong samples. Notes explain rows that no
// fault of a plan has caused.
type Matrix struct {
	Columns []record.Class
	Rows    []Row
	Wrong   int // samples in all
	Notes   []string
}

// A Row is one thing that the server did. It has a cell for each column of the
// matrix.
type Row struct {
	Did   string
	Cells []Cell
}

// Words describes what the server did in at most 40 characters for people.
func (d Row) Words() string {
	return text.Clip(text.Printable(record.Request{Did: d.Did}.Action()), 40)
}

// A Cell counts the samples of a row for which the client reported one class.
// Wrong are those of N of which a correct client certainly reports another.
type Cell struct{ N, Wrong int }

// A matrix has a row and a column for each of so many names at most. A
// recording from elsewhere may have any number; what comes after them counts as
// other.
const (
	maxRows    = 60
	maxColumns = 30
	other      = "other"
)

// NewMatrix returns the table of truth of a run, or nil if no sample has what
// the server did, or if the run was interrupted: that has spoilt samples, and
// nothing is judged of it. Beyond 60 rows and 30 columns it counts samples as
// "other".
func NewMatrix(r *record.Recording) *Matrix {
	counts := map[string]map[record.Class]Cell{}
	var m Matrix
	if r.Interrupted {
		return nil
	}
	for s, cell := range cellsOf(r) {
		if counts[s.did] == nil && len(m.Rows) >= maxRows {
			s.did = other
		}
		if len(m.Columns) >= maxColumns && !slices.Contains(m.Columns, s.said) {
			s.said = other
		}
		if counts[s.did] == nil {
			counts[s.did] = map[record.Class]Cell{}
			m.Rows = append(m.Rows, Row{Did: s.did})
		}
		c := counts[s.did][s.said]
		counts[s.did][s.said] = Cell{c.N + cell.N, c.Wrong + cell.Wrong}
		m.Wrong += cell.Wrong
		if !slices.Contains(m.Columns, s.said) {
			m.Columns = append(m.Columns, s.said)
		}
	}
	if m.Rows == nil {
		return nil
	}
	order := record.Classes()
	slices.SortFunc(m.Columns, func(a, b record.Class) int {
		// unknown ones last
		return cmp.Or(cmp.Compare(uint(slices.Index(order, a)), uint(slices.Index(order, b))), cmp.Compare(a, b))
	})
	slices.SortFunc(m.Rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(rank(a.Did), rank(b.Did)),
			cmp.Compare(a.Did, b.Did))
	})
	for i := range m.Rows {
		if note := notes[m.Rows[i].Did]; note != "" {
			m.Notes = append(m.Notes, m.Rows[i].Words()+": "+note)
		}
		for _, c := range m.Columns {
			m.Rows[i].Cells = append(m.Rows[i].Cells, counts[m.Rows[i].Did][c])
		}
	}
	return &m
}

// A said is what the server did, and what the client reported.
type said struct {
	did  string
	said record.Class
}

// cellsOf yields the counts of the table of truth: of each sample with what the
// server did, or of all tasks together, in the order of their names.
func cellsOf(r *record.Recording) iter.Seq2[said, Cell] {
	return func(yield func(said, Cell) bool) {
		if t := r.Totals; t != nil {
			for _, did := range slices.Sorted(maps.Keys(r.Truth)) {
				for _, c := range slices.Sorted(maps.Keys(r.Truth[did])) {
					if !yield(said{did, c}, Cell{r.Truth[did][c], t.Wrong[did][string(c)]}) {
						return
					}
				}
			}
			return
		}
		for i := range r.Samples {
			s := &r.Samples[i]
			if s.Did == "" || s.Class.Outcome() == record.OutcomeNone { // a lost load generator has its results
				continue
			}
			cell := Cell{N: 1}
			if r.Wrong(s) {
				cell.Wrong = 1
			}
			if !yield(said{s.Did, s.Class}, cell) {
				return
			}
		}
	}
}

// notes explain the rows that are no fault of a plan.
var notes = map[string]string{
	record.ActionClientLeft: "the client disconnected before the server did anything, as it must when its " +
		"timeout expires.",
	record.ActionNoRequest:  "the server got no request for this key.",
	record.ActionUnrun:      "the executor did not run it, so that the client is not to blame.",
	record.ActionBehind:     "the client had reported before the server answered.",
	record.ActionGaveUp:     "a correct client would have tried again.",
	record.ActionTurnedAway: "the server was full, or the request came too soon.",
	record.ActionFromCache:  "the client has a cache, and reports the answer to an earlier request for this key.",
	record.ActionShared:     "one request of the client is for several tasks.",
	record.ActionFailedFast: "the client has a circuit breaker, and earlier requests had failed.",
	record.ActionHeldBack:   "the client limits its requests, and others were under way.",
}

// rank puts faithful answers first, and what was not done last.
func rank(did string) int {
	switch did {
	case "none":
		return 0
	case record.ActionClientLeft, record.ActionNoRequest, record.ActionUnrun, record.ActionGaveUp,
		record.ActionFromCache, record.ActionShared, record.ActionFailedFast, record.ActionHeldBack:
		return 2
	}
	return 1
}

// String returns the cell as plain text: "." for no sample, the number of
// samples, or "!" and that number if any is wrong.
func (s Cell) String() string {
	switch {
	case s.N == 0:
		return "."
	case s.Wrong > 0:
		return fmt.Sprintf("!%d", s.N)
	}
	return fmt.Sprint(s.N)
}
