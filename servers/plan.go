package servers

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/teapot-go/teapot/servers/fault"
	"github.com/teapot-go/teapot/servers/flags"
	"github.com/teapot-go/teapot/servers/latency"
)

// A Latency is a distribution of waits.
type Latency = latency.Distribution

// LatencyForms lists what [ParseLatency] accepts, for messages and
// documentation.
const LatencyForms = latency.Forms

// ParseLatency reads a latency, such as "2s" or "lognormal(80ms, 2s)": see
// [LatencyForms].
func ParseLatency(text string) (Latency, error) { return latency.Parse(text) }

// Fault and Kind are those of package fault.
type (
	Fault = fault.Fault
	Kind  = fault.Kind
)

// Two kinds of fault. Package fault has all of them; there StatusFault is
// Status.
const (
	None        = fault.None
	StatusFault = fault.Status
)

// A Plan decides what every request meets. The zero Plan answers every request
// faithfully and at once. A Plan is a value without state: any number of
// goroutines may use it.
type Plan struct {
	Seed      uint64
	Latency   Latency          // nil for none
	Latencies []latency.OfKeys // of some keys, in place of Latency; the first of a key counts
	Spend     latency.Phase    // of the answer, in which the latency is spent; "" for before the head
	Pieces    int              // of a body over which the latency is spread; 0 for ten
	Bandwidth int              // bytes a second of a faithful body; 0 for no limit
	Faults    []Fault          // a request meets the first that strikes it

	// Foreign has the content decide the status of a faithful answer, which
	// the plan then does not know: its fates have the status 0. Otherwise it is
	// that of the flags, 200 or 404.
	Foreign bool

	// Positions are the positions of each key in the workload, from 1 and in
	// order: one for each task that has the key. Tasks of one key meet fates of
	// their own, and faults that strike every Nth key count by them. See the
	// function [Positions].
	Positions map[string][]int
	// Rounds, if it is not 0, is the number of tasks of a workload whose tasks
	// take the keys in turn, again and again, and of which there may be too
	// many to list. Positions then has the first of each key.
	Rounds int
}

// latencyOf returns the latency of the requests for a key, nil for none.
func (p Plan) latencyOf(key string) Latency {
	for _, l := range p.Latencies {
		if fault.MatchAny(l.Keys, key) {
			return l.Latency
		}
	}
	return p.Latency
}

// A Fate is what one request meets.
type Fate struct {
	Latency  time.Duration // the wait
	Spend    latency.Phase // of the answer, in which it is spent; "" for before the head
	Transfer time.Duration // how long a flag's body takes with the limited bandwidth
	Fault    Kind          // None for a faithful answer
	Rule     int           // the number of the fault among the plan's, from 1; 0 for none
	Status   int           // the status of the answer, if there is one; 0 if the content decides it
}

// Check reports everything that is wrong with the plan.
func (p Plan) Check() error {
	var errs []error
	for i, f := range p.Faults {
		if err := f.Check(); err != nil {
			for line := range strings.Lines(err.Error()) {
				errs = append(errs, fmt.Errorf("fault %d: %s", i+1, strings.TrimSpace(line)))
			}
		}
		if f.Every > 0 && p.Positions == nil {
			errs = append(errs, fmt.Errorf("fault %d: every %d: want the positions of the keys to count by",
				i+1, f.Every))
		}
	}
	for i, l := range p.Latencies {
		for _, pattern := range l.Keys {
			if _, err := fault.Match(pattern, ""); err != nil {
				errs = append(errs, fmt.Errorf("latency %d: key %q: want a key, or a pattern such as B*", i+1, pattern))
			}
		}
	}
	for _, listed := range p.Positions {
		if p.Rounds != 0 && (len(listed) != 1 || p.Rounds < len(p.Positions)) {
			errs = append(errs, fmt.Errorf("rounds of %d tasks and %d keys: want one position of each key, and as "+
				"many tasks or more", p.Rounds, len(p.Positions)))
			break
		}
	}
	phases := []latency.Phase{latency.BeforeHead, latency.BeforeBody, latency.OverBody}
	if p.Spend != "" && !slices.Contains(phases, p.Spend) {
		errs = append(errs, fmt.Errorf("spend %q: want %s, %s or %s", p.Spend, phases[0], phases[1], phases[2]))
	}
	if p.Pieces < 0 || p.Pieces > 0 && p.Spend != latency.OverBody {
		errs = append(errs, fmt.Errorf("pieces %d: want more than 0, and a latency that is spent %s", p.Pieces,
			latency.OverBody))
	}
	if p.Bandwidth < 0 {
		errs = append(errs, fmt.Errorf("bandwidth %d: want bytes a second, or 0 for no limit", p.Bandwidth))
	}
	return errors.Join(errs...)
}

