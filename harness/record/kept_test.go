package record_test

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/harness/totals"
)

// TestKeepWithinLimit wants nothing to change where there are no more samples
// than the limit.
func TestKeepWithinLimit(t *testing.T) {
	for _, n := range []int{0, 1, 99, 100} {
		r := valid(n, 3)
		want := *r
		want.Samples = slices.Clone(r.Samples)
		if r.Keep(100); !reflect.DeepEqual(&want, r) {
			t.Errorf("%d samples: got %+v, want %+v", n, r, want)
		}
	}
}

// TestKeepAgain wants the totals of a recording to stay those of all tasks.
func TestKeepAgain(t *testing.T) {
	r := valid(1000, 3)
	r.Keep(500)
	want := *r.Totals
	if r.Keep(100); r.Tasks() != 1000 || !reflect.DeepEqual(*r.Totals, want) || r.Validate() != nil {
		t.Errorf("%d tasks: %v", r.Tasks(), r.Validate())
	}
}

// TestKeep wants the totals to say of all tasks what their samples say, and the
// samples that are kept to be those that are promised, in whichever order the
// tasks came.
func TestKeep(t *testing.T) {
	for seed := range uint64(20) {
		n, limit := 500+int(seed)*150, 100+int(seed)*10
		r := valid(n, seed)
		if r.Seed = seed; seed%4 == 3 { // all at once
			for i := range r.Samples {
				r.Samples[i].Due = 0
			}
			r.Summarize()
		}
		if seed%5 == 4 {
			r.Interrupt()
			r.Summarize()
		}
		whole := *r
		whole.Samples = slices.Clone(r.Samples)
		rand.Shuffle(n, func(i, j int) { r.Samples[i], r.Samples[j] = r.Samples[j], r.Samples[i] })
		ended, paced := r.Ended(), r.Paced()
		r.Keep(limit)
		if err := r.Validate(); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if r.Tasks() != n || r.Ended() != ended || r.Paced() != paced || len(r.Samples) > limit {
			t.Errorf("seed %d: %d tasks, %s, %d samples; want %d, %s, at most %d", seed, r.Tasks(), r.Ended(),
				len(r.Samples), n, ended, limit)
		}
		wantTotals(t, &whole, r)
		wantKept(t, &whole, r)
	}
}

// wantTotals wants the totals of a recording to be those of the whole.
func wantTotals(t *testing.T, whole, r *record.Recording) {
	t.Helper()
	planned, wrong := map[string]int{}, map[string]map[string]int{}
	times := map[string][]time.Duration{}
	var response []time.Duration
	for i := range whole.Samples {
		s := &whole.Samples[i]
		of := s.PlannedClass
		if s.Class.Outcome() == record.OutcomeNone {
			of = s.Class
		}
		planned[string(of)]++
		if whole.Wrong(s) {
			if wrong[s.Did] == nil {
				wrong[s.Did] = map[string]int{}
			}
			wrong[s.Did][string(s.Class)]++
		}
		if o := s.Class.Outcome(); o != record.OutcomeNone && s.Latency() >= 0 {
			times[string(o)] = append(times[string(o)], s.Latency())
			response = append(response, s.Response())
		}
	}
	if diff := gocmp.Diff(planned, r.Totals.Planned) + gocmp.Diff(wrong, r.Totals.Wrong); diff != "" {
		t.Error(diff)
	}
	for o, all := range times {
		h := r.Totals.Service[o]
		slices.Sort(all)
		for _, rank := range []float64{0.001, 0.5, 0.9, 0.99, 1} {
			exact := all[max(1, int(rank*float64(len(all))+1-1e-9))-1]
			if rank == 1 {
				exact = all[len(all)-1]
			}
			if at := h.At(rank); h.N() != len(all) || at < exact || float64(at) > float64(exact)*1.001+1 {
				t.Errorf("%s: %d times, the share %v at most %v, want %d, %v", o, h.N(), rank, at, len(all), exact)
			}
		}
	}
	without := whole.WithoutErrors()
	for name, d := range r.WithoutErrors() {
		if off := d - without[name]; off < 0 || off > without[name]/1000+1 {
			t.Errorf("%s without errors: %v, want about %v", name, d, without[name])
		}
	}
	if r.Paced() {
		longest := slices.MaxFunc(r.Totals.Rows, func(a, b totals.Row) int { return cmp.Compare(a.Max, b.Max) })
		if longest.Max != slices.Max(response) {
			t.Errorf("the longest row has %v, want %v", longest.Max, slices.Max(response))
		}
	}
}

