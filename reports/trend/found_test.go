package trend_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/harness/search"
	"github.com/teapot-go/teapot/reports/internal/fixture"
	"github.com/teapot-go/teapot/reports/trend"
)

// searches are recordings, a day apart, of searches that found these rates.
func searches(clock record.Clock, rates []float64, change func(i int, r *record.Recording)) (all []trend.Entry) {
	dated := fixture.History(len(rates), 6, flat)
	for i, d := range dated {
		r := d.Runs[0]
		if clock == record.Virtual { // where nothing differs by chance
			r = fixture.Stretched(dated[0].Runs[0], 1)
		}
		n := min(10+int(rates[i])/10, len(r.Samples)) // as many tasks as there are at the rate
		r.Clock, r.Samples, r.Makespan = clock, r.Samples[:n], time.Duration(1e9*float64(n)/max(rates[i], 1))
		r.Checked = []record.Checked{{Check: "p99", Want: "<= 300ms", Verdict: "met"}}
		r.Search = &search.Result{
			Found: rates[i], Missed: rates[i] + 10, Low: 10, High: 1000, Within: 0.05,
			Tried: []search.Tried{
				{Rate: rates[i], Runs: 1, Met: 1, Meets: true}, {Rate: rates[i] + 10, Runs: 1, Why: "p99"},
			},
		}
		if change != nil {
			change(i, r)
		}
		h := host
		h.Commit, h.Started = d.Commit, d.Started
		all = append(all, trend.Measure(fmt.Sprintf("run-%03d.json", i), h, []*record.Recording{r}))
	}
	return all
}

// then are n rates that change from one to another after two thirds of them,
// with some noise.
func then(n int, from, to, noise float64) (rates []float64) {
	random := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		rate := from
		if i >= n*2/3 {
			rate = to
		}
		rates = append(rates, math.Round(rate*(1+noise*random.NormFloat64())))
	}
	return rates
}

// TestRateFound wants a change of the rates that searches have found told, and
// nothing else of runs at different rates.
func TestRateFound(t *testing.T) {
	half := func(i int) bool { return i >= 20 }
	for name, tt := range map[string]struct {
		clock     record.Clock
		rates     []float64
		change    func(i int, r *record.Recording)
		histories int
		want      trend.Verdict
		figures   string
		says      string
	}{
		"less": {
			record.Virtual, then(6, 200, 150, 0), nil, 1, trend.Worse, "rate found",
			"carries less: rate found −25 %",
		},
		"more": {record.Virtual, then(6, 200, 250, 0), nil, 1, trend.Better, "rate found", "carries more"},
		"none": {record.Virtual, then(6, 200, 0, 0), nil, 1, trend.Worse, "rate found", "rate found 200/s to 0/s"},
		"equal": {
			record.Virtual, then(6, 200, 200, 0), nil, 1, trend.Same,
			"rate found makespan p50 p99 efficiency errors", "200/s",
		},
		"less, real":  {record.Real, then(60, 200, 150, 0.03), nil, 1, trend.Worse, "rate found", "carries less"},
		"noise, real": {record.Real, then(60, 200, 200, 0.03), nil, 1, trend.Same, "rate found", "= same"},
		"another bound": {record.Virtual, then(40, 200, 200, 0), func(i int, r *record.Recording) {
			if half(i) {
				r.Checked[0].Want = "<= 1s"
			}
		}, 2, trend.Same, "rate found makespan p50 p99 efficiency errors", "scenario 1 of 2"},
		"another range": {record.Virtual, then(40, 200, 200, 0), func(i int, r *record.Recording) {
			if half(i) {
				r.Search.High = 500
			}
		}, 2, trend.Same, "rate found makespan p50 p99 efficiency errors", "scenario 1 of 2"},
		"without a search": {record.Virtual, then(40, 200, 200, 0), func(i int, r *record.Recording) {
			if half(i) {
				r.Search = nil
			}
		}, 2, trend.Same, "rate found makespan p50 p99 efficiency errors", "the rate to be found"},
		"the machine gave out": {record.Real, then(60, 200, 100, 0.03), func(i int, r *record.Recording) {
			r.Search.Tried[1].Unknown = i >= 40
		}, 1, trend.Same, "rate found", "20 not used: rate not judged"},
	} {
		t.Run(name, func(t *testing.T) {
			tr := trend.Of(searches(tt.clock, tt.rates, tt.change), trend.Rule{})
			text := said(t, tr)
			if len(tr.Histories) != tt.histories {
				t.Fatalf("got %d histories, want %d:\n%s", len(tr.Histories), tt.histories, text)
			}
			h := tr.Histories[0]
			if h.Verdict != tt.want || !strings.Contains(text, tt.says) {
				t.Errorf("got %s, want %s, and %q in\n%s", h.Verdict, tt.want, tt.says, text)
			}
			var figures []string
			for _, f := range h.Figures {
				figures = append(figures, f.Name)
			}
			if got := strings.Join(figures, " "); got != tt.figures {
				t.Errorf("got the figures %s, want %s", got, tt.figures)
			}
		})
	}
}
