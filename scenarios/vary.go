package scenarios

import (
	"cmp"
	"slices"
	"strings"

	"github.com/teapot-go/teapot/scenarios/strict"
)

// validateHunt reports a hunt that cannot be, and what cannot vary.
func validateHunt(d *strict.Document, s *Scenario) {
	if d.Has("hunt") && d.Valid("workload") && d.Valid("executors") && d.Valid("server") && s.needsRealClock() {
		d.Reject("hunt", "a hunt needs the virtual clock: "+realClock)
	}
	if s.Vary == nil {
		return
	}
	const at = "vary"
	ranges := []string{"workers", "keys", "latency", "rate", "timeout", "arrivals"}
	if !slices.ContainsFunc(ranges, func(key string) bool { return d.Has(at + "." + key) }) {
		d.Errorf(at, "nothing varies: want at least one of %s", strings.Join(ranges, ", "))
	}
	v := s.Vary
	validateRange(d, at+".workers", v.Workers, "[1, 20]")
	validateRange(d, at+".keys", v.Keys, "[1, 20]")
	validateRange(d, at+".latency", v.Latency, "[1ms, 2s]")
	validateRange(d, at+".rate", v.Rate, "[0.01, 0.5]")
	validateRange(d, at+".timeout", v.Timeout, "[1s, 10s]")
	var rates []float64
	for _, r := range v.Arrivals {
		rates = append(rates, r.PerSecond)
	}
	validateRange(d, at+".arrivals", rates, "[10/s, 500/s]")
	validateVaryingArrivals(d, s)
	if s.Server == nil {
		for _, key := range []string{"latency", "rate", "timeout"} {
			d.Reject(at+"."+key, "the scenario has no server: want server, or remove this")
		}
		return
	}
	if !slices.ContainsFunc(s.Server.Faults, func(f Fault) bool { return f.Rate > 0 }) && d.Valid("server.faults") {
		d.Reject(at+".rate", "no fault has a rate that could vary: want a fault with rate")
	}
	if !slices.ContainsFunc(s.Executors, func(e Executor) bool { return e.Kind != "sequential" }) {
		d.Reject(at+".workers", "a sequential executor always has one worker: want another executor")
	}
	if len(v.Keys) == 2 && d.Valid(at+".keys") && (s.Workload.Arrivals != nil || s.Workload.Users != nil) {
		d.Errorf(at+".keys", "arrivals and users say how many tasks there are: remove this")
	}
	if n := len(s.listed()); len(v.Keys) == 2 && int(v.Keys[1]) > n && n > 0 {
		d.Errorf(at+".keys", "%d: the workload has %d keys: want at most as many", v.Keys[1], n)
	}
}

// validateVaryingArrivals reports rates of arrivals that cannot vary, and those
// at which there are no tasks, or too many.
func validateVaryingArrivals(d *strict.Document, s *Scenario) {
	const at = "vary.arrivals"
	a := s.Workload.Arrivals
	switch {
	case !d.Has(at) || !d.Valid(arrivalsPath):
		return
	case s.Find != nil:
		d.Errorf(at, "the rate of arrivals is to be found: remove this, or find")
	case a == nil || !a.Rated():
		d.Errorf(at, "no stage of arrivals has a rate to vary: want %s with rate, poisson or ramp", arrivalsPath)
	case d.Valid(at):
		highest := a.At(s.Vary.Arrivals[1])
		schedule, err := highest.Schedule(s.Seed, 0)
		if err != nil {
			d.Errorf(at+"[1]", "%s", strings.TrimPrefix(err.Error(), "arrivals: "))
		} else if schedule.Len() == 0 {
			d.Errorf(at+"[1]", "no task falls due: want a higher rate")
		}
	}
}

// validateRange reports a range that is not one low and one high value.
func validateRange[T cmp.Ordered](d *strict.Document, at string, r []T, example string) {
	switch {
	case !d.Has(at) || !d.Valid(at):
	case len(r) != 2:
		d.Errorf(at, "%d values: want the lowest and the highest, such as %s", len(r), example)
	case r[0] >= r[1]:
		d.Errorf(at, "the first value is not below the second: want the lowest and the highest, such as %s", example)
	}
}
