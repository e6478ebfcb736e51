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

// A Latency is a distribution of waits. String writes it as [ParseLatency]
// reads it.
type Latency = latency.Distribution

// LatencyForms lists what [ParseLatency] accepts, for messages and
// documentation.
const LatencyForms = latency.Forms

// ParseLatency reads a latency, such as "2s" or "lognormal(80ms, 2s)": see
// [LatencyForms].
func ParseLatency(text string) (Latency, error) { return latency.Parse(text) }

// The kinds of fault that most tests need, and what else is in package fault.
type (
	Kind  = fault.Kind
	Fault = fault.Fault
)

// The names by which this package's users know two kinds; package fault has
// all.
const (
	None        = fault.None
	StatusFault = fault.Status
)

// A Plan decides what every request meets. The zero Plan waits for nothing and
// serves every request faithfully. A Plan is a value: it holds no state, so any
// number of goroutines may ask it, any number of times, in any order.
type Plan struct {
	Seed      uint64
	Latency   Latency       // nil for none
	Spend     latency.Place // where in an answer the latency is spent; "" for before the head
	Pieces    int           // of a body over which it is spread; 0 for ten
	Bandwidth int           // bytes a second of the body of an answer that is faithful; 0 for no limit
	Faults    []Fault       // drawn in order; the first that strikes is the request's

	// Positions are the positions of the keys, from 1, for faults that strike
	// every so manieth. See [Positions].
	Positions map[string]int
}

// Positions numbers keys in order, from 1. A key that is there twice has its
// first position.
func Positions(keys []string) map[string]int {
	positions := make(map[string]int, len(keys))
	for i, key := range keys {
		if _, known := positions[key]; !known {
			positions[key] = i + 1
		}
	}
	return positions
}

// A Fate is what one request meets.
type Fate struct {
	Latency  time.Duration // the wait
	Spend    latency.Place // where in the answer it is spent; "" for before the head
	Transfer time.Duration // what a limited bandwidth makes a flag's body take besides
	Fault    Kind          // None for a faithful answer
	Rule     int           // the number of the fault that strikes, among the plan's, from 1; 0 for none
	Status   int           // the status of the answer, when it comes so far
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
			errs = append(errs, fmt.Errorf("fault %d: every %d: want the positions of the keys to count by", i+1, f.Every))
		}
	}
	if places := []latency.Place{"", latency.BeforeHead, latency.BeforeBody, latency.OverBody}; !slices.Contains(places, p.Spend) {
		errs = append(errs, fmt.Errorf("spend %q: want %s, %s or %s", p.Spend, latency.BeforeHead, latency.BeforeBody, latency.OverBody))
	}
	if p.Pieces < 0 || p.Pieces > 0 && p.Spend != latency.OverBody {
		errs = append(errs, fmt.Errorf("pieces %d: want more than 0, and a latency that is spent %s", p.Pieces, latency.OverBody))
	}
	if p.Bandwidth < 0 {
		errs = append(errs, fmt.Errorf("bandwidth %d: want bytes a second, or 0 for no limit", p.Bandwidth))
	}
	return errors.Join(errs...)
}

// Timed says whether any fault depends on the time at which a request arrives.
func (p Plan) Timed() bool { return slices.ContainsFunc(p.Faults, Fault.Timed) }

// Fate returns what the given attempt (from 1) at key meets, at the server's
// start if that depends on the time.
func (p Plan) Fate(key string, attempt int) Fate { return p.FateAt(key, attempt, 0) }

// FateAt returns what the given attempt (from 1) at key meets when it arrives
// so long after the server's start. Only faults that have a From or an Until
// depend on the time, and no draw does.
//
// The draws come from PCG-DXSM seeded with the plan's seed and an FNV-1a hash
// of key and attempt, the faults' before the latency's, so that another latency
// leaves the faults where they are. A latency that is not zero is a whole
// number of microseconds and a remainder of 1 to 999 ns that is drawn too, so
// that two requests hardly ever end at the same instant, whose order nobody
// could foretell.
func (p Plan) FateAt(key string, attempt int, since time.Duration) Fate {
	src := stream(p.Seed, key, attempt)
	return p.draw(&src, key, attempt, since)
}

// draw is the fate that a stream has for a request.
func (p Plan) draw(src *rand.PCG, key string, attempt int, since time.Duration) Fate {
	fate := Fate{Fault: None, Status: http.StatusNotFound}
	if flags.Has(key) {
		fate.Status = http.StatusOK
	}
	offset := time.Duration(1 + src.Uint64()%999)
	request := fault.Request{Key: key, Attempt: attempt, Position: p.Positions[key], Since: since}
	for i := range p.Faults {
		f := &p.Faults[i] // which is large
		if draw := unit(src); fate.Rule == 0 && f.Strikes(request, draw) {
			fate.Fault, fate.Rule = f.Kind, i+1
			fate.Status = f.StatusOf(fate.Status)
		}
	}
	if p.Latency != nil {
		if d := p.Latency.Draw(src); d > 0 {
			fate.Latency = d.Truncate(time.Microsecond) + offset
		}
	}
	p.place(&fate, key)
	return fate
}

// place says where the latency is spent and how long the body takes. A fault
// that ends an answer early leaves no time behind its end.
func (p Plan) place(f *Fate, key string) {
	body := f.Fault.Body()
	switch {
	case f.Fault.BeforeRequest():
		f.Latency = 0 // the server never sees the request
	case p.Spend == latency.BeforeHead || body == fault.NoBody:
	case body == fault.PartialBody && p.Spend != "":
		f.Spend = latency.BeforeBody
	default:
		f.Spend = p.Spend
	}
	if p.Bandwidth > 0 && body == fault.WholeBody {
		image, _ := flags.GIF(key)
		f.Transfer = time.Duration(len(image)) * time.Second / time.Duration(p.Bandwidth)
	}
}

// stream is where all draws for a request come from.
func stream(seed uint64, key string, attempt int) rand.PCG {
	h := fnv.New64a()
	h.Write([]byte(key))
	var bytes [8]byte
	binary.LittleEndian.PutUint64(bytes[:], uint64(attempt))
	h.Write(bytes[:])
	return *rand.NewPCG(seed, h.Sum64())
}

// unit draws from [0, 1) with the 53 bits that a float64 holds. It is written
// out because the standard library promises the sequence of a PCG, but not what
// rand.Rand makes of it.
func unit(src *rand.PCG) float64 { return float64(src.Uint64()>>11) / (1 << 53) }