// wantKept wants the samples that are kept to be those of the whole, and each
// kind of them to be there up to its bound.
func wantKept(t *testing.T, whole, r *record.Recording) {
	t.Helper()
	kept := map[int]bool{}
	for _, s := range r.Samples {
		if kept[s.Seq] = true; !reflect.DeepEqual(whole.Samples[s.Seq], s) {
			t.Errorf("task %d is another: %s", s.Seq, gocmp.Diff(whole.Samples[s.Seq], s))
		}
	}
	failed, all := map[record.Class]int{}, map[record.Class]int{}
	slowest := slices.SortedFunc(slices.Values(whole.Samples), func(a, b record.Sample) int {
		return cmp.Compare(b.Latency(), a.Latency())
	})
	for _, s := range slowest[:r.Totals.Limit/20] {
		if !kept[s.Seq] && s.Class.Outcome() != record.OutcomeNone {
			t.Errorf("task %d took %v, and is not kept", s.Seq, s.Latency())
		}
	}
	for _, s := range whole.Samples {
		if s.Class.Outcome() != record.OutcomeError {
			continue
		}
		if all[s.Class]++; kept[s.Seq] {
			failed[s.Class]++
		}
	}
	for c, n := range all {
		if failed[c] < min(n, r.Totals.Limit/50) {
			t.Errorf("%d of %d of class %s are kept", failed[c], n, c)
		}
	}
	if drawn := r.Drawn(); len(drawn.Samples) != r.Totals.Limit*2/5 {
		t.Errorf("%d are drawn of a limit of %d", len(drawn.Samples), r.Totals.Limit)
	}
}

// TestDrawn wants each task to be drawn as often as any other, whatever became
// of it: here the ones that fail are those of every third task.
func TestDrawn(t *testing.T) {
	const n, limit, seeds = 1000, 500, 400
	times := make([]float64, n)
	for seed := range uint64(seeds) {
		r := &record.Recording{Executor: "pool", Clock: record.Virtual, Seed: seed}
		for i := range n {
			s := record.Sample{Seq: i, Finished: time.Duration(i), Seen: record.Seen{Class: record.OK}}
			if i%3 == 0 {
				s.Class = record.Reset
			}
			r.Samples = append(r.Samples, s)
		}
		r.Keep(limit)
		for _, s := range r.Drawn().Samples {
			times[s.Seq]++
		}
	}
	// Each count is binomial: the sum of squares over the variance has a
	// chi-square distribution of about n degrees of freedom.
	p, sum, third := float64(limit*2/5)/n, 0.0, 0.0
	for i, k := range times {
		sum += (k - seeds*p) * (k - seeds*p) / (seeds * p * (1 - p))
		if i%3 == 0 {
			third += k
		}
	}
	if sum < n-200 || sum > n+200 {
		t.Errorf("chi-square of %v, want about %d", sum, n)
	}
	if share := third / (seeds * p * n); share < 0.325 || share > 0.342 {
		t.Errorf("every third task is %.3f of those drawn", share)
	}
}

// many returns a run of a minute, of which every hundredth task fails.
func many(n int) *record.Recording {
	r := &record.Recording{Executor: "pool", Clock: record.Virtual, Delivery: record.AsCompleted, Workers: 100, Seed: 1}
	r.Samples = make([]record.Sample, n)
	for i := range r.Samples {
		at := time.Minute * time.Duration(i) / time.Duration(n)
		took := time.Duration(1+i*7919%1000) * time.Millisecond
		r.Samples[i] = record.Sample{
			Seq: i, Key: fmt.Sprint("k", i%100), Attempt: 1, Due: at, Submitted: at, Started: at, Finished: at + took,
			Did: "none", Seen: record.Seen{Class: record.OK},
			Planned: record.Planned{PlannedService: took, PlannedClass: record.OK},
		}
		if i%100 == 0 {
			r.Samples[i].Class, r.Samples[i].PlannedClass = record.Reset, record.Reset
		}
	}
	return r
}

// TestKeepTakesNoMore wants no sample beyond the limit to take memory.
func TestKeepTakesNoMore(t *testing.T) {
	allocations := func(n int) float64 {
		r := many(n)
		all := r.Samples
		return testing.AllocsPerRun(1, func() {
			r.Totals, r.Samples = nil, all
			r.Keep(1000)
		})
	}
	few, more := allocations(20_000), allocations(100_000)
	if more > few+200 { // buckets that no time has been in
		t.Errorf("%v allocations for 20,000 samples, %v for 100,000", few, more)
	}
}

