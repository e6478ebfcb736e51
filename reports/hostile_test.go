package reports_test

import (
	"bytes"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/reports/compare"
	"github.com/teapot-go/teapot/reports/formats"
	"github.com/teapot-go/teapot/reports/html"
	"github.com/teapot-go/teapot/reports/internal/fixture"
)

// all is every report of recordings. A comparison compares them with runs that
// are as they should be.
var all = map[string]func([]*record.Recording) reports.Reporter{
	"text":      reports.Text,
	"json":      func(recs []*record.Recording) reports.Reporter { return reports.JSON(reports.Host{}, recs) },
	"html":      of(html.Report),
	"junit":     of(formats.JUnit),
	"benchmark": of(formats.Benchmark),
	"lines":     of(formats.Lines),
	"markdown":  of(formats.Markdown),
	"trace":     of(formats.Trace),
	"csv":       of(formats.CSV),
	"html comparison": func(recs []*record.Recording) reports.Reporter {
		return html.Comparison(html.Side{Runs: sweep()}, html.Side{Runs: recs}, html.Judged{})
	},
	"text comparison":     compared(compare.Text),
	"markdown comparison": compared(compare.Markdown),
	"json comparison":     compared(compare.JSON),
}

func of(f formats.Format) func([]*record.Recording) reports.Reporter {
	return func(recs []*record.Recording) reports.Reporter { return f(reports.Host{}, recs) }
}

func compared(f func(compare.Comparison) reports.Reporter) func([]*record.Recording) reports.Reporter {
	return func(recs []*record.Recording) reports.Reporter {
		return f(compare.Recordings(sweep(), recs, compare.Rule{Pairs: 1}))
	}
}

// sweep is two runs of one kind of executor, for which a page draws all that it
// can draw.
func sweep() []*record.Recording {
	r := fixture.Simulate("s", "pool", 2, 12, 0)
	r.Clock, r.Cost = record.Real, &record.Cost{CPU: 1e9, Allocs: 5000, AllocBytes: 1e6}
	r.Violations = []record.Violation{{Check: "p99", Line: 3}}
	return []*record.Recording{r, fixture.Simulate("s", "pool", 4, 12, 0)}
}

// numbers lists the paths to all numbers below v, and calls f with each.
func numbers(path string, v reflect.Value, f func(path string, number reflect.Value)) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			numbers(path, v.Elem(), f)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			numbers(path+"."+v.Type().Field(i).Name, v.Field(i), f)
		}
	case reflect.Slice:
		for i := range min(v.Len(), 2) {
			numbers(fmt.Sprintf("%s[%d]", path, i), v.Index(i), f)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			if v.MapIndex(key).CanInt() {
				n := reflect.New(v.Type().Elem()).Elem()
				n.Set(v.MapIndex(key))
				f(fmt.Sprintf("%s[%v]", path, key), n)
				v.SetMapIndex(key, n)
			}
		}
	default:
		if v.CanInt() || v.CanUint() || v.CanFloat() {
			f(path, v)
		}
	}
}

// TestReportsAreBounded puts every number of a recording to extremes, one at a
// time: no report becomes much longer, or takes memory for it.
func TestReportsAreBounded(t *testing.T) {
	var paths []string
	numbers("", reflect.ValueOf(sweep()[0]), func(path string, _ reflect.Value) { paths = append(paths, path) })
	if len(paths) < 50 {
		t.Fatalf("only %d numbers found: %v", len(paths), paths)
	}
	for name, report := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var plain bytes.Buffer
			if err := report(sweep())(&plain); err != nil {
				t.Fatal(err)
			}
			for _, hostile := range []int64{math.MaxInt64, math.MinInt64, 1 << 40, -2, 0} {
				for _, path := range paths {
					recs := sweep()
					numbers("", reflect.ValueOf(recs[0]), func(at string, number reflect.Value) {
						if at == path {
							set(number, hostile)
						}
					})
					out := limited{left: 2*plain.Len() + 4096}
					if err := report(recs)(&out); err != nil && !strings.Contains(err.Error(), "unsupported value") {
						t.Errorf("%s of %d: %v", path, hostile, err)
					}
				}
			}
		})
	}
}

// TestReportsAtOnce writes every report twice at once, all from the same
// recordings: none of them changes anything that another one reads.
func TestReportsAtOnce(t *testing.T) {
	recs := sweep()
	for name, report := range all {
		var before bytes.Buffer
		if err := report(sweep())(&before); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				var out bytes.Buffer
				if err := report(recs)(&out); err != nil || !bytes.Equal(out.Bytes(), before.Bytes()) {
					t.Errorf("%v, %d bytes, want the %d that it writes alone", err, out.Len(), before.Len())
				}
			})
		}
	}
}

// set gives a number its hostile value; the largest stands for infinity.
func set(number reflect.Value, hostile int64) {
	switch {
	case number.CanInt():
		number.SetInt(hostile)
	case number.CanUint():
		number.SetUint(uint64(hostile))
	case hostile == math.MaxInt64:
		number.SetFloat(math.Inf(1))
	default:
		number.SetFloat(float64(hostile))
	}
}

// TestReportsAreLinear has each sample a class, a fault and an error of its
// own: ten times the samples make a report at most some twenty times as long.
func TestReportsAreLinear(t *testing.T) {
	own := func(n int) []*record.Recording {
		r := fixture.Simulate("s", "pool", 2, n, 0)
		for i := range r.Samples {
			s := &r.Samples[i]
			s.Class, s.PlannedClass = record.Class(fmt.Sprint("class", i)), record.Class(fmt.Sprint("planned", i))
			s.Did, s.Error = fmt.Sprint("did", i), fmt.Sprint("error", i)
		}
		r.Outcomes, r.Classes = map[record.Outcome]int{}, map[record.Class]int{}
		fixture.Summarize(r)
		return []*record.Recording{r}
	}
	for name, report := range all {
		var few bytes.Buffer
		if err := report(own(100))(&few); err != nil {
			t.Fatal(err)
		}
		if err := report(own(1000))(&limited{left: 20 * few.Len()}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// limited is a writer with room for so many bytes.
type limited struct{ left int }

func (l *limited) Write(p []byte) (int, error) {
	if l.left -= len(p); l.left < 0 {
		return 0, fmt.Errorf("the report is too long by %d bytes and more", -l.left)
	}
	return len(p), nil
}
