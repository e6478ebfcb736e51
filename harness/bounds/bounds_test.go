package bounds_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/bounds"
	"github.com/teapot-go/teapot/harness/record"
)

var (
	shares = []bounds.Unit{bounds.Tasks, bounds.Percent}
	rates  = []bounds.Unit{bounds.PerSecond}
	times  = []bounds.Unit{bounds.Time}
	ratios = []bounds.Unit{bounds.Ratio}
)

func TestParse(t *testing.T) {
	for _, test := range []struct {
		text  string
		units []bounds.Unit
		want  string
		in    []float64 // that meet the bound
		out   []float64 // that do not
	}{
		{">= 480/s", rates, ">= 480/s", []float64{480, 1e6}, []float64{479.99, 0}},
		{">=480.5/s", rates, ">= 480.5/s", []float64{480.5}, []float64{480}},
		{"<= 1e3/s", rates, "<= 1000/s", []float64{1000, 0}, []float64{1000.1}},
		{" >= 10/s ,<= 20/s", rates, ">= 10/s, <= 20/s", []float64{10, 20}, []float64{9, 21}},
		{"73", shares, "73", []float64{73}, []float64{72, 74}},
		{"0", shares, "0", []float64{0}, []float64{1}},
		{"<= 0", shares, "<= 0", []float64{0}, []float64{1}},
		{">= 70", shares, ">= 70", []float64{70, 71}, []float64{69}},
		{"<= 5%", shares, "<= 5%", []float64{5, 0}, []float64{5.1}},
		{"<= .5%", shares, "<= 0.5%", []float64{0.5}, []float64{0.6}},
		{">= 99.9%", shares, ">= 99.9%", []float64{100}, []float64{99.8}},
		{"100%", shares, "100%", []float64{100}, []float64{99}},
		{"0%", shares, "0%", []float64{0}, []float64{1}},
		{"<= 250ms", times, "<= 250ms", []float64{250e6}, []float64{250e6 + 2000}},
		{">= 1m, <= 1h", times, ">= 1m0s, <= 1h0m0s", []float64{60e9}, []float64{59e9}},
		{">= 0.95", ratios, ">= 0.95", []float64{0.95}, []float64{0.9499}},

		{"about 5", shares, "form", nil, nil},
		{"", shares, "form", nil, nil},
		{"< 5%", shares, "form", nil, nil},
		{"= 5", shares, "form", nil, nil},
		{">= -1", shares, "form", nil, nil},
		{"<= -1%", shares, "form", nil, nil},
		{">= 1.5", shares, "form", nil, nil},
		{">= 1000001", shares, "form", nil, nil},
		{"<= 5 %", shares, "form", nil, nil},
		{"<= 5%%", shares, "form", nil, nil},
		{"<= 5ms", shares, "form", nil, nil},
		{">= 480/s", shares, "form", nil, nil},
		{">= 5", rates, "form", nil, nil},
		{">= 480/m", rates, "form", nil, nil},
		{">= 0/s", rates, "form", nil, nil},
		{">= 1e10/s", rates, "form", nil, nil},
		{">= NaN/s", rates, "form", nil, nil},
		{">= 0x1p4/s", rates, "form", nil, nil},
		{"480/s", rates, "form", nil, nil},
		{"<= 250", times, "form", nil, nil},
		{"<= 0s", times, "form", nil, nil},
		{"<= -1s", times, "form", nil, nil},
		{"250ms", times, "form", nil, nil},
		{">= inf", ratios, "form", nil, nil},
		{">= 5, 7", shares, "form", nil, nil},
		{">= 5, >= 7", shares, "form", nil, nil},
		{">= 5, <= 7%", shares, "form", nil, nil},
		{">= 5, <= 7, <= 8", shares, "form", nil, nil},
		{"<= 101%", shares, `"101%": more than all tasks`, nil, nil},
		{">= 7, <= 5", shares, `">= 7, <= 5": no run meets both`, nil, nil},
		{">= 1s, <= 10ms", times, `">= 1s, <= 10ms": no run meets both`, nil, nil},
		{">= 0", shares, `">= 0": every run meets it`, nil, nil},
		{">= 0%", shares, `">= 0%": every run meets it`, nil, nil},
		{"<= 100%", shares, `"<= 100%": every run meets it`, nil, nil},
	} {
		b, err := bounds.Parse(test.text, test.units...)
		got := b.String()
		if err != nil {
			got = err.Error()
		}
		if errors.Is(err, bounds.ErrForm) {
			got = "form"
		}
		if got != test.want {
			t.Errorf("%q: got %q, want %q", test.text, got, test.want)
		}
		for i, x := range slices.Concat(test.in, test.out) {
			if in := i < len(test.in); b.Met(x) != in {
				t.Errorf("%q: %v is within it: %v, want %v", test.text, x, !in, in)
			}
		}
	}
}

