package servers

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/teapot-go/teapot/servers/flags"
)

// A Plan decides what every request meets. The zero Plan waits for nothing and serves every request faithfully. A Plan is a
// value: it holds no state, so any number of goroutines may ask it, any number of times, in any order.
type Plan struct {
	Seed    uint64
	Latency Latency // nil for none
	Faults  []Fault // drawn in order; the first that strikes is the request's
}

// A Fate is what one request meets.
type Fate struct {
	Latency time.Duration // the wait before the first byte
	Fault   Kind          // None for a faithful answer
	Status  int           // the status of the answer
}

// A Kind names a fault.
type Kind string

// The kinds of fault.
const (
	None        Kind = "none"
	StatusFault Kind = "status" // the request is answered with a status of the plan's choice
)

// A Fault strikes a share of all requests.
type Fault struct {
	Kind   Kind
	Rate   float64 // the share, from 0 to 1
	Status int     // for StatusFault: 400 to 599
}

// Check reports everything that is wrong with the plan.
func (p Plan) Check() error {
	var errs []error
	for i, f := range p.Faults {
		if f.Kind != StatusFault {
			errs = append(errs, fmt.Errorf("fault %d: kind %q: want %s", i+1, f.Kind, StatusFault))
		}
		if !(f.Rate >= 0 && f.Rate <= 1) { // NaN is neither
			errs = append(errs, fmt.Errorf("fault %d: rate %v: want 0 to 1", i+1, f.Rate))
		}
		if f.Kind == StatusFault && (f.Status < 400 || f.Status > 599) {
			errs = append(errs, fmt.Errorf("fault %d: status %d: want 400 to 599", i+1, f.Status))
		}
	}
	return errors.Join(errs...)
}

// Fate returns what the given attempt (from 1) at key meets.
//
// The draws come from PCG-DXSM seeded with the plan's seed and an FNV-1a hash of key and attempt, the faults' before the latency's,
// so that another latency leaves the faults where they are. A latency that is not zero is a whole number of microseconds and a
// remainder of 1 to 999 ns that is drawn too, so that two requests hardly ever end at the same instant, whose order nobody could
// foretell.
func (p Plan) Fate(key string, attempt int) Fate {
	src := stream(p.Seed, key, attempt)
	fate := Fate{Fault: None, Status: http.StatusNotFound}
	if flags.Has(key) {
		fate.Status = http.StatusOK
	}
	offset := time.Duration(1 + src.Uint64()%999)
	for _, f := range p.Faults {
		if struck := unit(src) < f.Rate; struck && fate.Fault == None {
			fate.Fault, fate.Status = f.Kind, f.Status
		}
	}
	if p.Latency != nil {
		if d := p.Latency.Draw(src); d > 0 {
			fate.Latency = d.Truncate(time.Microsecond) + offset
		}
	}
	return fate
}

func stream(seed uint64, key string, attempt int) rand.Source {
	h := fnv.New64a()
	h.Write([]byte(key))
	h.Write(binary.LittleEndian.AppendUint64(nil, uint64(attempt)))
	return rand.NewPCG(seed, h.Sum64())
}

// unit draws from [0, 1) with the 53 bits that a float64 holds. It is written out because the standard library promises the
// sequence of a PCG, but not what rand.Rand makes of it.
func unit(src rand.Source) float64 { return float64(src.Uint64()>>11) / (1 << 53) }
