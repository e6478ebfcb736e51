package arrivals_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/arrivals"
)

var _ harness.Pacer = (*arrivals.Schedule)(nil)

const ms = time.Millisecond

func schedule(t *testing.T, seed uint64, stages ...arrivals.Stage) *arrivals.Schedule {
	t.Helper()
	s, err := arrivals.New(seed, stages...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// all returns the times of a schedule, held to what is so of each: they do not
// decrease, are within the stages, and are as many as it says.
func all(t *testing.T, s *arrivals.Schedule, length time.Duration) (times []time.Duration) {
	t.Helper()
	for seq := 0; ; seq++ {
		at, ok := s.Due(seq)
		if !ok {
			break
		}
		if at < 0 || at > length || seq > 0 && at < times[seq-1] {
			t.Fatalf("arrival %d at %v: want it from the one before, within %v", seq, at, length)
		}
		times = append(times, at)
	}
	total := 0
	for _, n := range s.Counts() {
		total += n
	}
	if len(times) != s.Len() || total != s.Len() {
		t.Errorf("%d arrivals, counted as %d and %d", len(times), s.Len(), total)
	}
	return times
}

// TestTimes has the arrivals that a formula gives.
func TestTimes(t *testing.T) {
	for _, tt := range []struct {
		name   string
		stages []arrivals.Stage
		want   []time.Duration
	}{
		{"a rate", []arrivals.Stage{{Rate: 4, For: time.Second}}, []time.Duration{0, 250 * ms, 500 * ms, 750 * ms}},
		{"a slow rate", []arrivals.Stage{{Rate: 0.5, For: 5 * time.Second}}, []time.Duration{
			0, 2 * time.Second, 4 * time.Second,
		}},
		{"the end is outside", []arrivals.Stage{{Rate: 2, For: time.Second}}, []time.Duration{0, 500 * ms}},
		{
			"a ramp from 0", // n(t) = t²
			[]arrivals.Stage{{Ramp: true, To: 4, For: 2 * time.Second}},
			[]time.Duration{0, time.Second, 1414213562, 1732050807},
		},
		{
			"a ramp to 0", // n(t) = 4t - t²
			[]arrivals.Stage{{Ramp: true, Rate: 4, For: 2 * time.Second}},
			[]time.Duration{0, 267949192, 585786437, time.Second},
		},
		{"a level ramp", []arrivals.Stage{{Ramp: true, Rate: 4, To: 4, For: time.Second}}, []time.Duration{
			0, 250 * ms, 500 * ms, 750 * ms,
		}},
		{"bursts", []arrivals.Stage{{Burst: 2, Every: 400 * ms, For: time.Second}}, []time.Duration{
			0, 0, 400 * ms, 400 * ms, 800 * ms, 800 * ms,
		}},
		{"a trace", []arrivals.Stage{{Times: []time.Duration{0, 0, ms, time.Second}}}, []time.Duration{
			0, 0, ms, time.Second,
		}},
		{
			"a trace that is cut off",
			[]arrivals.Stage{{Times: []time.Duration{0, ms, time.Second}, For: 500 * ms}},
			[]time.Duration{0, ms},
		},
		{
			"one after another",
			[]arrivals.Stage{
				{Rate: 2, For: time.Second},
				{Burst: 1, Every: time.Second, For: 2 * time.Second},
				{Times: []time.Duration{ms, 5 * ms}},
				{Rate: 1, For: time.Second},
			},
			[]time.Duration{
				0, 500 * ms, time.Second, 2 * time.Second, 3001 * ms, 3005 * ms, 3005 * ms,
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := all(t, schedule(t, 7, tt.stages...), time.Hour); !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// TestPoisson holds drawn arrivals to their law at several seeds: the count in
// each tenth of the stage, whose mean is the integral of the rate, against the
// chi-square distribution with ten degrees of freedom, and the gaps of a
// constant rate against the exponential one. The bounds are those that chance
// passes once in 10,000 times; as the seeds are fixed, so is the result.
func TestPoisson(t *testing.T) {
	const parts = 10
	const chiSquare, kolmogorov = 35.56, 2.23 // 0.9999 quantiles, for 10 degrees of freedom and of √n·D
	for _, stage := range []arrivals.Stage{
		{Rate: 500, For: 10 * time.Second, Poisson: true},
		{Rate: 30, For: 100 * time.Second, Poisson: true},
		{Rate: 10, To: 500, Ramp: true, For: 10 * time.Second, Poisson: true},
		{Rate: 500, To: 0, Ramp: true, For: 10 * time.Second, Poisson: true},
		{To: 800, Ramp: true, For: 10 * time.Second, Poisson: true},
	} {
		for seed := range uint64(5) {
			times := all(t, schedule(t, seed, stage), stage.For)
			end := stage.Rate
			if stage.Ramp {
				end = stage.To
			}
			counts := make([]float64, parts)
			for _, at := range times {
				counts[int(float64(at)/float64(stage.For)*parts)]++
			}
			sum := 0.0
			for i, got := range counts {
				middle := (float64(i) + 0.5) / parts
				want := (stage.Rate + (end-stage.Rate)*middle) * stage.For.Seconds() / parts
				sum += (got - want) * (got - want) / want
			}
			if sum > chiSquare {
				t.Errorf("%v, seed %d: chi-square %.1f: %v", stage, seed, sum, counts)
			}
			if !stage.Ramp {
				if d := distance(times, stage.Rate); d > kolmogorov {
					t.Errorf("%v, seed %d: the gaps are off by %.2f", stage, seed, d)
				}
			}
			again := all(t, schedule(t, seed, stage), stage.For)
			other := all(t, schedule(t, seed+5, stage), stage.For)
			if !slices.Equal(times, again) || slices.Equal(times, other) {
				t.Errorf("%v, seed %d: want equal times of equal seeds alone", stage, seed)
			}
		}
	}
}

// distance returns √n times the Kolmogorov-Smirnov distance of the gaps from
// the exponential distribution.
func distance(times []time.Duration, rate float64) float64 {
	var gaps []float64
	for i, at := range times[1:] {
		gaps = append(gaps, (at - times[i]).Seconds())
	}
	slices.Sort(gaps)
	n, most := float64(len(gaps)), 0.0
	for i, gap := range gaps {
		p := 1 - math.Exp(-rate*gap)
		most = max(most, p-float64(i)/n, float64(i+1)/n-p)
	}
	return most * math.Sqrt(n)
}

// TestStagesDraw has two equal stages, whose arrivals are drawn apart.
func TestStagesDraw(t *testing.T) {
	one := arrivals.Stage{Rate: 100, For: time.Second, Poisson: true}
	s := schedule(t, 1, one, one)
	times, n := all(t, s, 2*time.Second), s.Counts()[0]
	for i, at := range times[n:] {
		if i < n && at-time.Second == times[i] {
			t.Fatalf("arrival %d of the second stage is that of the first", i)
		}
	}
}

// TestRefused has stages that say nothing, or contradict themselves.
func TestRefused(t *testing.T) {
	second := time.Second
	for want, stage := range map[string]arrivals.Stage{
		"no arrivals":                    {For: second},
		"several of":                     {Rate: 1, Burst: 1, Every: second, For: second},
		"want one of them":               {Rate: 1, Times: []time.Duration{0}},
		"from 0 upward":                  {Rate: -1, For: second},
		"rates NaN":                      {Rate: math.NaN(), For: second},
		"rates +Inf":                     {Rate: math.Inf(1), For: second},
		"without a rate":                 {Burst: 1, Every: second, For: second, Poisson: true},
		"both above 0":                   {Burst: 1, For: second},
		"bursts of -1":                   {Burst: -1, Every: second, For: second},
		"a stage of 0s":                  {Rate: 1},
		"a stage of -1s":                 {Rate: 1, For: -second},
		"time 2 is 0s":                   {Times: []time.Duration{1, 0}},
		"time 1 is -1ns":                 {Times: []time.Duration{-1}},
		"about 3600000 arrivals":         {Rate: 1000, For: time.Hour},
		"want at most 1000000":           {Burst: 1_000_000, Every: 1, For: math.MaxInt64},
		"about 5000000000000000 arrival": {Rate: 1e12, For: 5000 * second, Poisson: true},
	} {
		if s, err := arrivals.New(1, stage); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: got %v, %v, want an error with %q", stage, s, err, want)
		}
	}
	if s := schedule(t, 1); s.Len() != 0 {
		t.Errorf("%d arrivals of no stage", s.Len())
	}
	if _, ok := schedule(t, 1, arrivals.Stage{Rate: 1, For: second}).Due(-1); ok {
		t.Error("an arrival before the first")
	}
}

// TestMost has as many arrivals as there may be.
func TestMost(t *testing.T) {
	s := schedule(t, 1, arrivals.Stage{Rate: arrivals.Limit, For: time.Second})
	if s.Len() != arrivals.Limit {
		t.Errorf("%d arrivals", s.Len())
	}
	more := []arrivals.Stage{{Rate: 1, For: time.Second}, {Rate: arrivals.Limit, For: time.Second}}
	if _, err := arrivals.New(1, more...); err == nil {
		t.Error("one arrival too many is accepted")
	}
	if s, err := arrivals.NewLong(1, more...); err != nil || s.Len() != arrivals.Limit+1 {
		t.Errorf("%d arrivals of a long schedule: %v", s.Len(), err)
	}
	if _, err := arrivals.NewLong(1, arrivals.Stage{Rate: arrivals.Most, For: 2 * time.Second}); err == nil {
		t.Error("twice as many arrivals as a long schedule may have are accepted")
	}
}

// TestMany wants a schedule that lists no arrivals to have those of a walk, in
// whichever order it is asked for them.
func TestMany(t *testing.T) {
	stages := []arrivals.Stage{
		{Rate: 400_000, For: time.Second},
		{Burst: 1000, Every: ms, For: 200 * ms},
		{Rate: 300_000, For: time.Second, Poisson: true},
		{Rate: 300_000, To: 100, Ramp: true, For: time.Second, Poisson: true},
		{Times: []time.Duration{0, ms, time.Hour}},
	}
	s, err := arrivals.NewLong(3, stages...)
	if err != nil {
		t.Fatal(err)
	}
	times := all(t, s, 4*time.Hour)
	if len(times) <= arrivals.Limit {
		t.Fatalf("%d arrivals, want more than are listed", len(times))
	}
	begin, from := time.Duration(0), 0
	for i, stage := range stages { // each of which is listed
		var one []arrivals.Stage
		for range i { // whose draws are those of the stage of its number
			one = append(one, arrivals.Stage{Rate: 1e-9, For: time.Second})
		}
		listed := all(t, schedule(t, 3, append(one, stage)...), 5*time.Hour)[i:]
		for k, at := range listed {
			if got, want := times[from+k], begin+at-time.Duration(i)*time.Second; got != want {
				t.Fatalf("stage %d: arrival %d at %v, want %v", i, k, got, want)
			}
		}
		from, begin = from+len(listed), begin+stage.For
	}
	random := rand.New(rand.NewPCG(7, 7))
	for range 300 {
		seq := random.IntN(len(times))
		if at, ok := s.Due(seq); at != times[seq] || !ok {
			t.Fatalf("arrival %d at %v, want %v", seq, at, times[seq])
		}
	}
	if _, ok := s.Due(len(times)); ok {
		t.Error("an arrival after the last")
	}
}

func TestString(t *testing.T) {
	s := schedule(t, 1, arrivals.Stage{Rate: 5, For: time.Second},
		arrivals.Stage{Rate: 5, To: 9, Ramp: true, For: time.Second, Poisson: true},
		arrivals.Stage{Burst: 3, Every: time.Second, For: time.Minute}, arrivals.Stage{Times: []time.Duration{0}})
	const want = "5/s for 1s, then poisson 5/s to 9/s for 1s, then 3 every 1s for 1m0s, then a trace of 1 arrival"
	if got := s.String(); got != want {
		t.Errorf("got %q", got)
	}
}