// unprocessed reports whether any fault refuses requests of HTTP/2.
func (p Plan) unprocessed() bool {
	return slices.ContainsFunc(p.Faults, func(f Fault) bool { return f.Kind.Unprocessed() })
}

// Timed reports whether any fault depends on when a request arrives.
func (p Plan) Timed() bool { return slices.ContainsFunc(p.Faults, Fault.Timed) }

// Fate returns what the given attempt (from 1) of the first task of a key meets
// at the server's start.
func (p Plan) Fate(key string, attempt int) Fate {
	return p.FateOf(fault.Request{Key: key, Attempt: attempt})
}

// FateOf returns what a request meets. Only faults with From or Until depend on
// the time of its arrival. The draws do not. Its position is that of its task
// among the plan's Positions, whatever the request says.
//
// The draws come from PCG-DXSM, seeded with the plan's seed and an FNV-1a hash
// of key, attempt and, beyond the first, occurrence. The faults are drawn
// before the latency, so that another latency does not change them. A latency
// above zero is a whole number of microseconds, and 1 to 999 ns that are drawn
// too. So two requests hardly ever end at the same instant, at which their
// order would not be defined.
func (p Plan) FateOf(r fault.Request) Fate {
	src := draws(p.Seed, r)
	return p.draw(&src, r)
}

// draw returns the fate of a request, drawn from a source.
func (p Plan) draw(src *rand.PCG, request fault.Request) Fate {
	fate := Fate{Fault: None, Status: p.faithful(request.Key)}
	offset := time.Duration(1 + src.Uint64()%999)
	switch n := p.positions().of(request.Key); {
	case n > 0:
		request.Position = p.positions().at(request.Key, min(max(request.Occurrence, 1), n)-1)
	case p.Positions != nil:
		request.Position = request.Occurrence // the number of the task, if it asks for another key
	}
	for i := range p.Faults {
		f := &p.Faults[i] // not a copy, which is large
		if draw := unit(src); fate.Rule == 0 && f.Strikes(request, draw) {
			fate.Fault, fate.Rule = f.Kind, i+1
			fate.Status = f.StatusOf(fate.Status)
		}
	}
	if waits := p.latencyOf(request.Key); waits != nil {
		if d := waits.Draw(src); d > 0 {
			fate.Latency = d.Truncate(time.Microsecond) + offset
		}
	}
	p.spend(&fate, request.Key)
	return fate
}

// faithful returns the status of a faithful answer.
func (p Plan) faithful(key string) int {
	switch {
	case p.Foreign:
		return 0
	case flags.Has(key):
		return http.StatusOK
	}
	return http.StatusNotFound
}

// spend sets where the latency is spent and how long the body takes. If a fault
// ends an answer early, no latency is spent after its end.
func (p Plan) spend(f *Fate, key string) {
	body := f.Fault.Body()
	switch {
	case f.Fault.BeforeRequest(), f.Fault.Unprocessed():
		f.Latency = 0 // the server does not process the request
	case p.Spend == latency.BeforeHead || body == fault.NoBody:
	case body == fault.PartialBody && p.Spend != "":
		f.Spend = latency.BeforeBody
	default:
		f.Spend = p.Spend
	}
	if p.Bandwidth > 0 && body == fault.WholeBody && !p.Foreign {
		image, _ := flags.GIF(key)
		f.Transfer = time.Duration(len(image)) * time.Second / time.Duration(p.Bandwidth)
	}
}

// Rank orders requests that come to a limited server at the same instant of a
// virtual clock: the lowest is let in first.
func (p Plan) Rank(r fault.Request) uint64 {
	source := draws(p.Seed, r)
	return source.Uint64()
}

// draws returns the source of all draws for a request.
func draws(seed uint64, r fault.Request) rand.PCG {
	h := fnv.New64a()
	h.Write([]byte(r.Key))
	var bytes [8]byte
	binary.LittleEndian.PutUint64(bytes[:], uint64(r.Attempt))
	h.Write(bytes[:])
	if r.Occurrence > 1 {
		binary.LittleEndian.PutUint64(bytes[:], uint64(r.Occurrence))
		h.Write(bytes[:])
	}
	return *rand.NewPCG(seed, h.Sum64())
}

// unit draws from [0, 1) with the 53 bits that a float64 holds. The standard
// library promises the sequence of a PCG, but not that of rand.Rand.
func unit(src *rand.PCG) float64 { return float64(src.Uint64()>>11) / (1 << 53) }
