package html

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"io"
	"math"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/internal/fixture"
)

// unpack does in Go what the page's script does.
func unpack(t *testing.T, text string) (h columnsHead, columns map[string][]int64) {
	t.Helper()
	packed, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(flate.NewReader(bytes.NewReader(packed)))
	if err != nil {
		t.Fatal(err)
	}
	long := binary.LittleEndian.Uint32(plain)
	if err := json.Unmarshal(plain[4:4+long], &h); err != nil {
		t.Fatal(err)
	}
	values := bytes.NewReader(plain[4+long:])
	columns = map[string][]int64{}
	for _, name := range h.Columns {
		before := int64(0)
		for range h.Samples {
			v, err := binary.ReadVarint(values)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if name[0] == '+' {
				before += v
				v = before
			}
			columns[name] = append(columns[name], v)
		}
	}
	if values.Len() > 0 {
		t.Errorf("%d bytes behind the columns", values.Len())
	}
	return h, columns
}

func TestPack(t *testing.T) {
	for _, recs := range [][]*record.Recording{fixture.Suite(100), fixture.Troubled(), {fixture.Alien()}} {
		for _, r := range recs {
			text, n := pack(r, 1000)
			h, c := unpack(t, text)
			if n != len(r.Samples) || h.Samples != n || h.Of != n || h.Density != nil {
				t.Fatalf("%d of %d samples in the columns", n, len(r.Samples))
			}
			for i, s := range r.Samples {
				if got := h.Classes[c["class"][i]]; len(s.Class) < 20 && got != string(s.Class) {
					t.Errorf("sample %d: class %s, want %s", i, got, s.Class)
				}
				for name, want := range map[string]time.Duration{
					"+started":       s.Started,
					"+ideal_started": s.IdealStarted, "service": s.Latency(),
				} {
					if c[name] == nil {
						continue
					}
					if got := time.Duration(
						c[name][i] * h.Unit,
					); want >= 0 && (got-want).Abs() > 2*time.Duration(h.Unit) ||
						want < 0 && got >= 0 {
						t.Errorf("sample %d: %s %v, want %v", i, name, got, want)
					}
				}
				if int(c["lane"][i]) != s.Worker || int(c["+seq"][i]) != s.Seq {
					t.Errorf(
						"sample %d: number %d on lane %d, want %d on %d",
						i,
						c["+seq"][i],
						c["lane"][i],
						s.Seq,
						s.Worker,
					)
				}
			}
		}
	}
}

// TestPackKeepsWhatIsExceptional leaves out what is ordinary, and counts it in
// the density all the same.
func TestPackKeepsWhatIsExceptional(t *testing.T) {
	r := fixture.Simulate("large", "pool", 50, 20_000, 0)
	slowest, failed := 0, 0
	for i := range r.Samples {
		s := &r.Samples[i]
		if i%100 != 7 {
			s.Class, s.PlannedClass = record.OK, record.OK
		} else if s.Class, s.PlannedClass = record.Reset, record.Reset; true {
			failed++
		}
		if s.Latency() > r.Samples[slowest].Latency() {
			slowest = i
		}
	}
	text, n := pack(r, 2000)
	h, c := unpack(t, text)
	kept, found := 0, false
	for i := range n {
		if h.Classes[c["class"][i]] == "reset" {
			kept++
		}
		found = found || int(c["+seq"][i]) == slowest
	}
	if n != 2000 || kept != failed || !found {
		t.Errorf("%d samples, %d of %d errors; the slowest is there: %v", n, kept, failed, found)
	}
	if h.Of != 20_000 || h.Density == nil {
		t.Fatalf("the head says %d of %d", h.Samples, h.Of)
	}
	cells, err := base64.StdEncoding.DecodeString(h.Density.Cells)
	if err != nil || len(cells) != h.Density.Rows*h.Density.Moments {
		t.Fatalf("%d cells (error: %v)", len(cells), err)
	}
	var busy, all float64
	for _, cell := range cells {
		busy += float64(cell&15) / shares
	}
	for _, s := range r.Samples {
		all += float64(s.Latency())
	}
	want := all / float64(r.Makespan) / 50
	if got := busy / float64(len(cells)); math.Abs(got-want) > 0.02 {
		t.Errorf("the density says that the lanes were busy %.3f of the time, want %.3f", got, want)
	}
}

func TestPool(t *testing.T) {
	var list []string
	for i, c := range []struct {
		word string
		want int64
	}{{"a", 0}, {"b", 1}, {"a", 0}, {"c", 2}, {"d", 2}, {"b", 1}} {
		if got := pool(&list, c.word, 2); got != c.want {
			t.Errorf("word %d: place %d, want %d", i, got, c.want)
		}
	}
}
