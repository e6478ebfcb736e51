package servers_test

import (
	"bytes"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/flags"
	waits "github.com/teapot-go/teapot/servers/latency"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func latency(tb testing.TB, text string) servers.Latency {
	tb.Helper()
	l, err := servers.ParseLatency(text)
	if err != nil {
		tb.Fatal(err)
	}
	return l
}

func teapots(rate float64) servers.Fault {
	return servers.Fault{Kind: servers.StatusFault, Rate: rate, Status: 418}
}

// TestGoldenFates holds the generator: a seed in a bug report must
// bring back the same world on every platform, with every release of Go and of
// this package.
func TestGoldenFates(t *testing.T) {
	plans := []struct {
		latency string
		faults  []servers.Fault
	}{
		{"", nil},
		{"2s", nil},
		{"uniform(500ms, 5s)", []servers.Fault{teapots(0.25)}},
		{"uniform(0s, 3us)", []servers.Fault{{Kind: servers.StatusFault, Rate: 0.1, Status: 503}, teapots(0.5)}},
	}
	var got bytes.Buffer
	for _, p := range plans {
		plan := servers.Plan{Faults: p.faults}
		if p.latency != "" {
			plan.Latency = latency(t, p.latency)
		}
		var rules []string
		for _, f := range p.faults {
			rules = append(rules, fmt.Sprintf("{%s %v %d}", f.Kind, f.Rate, f.Status))
		}
		fmt.Fprintf(&got, "latency %q faults %v\n", p.latency, rules)
		for _, plan.Seed = range []uint64{0, 1, 418, math.MaxUint64} {
			for _, key := range []string{"BR", "AD", "ZZ", "/", ""} {
				for _, attempt := range []int{1, 2, math.MaxInt32} {
					f := plan.Fate(key, attempt)
					fmt.Fprintf(&got, "%d %q %d: %d ns, %s, %d\n", plan.Seed, key, attempt, f.Latency,
						f.Fault, f.Status)
				}
			}
		}
	}
	golden := filepath.Join("testdata", "fates.golden")
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	gotLines, wantLines := strings.Split(got.String(), "\n"), strings.Split(string(want), "\n")
	if len(gotLines) != len(wantLines) {
		t.Fatalf("got %d lines, want %d", len(gotLines), len(wantLines))
	}
	for i := range wantLines {
		if gotLines[i] != wantLines[i] {
			t.Errorf("line %d:\n got %s\nwant %s", i+1, gotLines[i], wantLines[i])
		}
	}
}

func TestZeroPlan(t *testing.T) {
	for _, key := range flags.Every() {
		want := servers.Fate{Fault: servers.None, Status: 404}
		if flags.Has(key) {
			want.Status = 200
		}
		if got := (servers.Plan{}).Fate(key, 1); got != want {
			t.Errorf("%s: got %+v, want %+v", key, got, want)
		}
	}
}

// TestFateIsPure asks in one order alone, then in many orders at once.
func TestFateIsPure(t *testing.T) {
	plan := servers.Plan{Seed: 418, Latency: latency(t, "uniform(500ms, 5s)"), Faults: []servers.Fault{teapots(0.25)}}
	keys := flags.Every()
	alone := map[string]servers.Fate{}
	for _, key := range keys {
		alone[key] = plan.Fate(key, 1)
	}
	var wg sync.WaitGroup
	for asker := range uint64(8) {
		wg.Go(func() {
			for _, i := range rand.New(rand.NewPCG(asker, 1)).Perm(len(keys)) {
				if got := plan.Fate(keys[i], 1); got != alone[keys[i]] {
					t.Errorf("%s: got %+v, first it was %+v", keys[i], got, alone[keys[i]])
				}
			}
		})
	}
	wg.Wait()
}

// TestEveryInputCounts compares whole worlds, because a single fate may well be
// the same in two of them.
func TestEveryInputCounts(t *testing.T) {
	plan := servers.Plan{Seed: 1, Latency: latency(t, "uniform(0s, 10s)"), Faults: []servers.Fault{teapots(0.5)}}
	struck := func(p servers.Plan, attempt int) (latencies, faults int) {
		for _, key := range flags.Every() {
			a, b := plan.Fate(key, 1), p.Fate(key, attempt)
			if a.Latency != b.Latency {
				latencies++
			}
			if a.Fault != b.Fault {
				faults++
			}
		}
		return latencies, faults
	}
	other := plan
	other.Seed = 2
	for name, differ := range map[string]func() (int, int){
		"another seed":    func() (int, int) { return struck(other, 1) },
		"another attempt": func() (int, int) { return struck(plan, 2) },
	} {
		// Half of the faults of two independent worlds differ, within five
		// standard deviations of 13.
		if l, f := differ(); l < 670 || f < 273 || f > 403 {
			t.Errorf("%s: %d latencies and %d faults of 676 differ, want nearly all and about half", name, l, f)
		}
	}
	seen := map[time.Duration]string{}
	for _, key := range flags.Every() {
		d := plan.Fate(key, 1).Latency
		if twin := seen[d]; twin != "" {
			t.Errorf("%s and %s both wait %v", twin, key, d)
		}
		seen[d] = key
	}
	// A key and an attempt are not one string: the key's end must not be taken
	// for the attempt.
	if a, b := plan.Fate("A\x01", 1), plan.Fate("A", 1); a.Latency == b.Latency {
		t.Errorf("two keys wait %v", a.Latency)
	}
}

func TestLatencyLeavesFaultsAlone(t *testing.T) {
	for seed := range uint64(5) {
		calm := servers.Plan{Seed: seed, Faults: []servers.Fault{teapots(0.25), {
			Kind: servers.StatusFault, Rate: 0.25,
			Status: 500,
		}}}
		for _, text := range []string{"0s", "2s", "uniform(0s, 1ms)", "uniform(500ms, 5s)"} {
			slow := calm
			slow.Latency = latency(t, text)
			for _, key := range flags.Every() {
				got, want := slow.Fate(key, 1), calm.Fate(key, 1)
				if got.Fault != want.Fault || got.Status != want.Status {
					t.Errorf("seed %d, %s, latency %s: got %+v, without latency it is %+v", seed, key, text, got, want)
				}
			}
		}
	}
}

// TestShares counts over 676 keys and 20 seeds. The numbers are the same in
// every run; the bounds are four standard deviations.
func TestShares(t *testing.T) {
	const seeds = 20
	n := float64(seeds * len(flags.Every()))
	share := func(faults []servers.Fault, counts func(plan servers.Plan, key string) bool) float64 {
		hits := 0
		for seed := range uint64(seeds) {
			for _, key := range flags.Every() {
				if counts(servers.Plan{Seed: seed, Faults: faults}, key) {
					hits++
				}
			}
		}
		return float64(hits) / n
	}
	status := func(want int) func(servers.Plan, string) bool {
		return func(p servers.Plan, key string) bool {
			f := p.Fate(key, 1)
			return f.Fault == servers.StatusFault && f.Status == want
		}
	}
	both := func(p servers.Plan, key string) bool {
		return p.Fate(key, 1).Fault != servers.None && p.Fate(key, 2).Fault != servers.None
	}
	two := []servers.Fault{teapots(0.25), {Kind: servers.StatusFault, Rate: 0.5, Status: 503}}
	tests := []struct {
		name   string
		faults []servers.Fault
		counts func(servers.Plan, string) bool
		want   float64
	}{
		{"rate 0", []servers.Fault{teapots(0)}, status(418), 0},
		{"rate 1", []servers.Fault{teapots(1)}, status(418), 1},
		{"rate 0.25", []servers.Fault{teapots(0.25)}, status(418), 0.25},
		{"rate 0.01", []servers.Fault{teapots(0.01)}, status(418), 0.01},
		{"the first of two", two, status(418), 0.25},
		{"the second of two strikes what the first has left", two, status(503), 0.75 * 0.5},
		{
			"nothing passes rate 1",
			[]servers.Fault{teapots(1), {Kind: servers.StatusFault, Rate: 1, Status: 503}},
			status(503), 0,
		},
		{"attempts are independent", []servers.Fault{teapots(0.25)}, both, 0.25 * 0.25},
	}
	for _, test := range tests {
		got := share(test.faults, test.counts)
		if bound := 4 * math.Sqrt(test.want*(1-test.want)/n); math.Abs(got-test.want) > bound {
			t.Errorf("%s: got a share of %.4f, want %v ± %.4f", test.name, got, test.want, bound)
		}
	}
}

// TestUniform fills ten equal drawers, and holds every latency to its bounds:
// at most one microsecond below the first, because the offset replaces what is
// finer than that, and less than one beyond the second.
func TestUniform(t *testing.T) {
	const seeds = 20
	for _, bounds := range [][2]time.Duration{
		{500 * time.Millisecond, 5 * time.Second},
		{0, time.Second},
		{0, 24 * time.Hour},
	} {
		low, high := bounds[0], bounds[1]
		l := latency(t, fmt.Sprintf("uniform(%v, %v)", low, high))
		var drawers [10]int
		for seed := range uint64(seeds) {
			for _, key := range flags.Every() {
				d := servers.Plan{Seed: seed, Latency: l}.Fate(key, 1).Latency
				if d < low || d >= high+time.Microsecond {
					t.Fatalf("%s: got %v", l, d)
				}
				drawers[min(9, int(10*(d-low)/(high-low)))]++
			}
		}
		// Chi squared with 9 degrees of freedom passes 27.9 once in a thousand
		// times.
		expected, chi := float64(seeds*len(flags.Every()))/10, 0.0
		for _, n := range drawers {
			chi += (float64(n) - expected) * (float64(n) - expected) / expected
		}
		if chi > 27.9 {
			t.Errorf("%s: chi squared is %.1f for %v", l, chi, drawers)
		}
	}
}

func TestOffsets(t *testing.T) {
	tests := []struct {
		latency string
		base    time.Duration
	}{
		{"2s", 2 * time.Second},
		{"1us", time.Microsecond},
		{"1ns", 0},
		{"1500ns", time.Microsecond},
		{"24h", 24 * time.Hour},
		{"uniform(2s, 2s)", 2 * time.Second},
		{"uniform(1001ns, 1999ns)", time.Microsecond},
	}
	for _, test := range tests {
		plan := servers.Plan{Seed: 3, Latency: latency(t, test.latency)}
		offsets := map[time.Duration]bool{}
		for _, key := range flags.Every() {
			offset := plan.Fate(key, 1).Latency - test.base
			if offset < 1 || offset > 999 {
				t.Errorf("%s: %s has an offset of %v, want 1 to 999 ns", test.latency, key, offset)
			}
			offsets[offset] = true
		}
		// 676 draws from 999 leave about 491 different ones.
		if len(offsets) < 440 {
			t.Errorf("%s: %d different offsets of 676", test.latency, len(offsets))
		}
	}
	for _, text := range []string{"0s", "uniform(0s, 0s)"} {
		for _, key := range flags.Every() {
			if d := (servers.Plan{Latency: latency(t, text)}).Fate(key, 1).Latency; d != 0 {
				t.Errorf("%s: %s waits %v", text, key, d)
			}
		}
	}
}

func TestPlanCheck(t *testing.T) {
	bad := func(kind servers.Kind, rate float64, status int) servers.Fault {
		return servers.Fault{Kind: kind, Rate: rate, Status: status}
	}
	tests := []struct {
		name   string
		faults []servers.Fault
		want   []string // what each line of the error names; none for a good plan
	}{
		{"the zero plan", nil, nil},
		{"the bounds", []servers.Fault{bad("status", 0x1p-1000, 400), bad("status", 1, 599)}, nil},
		{"rate NaN", []servers.Fault{bad("status", math.NaN(), 418)}, []string{"fault 1: rate NaN"}},
		{"rate below 0", []servers.Fault{bad("status", -0.001, 418)}, []string{"fault 1: rate -0.001"}},
		{"rate above 1", []servers.Fault{bad("status", 1.001, 418)}, []string{"fault 1: rate 1.001"}},
		{"rate in percent", []servers.Fault{bad("status", 25, 418)}, []string{"fault 1: rate 25"}},
		{"rate infinite", []servers.Fault{bad("status", math.Inf(1), 418)}, []string{"fault 1: rate +Inf"}},
		{"status 399", []servers.Fault{bad("status", 0.5, 399)}, []string{"fault 1: status 399"}},
		{"status 600", []servers.Fault{bad("status", 0.5, 600)}, []string{"fault 1: status 600"}},
		{"no status", []servers.Fault{bad("status", 0.5, 0)}, []string{"fault 1: status 0"}},
		{"no condition", []servers.Fault{bad("status", 0, 503)}, []string{"fault 1: no condition"}},
		{"unknown kind", []servers.Fault{bad("sulk", 0.5, 418)}, []string{`fault 1: kind "sulk"`}},
		{"no kind", []servers.Fault{{Rate: 0.5, Status: 418}}, []string{`fault 1: kind ""`}},
		{"none is no fault", []servers.Fault{bad("none", 0.5, 418)}, []string{`fault 1: kind "none"`}},
		{
			"everything at once",
			[]servers.Fault{bad("status", 2, 399), teapots(0.5), bad("sulk", -1, 418)},
			[]string{"fault 1: rate 2", "fault 1: status 399", `fault 3: kind "sulk"`, "fault 3: rate -1"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			plan := servers.Plan{Faults: test.faults}
			err := plan.Check()
			if len(test.want) == 0 {
				if err != nil {
					t.Errorf("got %q, want none", err)
				}
				return
			}
			if err == nil {
				t.Fatalf("got no error, want %q", test.want)
			}
			lines := strings.Split(err.Error(), "\n")
			for i, want := range test.want {
				if i >= len(lines) || !strings.Contains(lines[i], want+": want ") {
					t.Errorf("line %d of %q does not say %q and what is wanted", i+1, err, want)
				}
			}
			if len(lines) != len(test.want) {
				t.Errorf("got %q, want %d lines", err, len(test.want))
			}
			if s, err := servers.Start(servers.Config{Plan: plan, Memory: true}); err == nil {
				t.Errorf("such a server starts: %v", s.Close())
			}
		})
	}
}

// TestLatencies: the latency of a request is the first of the list whose keys
// match its key, and else the plan's. What is drawn for it does not depend on
// the list.
func TestLatencies(t *testing.T) {
	const drawn = "uniform(1s, 2s)"
	all := servers.Plan{Seed: 3, Latency: latency(t, drawn)}
	some := servers.Plan{Seed: 3, Latency: latency(t, "5ms"), Latencies: []waits.OfKeys{
		{Keys: []string{"GET /items/*/reviews"}, Latency: latency(t, "30ms")},
		{Keys: []string{"GET /items/*", "C?"}, Latency: latency(t, drawn)},
		{Keys: []string{"GET /*"}},
	}}
	for key, want := range map[string]time.Duration{
		"GET /items/3/reviews": 30 * time.Millisecond,
		"GET /items/3":         all.Fate("GET /items/3", 1).Latency,
		"CN":                   all.Fate("CN", 1).Latency,
		"GET /health":          0,
		"POST /items":          5 * time.Millisecond,
	} {
		if got := some.Fate(key, 1).Latency; got.Truncate(time.Microsecond) != want.Truncate(time.Microsecond) {
			t.Errorf("%s: got %v, want %v", key, got, want)
		}
	}
	some.Latencies[1].Keys = []string{"["}
	if err := some.Check(); err == nil || !strings.Contains(err.Error(), `latency 2: key "["`) {
		t.Errorf("got %v, want an error that names the pattern", err)
	}
}
