package oracle_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/oracle"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/fault"
	"github.com/teapot-go/teapot/servers/limits"
)

// visits reads "due+latency=fault" in milliseconds. The ranks are such that of
// two at one instant the later comes first.
func visits(text string) (all []oracle.Visit) {
	for i, word := range strings.Fields(text) {
		v := oracle.Visit{Rank: uint64(1000 - i), Fate: servers.Fate{Fault: servers.None, Status: 200}}
		word, kind, _ := strings.Cut(word, "=")
		if kind != "" {
			v.Fate.Fault = servers.Kind(kind)
		}
		if kind == string(fault.Status) {
			v.Fate.Status = 500
		}
		if _, err := fmt.Sscanf(word, "%d+%d", &v.Due, &v.Fate.Latency); err != nil {
			panic(word)
		}
		v.Due, v.Fate.Latency = v.Due*ms, v.Fate.Latency*ms
		all = append(all, v)
	}
	return all
}

// TestQueue has a few requests at a server, whose fates can be told by hand.
func TestQueue(t *testing.T) {
	for _, tt := range []struct {
		name, visits string
		capacity     limits.Capacity
		timeout      time.Duration
		workers      int
		want         string // each task from when to when, and its class
	}{
		{"room for all", "0+10 0+10 5+10", limits.Capacity{Concurrent: 3}, 0, 0, "0-10=ok 0-10=ok 5-15=ok"},
		{
			"one place, in order of rank", "0+10 0+20 5+10",
			limits.Capacity{Concurrent: 1},
			0, 0,
			"0-30=ok 0-20=ok 5-40=ok",
		},
		{"workers are the limit", "0+10 0+10 0+10", limits.Capacity{Concurrent: 3}, 0, 1, "0-10=ok 10-20=ok 20-30=ok"},
		{
			"no room, and no queue", "0+10 5+10 10+10",
			limits.Capacity{Concurrent: 1, Policy: limits.TooMany},
			0, 0,
			"0-10=ok 5-5=status 10-20=ok",
		},
		{
			"a queue of one", "0+10 1+10 2+10 11+10",
			limits.Capacity{Concurrent: 1, Queue: 1},
			0, 0,
			"0-10=ok 1-20=ok 2-2=status 11-30=ok",
		},
		{
			"refused without an answer", "0+10 1+10",
			limits.Capacity{Concurrent: 1, Policy: limits.Refuse},
			0, 0,
			"0-10=ok 1-1=reset",
		},
		{
			"one worker is never refused", "0+10 1+10",
			limits.Capacity{Concurrent: 1, Policy: limits.Refuse},
			0, 1,
			"0-10=ok 10-20=ok",
		},
		{
			"a refusal frees its worker", "0+10 0+10 0+10",
			limits.Capacity{Concurrent: 1, Policy: limits.TooMany},
			0, 2,
			"0-0=status 0-10=ok 0-0=status",
		},
		{
			"gives up in the queue", "0+30 1+10 2+10",
			limits.Capacity{Concurrent: 1},
			31 * ms, 0,
			"0-30=ok 1-32=timeout 2-33=timeout",
		},
		{
			"who gives up makes room in the queue", "0+50 1+5 22+5",
			limits.Capacity{Concurrent: 1, Queue: 1},
			40 * ms, 0,
			"0-40=timeout 1-41=timeout 22-22=status",
		},
		{
			"gives up while it is served", "0+30 1+30 2+1",
			limits.Capacity{Concurrent: 1},
			40 * ms, 0,
			"0-30=ok 1-41=timeout 2-42=ok",
		},
		{"hangs", "0+0=hang 1+10", limits.Capacity{Concurrent: 1}, 20 * ms, 0, "0-20=timeout 1-21=timeout"},
		{
			"an error takes a place", "0+10=status 1+10=reset 2+10",
			limits.Capacity{Concurrent: 1},
			0, 0,
			"0-10=status 1-20=reset 2-30=ok",
		},
		{
			"a connection that is refused takes none", "0+10 1+0=refuse",
			limits.Capacity{Concurrent: 1},
			0, 0,
			"0-10=ok 1-1=refused",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			q := oracle.Queue{Capacity: tt.capacity, Timeout: tt.timeout}
			ideal := q.Ideal(visits(tt.visits), tt.workers, record.AsCompleted)
			var got []string
			for _, x := range ideal.Tasks {
				got = append(got, fmt.Sprintf("%d-%d=%s", x.Started/ms, x.Finished/ms, x.Class))
			}
			if said := strings.Join(got, " "); said != tt.want {
				t.Errorf("got %s, want %s", said, tt.want)
			}
		})
	}
}