// TestParseShare wants a share to be a decimal number that is not negative,
// with or without a percent sign.
func TestParseShare(t *testing.T) {
	for text, want := range map[string]float64{
		"0": 0, "0%": 0, "0.25": 0.25, "25%": 0.25, ".5": 0.5, "+1e-2": 0.01, "0.1%": 0.001, "7%": 0.07, "150%": 1.5,
	} {
		if got, is := bounds.ParseShare(text); !is || got != want {
			t.Errorf("%s: got %v, %v, want %v", text, got, is, want)
		}
	}
	for _, text := range []string{"", "%", "x", "-1", "-5%", "NaN", "Inf", "0x1p-2", "1_0", "5 %", "5%%", "1e400"} {
		if got, is := bounds.ParseShare(text); is {
			t.Errorf("%q: got %v, want none", text, got)
		}
	}
}

// FuzzParse wants a bound that is read to be written so that it is read again,
// and never one that no figure meets.
func FuzzParse(f *testing.F) {
	for _, text := range []string{">= 480/s", "<= 5%", "73", ">= 1ms, <= 2s", "about 5", ">= 1e300/s", "<= 1e-9%"} {
		f.Add(text)
	}
	all := slices.Concat(shares, rates, times, ratios)
	f.Fuzz(func(t *testing.T, text string) {
		for n := range all {
			b, err := bounds.Parse(text, all[n:]...)
			if err != nil {
				continue
			}
			if !b.IsSet() || b.HasLeast && !b.Met(b.Least) || b.HasMost && !b.Met(b.Most) {
				t.Errorf("%q: no figure meets %+v", text, b)
			}
			if b.HasLeast && b.Least < 0 || b.HasMost && !(b.Most >= 0) {
				t.Errorf("%q: negative: %+v", text, b)
			}
			if again, err := bounds.Parse(b.String(), all[n:]...); err != nil || again.String() != b.String() {
				t.Errorf("%q is %q, and that is %q (%v)", text, b, again, err)
			}
		}
	})
}

// TestPercentiles wants the statistics of the whole run to be those that a
// recording states.
func TestPercentiles(t *testing.T) {
	for _, n := range []int{1, 2, 3, 10, 99, 100, 101, 999, 1000, 1001, 10000} {
		r := &record.Recording{Clock: record.Virtual}
		for i := range n {
			at := time.Duration(i) * time.Millisecond
			took := time.Duration((i*7919)%1013) * time.Millisecond
			r.Samples = append(r.Samples, record.Sample{
				Seq: i, Due: at, Started: at, Finished: at + took, Seen: record.Seen{Class: record.OK},
			})
		}
		r.Summarize()
		for _, name := range record.Percentiles() {
			got, why := bounds.Service(name, bounds.Window{}).Of(r, bounds.Time)
			if _, stated := r.Percentiles[name]; !stated {
				continue // of too few
			}
			if why != "" || time.Duration(got) != r.Percentiles[name] {
				t.Errorf("%s of %d: got %v %s, want %v", name, n, time.Duration(got), why, r.Percentiles[name])
			}
		}
	}
}

// Example puts what a run has beside what its plan says.
func Example() {
	task := func(due, took, planned time.Duration) record.Sample {
		return record.Sample{
			Due: due, Started: due, Finished: due + took, Seen: record.Seen{Class: record.OK},
			Planned: record.Planned{PlannedClass: record.OK, PlannedService: planned},
		}
	}
	r := &record.Recording{Samples: []record.Sample{
		task(0, 100*time.Millisecond, 100*time.Millisecond),
		task(time.Second, 300*time.Millisecond, 100*time.Millisecond),
	}}
	r.Summarize()
	bound, _ := bounds.Parse("<= 250ms", bounds.Time)
	p99 := bounds.Latency("p99", bounds.Window{})
	got, _ := p99.Of(r, bound.Unit)
	want, _ := p99.Planned(r, bound.Unit)
	fmt.Println(p99.Name, bound, bound.Met(got))
	fmt.Println(bound.Unit.Format(got), "planned", bound.Unit.Format(want))
	// Output:
	// p99 <= 250ms false
	// 300ms planned 100ms
}

// TestWindow wants the end of a window to be outside it.
func TestWindow(t *testing.T) {
	w := bounds.Window{From: 1, Until: 3}
	var in []string
	for at := range time.Duration(5) {
		in = append(in, fmt.Sprint(w.Has(at)))
	}
	if got := strings.Join(in, " "); got != "false true true false false" {
		t.Errorf("got %s", got)
	}
}