func BenchmarkKeep(b *testing.B) {
	const n = 1_000_000
	r := many(n)
	all := r.Samples
	for b.Loop() {
		r.Totals, r.Samples = nil, all
		r.Keep(100_000)
	}
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)/n, "ns/sample")
}

// TestValidateTotals plants a mistake in each part of the totals.
func TestValidateTotals(t *testing.T) {
	for name, tt := range map[string]struct {
		spoil func(*record.Recording)
		want  string
	}{
		"tasks":       {func(r *record.Recording) { r.Totals.Tasks = 100 }, `totals.tasks: got 100, want 101`},
		"limit":       {func(r *record.Recording) { r.Totals.Limit = -1 }, `totals.limit: got -1, want 0 to `},
		"drawn":       {func(r *record.Recording) { r.Totals.Drawn = 3 }, `totals.drawn: got 3, want 40 to 40`},
		"more":        {func(r *record.Recording) { r.Samples = make([]record.Sample, 101) }, `samples: got 101`},
		"order":       {func(r *record.Recording) { r.Samples[1].Seq = 0 }, `samples[1].seq: got 0, want more`},
		"classes":     {func(r *record.Recording) { r.Classes[record.OK]++ }, `classes: got 1001 tasks in all`},
		"outcomes":    {func(r *record.Recording) { r.Outcomes[record.OutcomeOK]-- }, `outcomes.ok: got `},
		"truth":       {func(r *record.Recording) { r.Truth["none"][record.OK] += 1000 }, `truth.*.ok: got `},
		"wrong":       {func(r *record.Recording) { r.Totals.Wrong["none"]["ok"] = 1000 }, `wrong.none.ok: got 1000`},
		"planned":     {func(r *record.Recording) { r.Totals.Planned["ok"]++ }, `planned_classes: got 1001`},
		"a class":     {func(r *record.Recording) { r.Totals.Planned["sulk"]++ }, `planned_classes: got "sulk"`},
		"failed":      {func(r *record.Recording) { fewer(r, record.Reset) }, `samples: got 0 of class reset`},
		"a bucket":    {func(r *record.Recording) { r.Totals.PlannedService[1_000_000]++ }, `1000000: got 1`},
		"no tasks":    {func(r *record.Recording) { r.Totals.PlannedService[1023] = 0 }, `1023: got 0`},
		"a histogram": {func(r *record.Recording) { r.Totals.Service["ok"][1023]++ }, `want `},
		"an outcome":  {func(r *record.Recording) { r.Totals.Service["sulk"] = nil }, `service: got "sulk"`},
		"response":    {func(r *record.Recording) { delete(r.Totals.Response, "ok") }, `response.ok: got 0 tasks`},
		"p99":         {func(r *record.Recording) { r.Percentiles["p99"] *= 2 }, `latency_ns.p99: got `},
		"no p50":      {func(r *record.Recording) { delete(r.Response, "p50") }, `response_ns.p50: got none`},
		"row_ns":      {func(r *record.Recording) { r.Totals.Row = 0 }, `totals.row_ns: got 0`},
		"a row":       {func(r *record.Recording) { r.Totals.Rows[1].From = 0 }, `rows[1].from_ns: got 0`},
		"rows":        {func(r *record.Recording) { r.Totals.Rows[0].OK++ }, `totals.rows: got `},
		"a time":      {func(r *record.Recording) { r.Totals.Rows[0].P50 = -1 }, `rows[0].p50_ns: got -1`},
		"the longest": {func(r *record.Recording) { r.Response["max"] /= 2 }, `the longest of all`},
		"makespan":    {func(r *record.Recording) { r.Makespan = 1 }, `makespan_ns: got 1, want `},
		"no tasks ended": {func(r *record.Recording) {
			clear(r.Totals.Service)
			r.Totals.Rows = nil
		}, `latency_ns.p50: got `},
	} {
		r := valid(1000, 7)
		r.Keep(100)
		if err := r.Validate(); err != nil {
			t.Fatal(err)
		}
		r.Totals.Service = maps.Clone(r.Totals.Service)
		tt.spoil(r)
		if err := r.Validate(); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %s", name, err, tt.want)
		}
	}
}

// fewer takes the samples of a class.
func fewer(r *record.Recording, c record.Class) {
	r.Samples = slices.DeleteFunc(r.Samples, func(s record.Sample) bool { return s.Class == c })
}
