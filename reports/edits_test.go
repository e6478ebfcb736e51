package reports

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/internal/fixture"
)

// An editor changes a document at the places that a fuzzer chooses: two bytes
// choose a value in it, and one byte what becomes of it.
type editor struct {
	choices []byte
}

// next returns the next choice among n.
func (e *editor) next(n int) int {
	if len(e.choices) < 2 || n == 0 {
		return 0
	}
	chosen := int(e.choices[0])<<8 | int(e.choices[1])
	e.choices = e.choices[2:]
	return chosen % n
}

// A slot is a value within a document, and where it stands.
type slot struct {
	object map[string]any // or nil
	key    string
	list   []any
	index  int
}

// slots returns all values of a document, in an order of their own.
func slots(v any) (all []slot) {
	switch v := v.(type) {
	case map[string]any:
		keys := make([]string, 0, len(v))
		for key := range v {
			keys = append(keys, key)
		}
		slices.Sort(keys)
		for _, key := range keys {
			all = append(append(all, slot{object: v, key: key}), slots(v[key])...)
		}
	case []any:
		for i := range v {
			all = append(append(all, slot{list: v, index: i}), slots(v[i])...)
		}
	}
	return all
}

func (s slot) value() any {
	if s.object != nil {
		return s.object[s.key]
	}
	return s.list[s.index]
}

func (s slot) set(v any) {
	if s.object != nil {
		s.object[s.key] = v
	} else {
		s.list[s.index] = v
	}
}

// odd are values that stand where others should.
var odd = []any{
	nil, true, "", "ok", "not_started", "none", "sulk",
	[]any{},
	map[string]any{},
	json.Number("0"), json.Number("-1"),
	json.Number("1"), json.Number("1.5"), json.Number("1e3"), json.Number("4611686018427387903"),
	json.Number("9223372036854775807"), json.Number("-9223372036854775808"), json.Number("18446744073709551616"),
}

// edit changes one value.
func (e *editor) edit(document any) {
	all := slots(document)
	if len(all) == 0 { // earlier edits have emptied it
		e.choices = nil
		return
	}
	at := all[e.next(len(all))]
	switch what := e.next(len(odd) + 6); what {
	case 0: // another value of the document, unless it is a whole part of it
		switch v := all[e.next(len(all))].value().(type) {
		case map[string]any, []any:
		default:
			at.set(v)
		}
	case 1:
		if at.object != nil {
			delete(at.object, at.key)
		}
	case 2:
		if at.object != nil {
			at.object[strings.ToUpper(at.key)] = at.value()
		}
	case 3:
		if list, is := at.value().([]any); is {
			at.set(list[:e.next(len(list)+1)])
		}
	case 4:
		if list, is := at.value().([]any); is && len(list) > 0 {
			at.set(append(slices.Clone(list), list[e.next(len(list))]))
		}
	case 5:
		if n, is := at.value().(json.Number); is {
			x, _ := n.Int64()
			text, _ := json.Marshal(x + int64(e.next(3)) - 1)
			at.set(json.Number(text))
		}
	default:
		at.set(odd[what-6])
	}
}

// FuzzEdits holds what can be read of an edited recording to itself: its totals
// are those that Summarize makes of its samples, it can be written and read
// again, and shown.
func FuzzEdits(f *testing.F) {
	var b bytes.Buffer
	if err := JSON(testHost, []*record.Recording{fixture.Troubled()[0], fixture.Late()})(&b); err != nil {
		f.Fatal(err)
	}
	f.Add([]byte{0, 1, 0, 7})
	for seed := range uint16(60) {
		f.Add([]byte{byte(seed * 37), byte(seed * 11), 0, byte(seed), 1, byte(seed), 0, byte(seed * 3), 0, 5, 0, 2})
	}
	f.Fuzz(func(t *testing.T, choices []byte) {
		decoder := json.NewDecoder(bytes.NewReader(b.Bytes()))
		decoder.UseNumber()
		var document any
		if err := decoder.Decode(&document); err != nil {
			t.Fatal(err)
		}
		for e := (&editor{choices}); len(e.choices) >= 4; {
			e.edit(document)
		}
		text, err := json.Marshal(document)
		if err != nil {
			t.Fatal(err)
		}
		host, recs, err := Read(bytes.NewReader(text))
		if err != nil {
			if recs != nil || strings.ContainsAny(err.Error(), "\x1b\x00") {
				t.Errorf("got recordings, or a control character, with the error %q", err)
			}
			return
		}
		for _, r := range recs {
			holds(t, r)
		}
		render(t, Text(recs))
		first := render(t, JSON(host, recs))
		if host, recs, err = Read(strings.NewReader(first)); err != nil {
			t.Fatalf("what JSON wrote cannot be read: %v\n%s", err, first)
		}
		if again := render(t, JSON(host, recs)); again != first {
			t.Error(cmp.Diff(first, again))
		}
	})
}

// holds compares the totals of a recording with those of its samples.
func holds(t *testing.T, r *record.Recording) {
	want := *r
	want.Samples = slices.Clone(r.Samples)
	want.Summarize()
	for _, o := range []record.Outcome{record.OutcomeOK, record.OutcomeNotFound, record.OutcomeError} {
		if r.Outcomes[o] != want.Outcomes[o] {
			t.Errorf("%d tasks of outcome %s, and %d samples", r.Outcomes[o], o, want.Outcomes[o])
		}
	}
	if r.Makespan != want.Makespan || len(r.Percentiles) != len(want.Percentiles) || r.Makespan > math.MaxInt64/2 {
		t.Errorf("a makespan of %v and %v, and samples of %v and %v", r.Makespan, r.Percentiles, want.Makespan,
			want.Percentiles)
	}
	if diff := cmp.Diff(want.Percentiles, r.Percentiles); diff != "" {
		t.Error(diff)
	}
	if len(r.Samples) == 0 && len(r.Findings()) == 0 && r.Deadlock == "" && r.Limit == "" {
		t.Error("a run without samples is ok")
	}
}