// TestQueueingTheory holds what is computed to the closed forms of Erlang and
// of Pollaczek and Khinchine, within four standard errors.
func TestQueueingTheory(t *testing.T) {
	const n, rate, mean = 200_000, 100.0, 0.05 // a second, and seconds: five places' work
	exponential := func(r *rand.Rand) float64 { return r.ExpFloat64() * mean }
	for _, tt := range []struct {
		name     string
		capacity limits.Capacity
		service  func(*rand.Rand) float64
		wait     float64 // the mean, in seconds
		refused  float64 // the share
	}{
		{"M/M/6", limits.Capacity{Concurrent: 6}, exponential, erlangC(6, rate*mean) / (6/mean - rate), 0},
		{"M/M/8", limits.Capacity{Concurrent: 8}, exponential, erlangC(8, rate*mean) / (8/mean - rate), 0},
		{"M/M/5/5", limits.Capacity{Concurrent: 5, Policy: limits.TooMany}, exponential, 0, erlangB(5, rate*mean)},
		{
			"M/D/5/5",
			limits.Capacity{Concurrent: 5, Policy: limits.TooMany},
			func(*rand.Rand) float64 { return mean }, 0, erlangB(5, rate*mean),
		},
		{
			"M/M/1",
			limits.Capacity{Concurrent: 1},
			func(r *rand.Rand) float64 { return r.ExpFloat64() * 0.007 }, 0.7 * 0.007 / 0.3, 0,
		},
		{"M/D/1", limits.Capacity{Concurrent: 1}, func(*rand.Rand) float64 { return 0.007 }, 0.7 * 0.007 / 0.6, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(7, 11))
			all, at := make([]oracle.Visit, n), 0.0
			for i := range all {
				at += r.ExpFloat64() / rate
				all[i] = oracle.Visit{Due: seconds(at), Fate: servers.Fate{
					Fault: servers.None, Status: 200, Latency: seconds(tt.service(r)),
				}}
			}
			ideal := oracle.Queue{Capacity: tt.capacity}.Ideal(all, 0, record.AsCompleted)
			var waits, refused []float64
			for i, x := range ideal.Tasks {
				turned := x.Class == record.Status
				refused = append(refused, map[bool]float64{true: 1}[turned])
				if !turned {
					waits = append(waits, (x.Finished - x.Started - all[i].Fate.Latency).Seconds())
				}
			}
			within(t, "wait", waits, tt.wait)
			within(t, "share that is refused", refused, tt.refused)
		})
	}
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// within holds a mean to what it should be. Figures of one queue depend on each
// other: the error is that of the means of fifty long parts, which hardly do.
func within(t *testing.T, what string, figures []float64, want float64) {
	t.Helper()
	var means []float64
	for part := range slices.Chunk(figures, max(len(figures)/50, 1)) {
		sum := 0.0
		for _, f := range part {
			sum += f
		}
		means = append(means, sum/float64(len(part)))
	}
	mean, squares := 0.0, 0.0
	for _, m := range means {
		mean += m / float64(len(means))
	}
	for _, m := range means {
		squares += (m - mean) * (m - mean)
	}
	failure := math.Sqrt(squares / float64(len(means)*(len(means)-1)))
	if t.Logf("%s: got %.6f ± %.6f, want %.6f", what, mean, failure, want); math.Abs(mean-want) > 4*failure+1e-9 {
		t.Errorf("%s: got %.6f, want %.6f ± %.6f", what, mean, want, 4*failure)
	}
}

// erlangB is the share of calls that find c lines busy, at a load in erlangs.
func erlangB(c int, load float64) float64 {
	b := 1.0
	for i := 1; i <= c; i++ {
		b = load * b / (float64(i) + load*b)
	}
	return b
}

// erlangC is the share of calls that wait for one of c lines.
func erlangC(c int, load float64) float64 {
	b, n := erlangB(c, load), float64(c)
	return n * b / (n - load*(1-b))
}
