package workload

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/teapot-go/teapot/harness/arrivals"
	"github.com/teapot-go/teapot/scenarios/strict"
)

// An Arrival is a stage of an open workload: one of rate, poisson, ramp, burst
// or trace.
type Arrival struct {
	// Rate is the number of arrivals at equal distances, such as 500/s, 30/m or
	// 2/h, or find for one that is to be found. It needs for.
	Rate RateOrFind `yaml:"rate"`
	// Poisson is the mean number of arrivals of many independent users, such as
	// 500/s, whose times are drawn from the seed, or find for one that is to be
	// found. Beside ramp it is true. It needs for.
	Poisson Poisson `yaml:"poisson"`
	// Ramp is the rate at the start and at the end of the stage, such as [10/s,
	// 500/s], between which it goes linearly. It needs for.
	Ramp []RateFromZero `yaml:"ramp" such:"[10/s, 500/s]"`
	// Burst is the number of arrivals at once, at the start and then every so
	// often. It needs every and for.
	Burst Count `yaml:"burst"`
	// Every is the time from one burst to the next, such as 1s. It needs burst.
	Every Duration `yaml:"every"`
	// For is how long the stage lasts, such as 30s. The next stage of a list
	// begins then. A trace lasts to its last arrival by default, and is cut off
	// where it lasts longer.
	For Duration `yaml:"for"`
	// Trace is a file of recorded arrivals: CSV or JSON lines with the columns
	// at, which is seconds such as 1.25 or a duration such as 1250ms, and key,
	// which may be missing. A CSV file may be without a line that names them.
	// The path is relative to the folder of the scenario file.
	Trace string `yaml:"trace"`

	times []time.Duration
	keys  []string // of the arrivals of a trace
}

// Arrivals is when tasks fall due: one stage, or a list of them, one after
// another.
type Arrivals struct {
	Stages []Arrival `yaml:"(stages)"`
}

var _ strict.Union = new(Arrivals)

// Accepts implements [strict.Union].
func (Arrivals) Accepts() string {
	return "a stage such as {rate: 500/s, for: 30s}, or a list of stages, one after another"
}

// Decode implements [strict.Union].
func (a *Arrivals) Decode(v strict.Value) {
	items := []strict.Value{v}
	if v.IsList() {
		items = v.Items()
	}
	if !v.IsMapping() && len(items) == 0 || !v.IsMapping() && !v.IsList() {
		v.Errorf("want %s", a.Accepts())
		return
	}
	for _, item := range items {
		var stage Arrival
		item.Decode(&stage)
		a.Stages = append(a.Stages, stage)
	}
}

// Validate reads the traces and reports stages that contradict themselves, and
// whether there are none. The value stands at a path, and folder is what the
// traces are relative to.
func (a *Arrivals) Validate(d *strict.Document, at, folder string) (ok bool) {
	for i := range a.Stages {
		path := at
		if d.Has(fmt.Sprintf("%s[%d]", at, i)) {
			path = fmt.Sprintf("%s[%d]", at, i)
		}
		a.Stages[i].validate(d, path, folder)
	}
	return d.Valid(at)
}

// Finds reports whether a stage has a rate that is to be found, and where it
// stands.
func (a *Arrivals) Finds(d *strict.Document, at string) (path string, finds bool) {
	if a == nil {
		return "", false
	}
	for i, stage := range a.Stages {
		key := "rate"
		if stage.Poisson.Find {
			key = "poisson"
		}
		if !stage.Rate.Find && !stage.Poisson.Find {
			continue
		}
		if item := fmt.Sprintf("%s[%d].%s", at, i, key); d.Has(item) {
			return item, true
		}
		return at + "." + key, true
	}
	return "", false
}

// Rated reports whether any stage has a rate.
func (a *Arrivals) Rated() bool {
	return slices.ContainsFunc(a.Stages, func(s Arrival) bool {
		return s.Rate.PerSecond > 0 || s.Poisson.Rate.PerSecond > 0 || len(s.Ramp) > 0
	})
}

// At returns the arrivals with one rate in place of each that there is.
func (a *Arrivals) At(r Rate) *Arrivals {
	at := &Arrivals{Stages: slices.Clone(a.Stages)}
	for i := range at.Stages {
		stage := &at.Stages[i]
		if stage.Rate.PerSecond > 0 {
			stage.Rate.Rate = r
		}
		if stage.Poisson.Rate.PerSecond > 0 {
			stage.Poisson.Rate = r
		}
		if len(stage.Ramp) > 0 {
			stage.Ramp = []RateFromZero{{r.PerSecond}, {r.PerSecond}}
		}
	}
	return at
}

// Recorded reports whether traces have the keys of all arrivals.
func (a *Arrivals) Recorded() bool {
	for _, stage := range a.Stages {
		if stage.keys == nil || slices.Contains(stage.keys, "") {
			return false
		}
	}
	return true
}

// KeysOfTraces returns the keys that the traces have.
func (a *Arrivals) KeysOfTraces() (keys []string) {
	for _, stage := range a.Stages {
		for _, key := range stage.keys {
			if key != "" {
				keys = append(keys, key)
			}
		}
	}
	return keys
}

func (a *Arrival) validate(d *strict.Document, at, folder string) {
	has := func(key string) bool { return d.Has(at + "." + key) }
	var forms []string
	for _, form := range []string{"rate", "poisson", "ramp", "burst", "trace"} {
		if has(form) && !(form == "poisson" && has("ramp")) {
			forms = append(forms, form)
		}
	}
	if len(forms) != 1 {
		d.Errorf(at, "%d forms of arrivals: want one of rate, poisson, ramp, burst or trace", len(forms))
		return
	}
	form := forms[0]
	if form != "trace" {
		d.Require(at+"."+form, form, at+".for")
	}
	if form == "burst" {
		d.Require(at+".burst", "burst", at+".every")
	} else {
		d.Reject(at+".every", "only bursts have it: want burst")
	}
	switch {
	case has("ramp") && has("poisson") && !a.Poisson.Ramp && d.Valid(at+".poisson"):
		d.Errorf(at+".poisson", "the rate is that of the ramp: want true")
	case !has("ramp") && a.Poisson.Ramp:
		d.Errorf(at+".poisson", "true needs ramp: want a rate such as 500/s")
	}
	if has("ramp") && d.Valid(at+".ramp") && len(a.Ramp) != 2 {
		d.Errorf(at+".ramp", "want two rates such as [10/s, 500/s], not %d", len(a.Ramp))
	} else if len(a.Ramp) == 2 && a.Ramp[0].PerSecond+a.Ramp[1].PerSecond == 0 && d.Valid(at+".ramp") {
		d.Errorf(at+".ramp", "both rates are 0: want one above 0")
	}
	if form == "trace" && d.Valid(at+".trace") {
		if err := a.readTrace(folder); err != nil {
			d.Errorf(at+".trace", "%v", err)
		}
	}
}

// longestTrace is the last time in a trace: what is later is a date.
const longestTrace = 366 * 24 * time.Hour

// readTrace reads the arrivals of a trace.
func (a *Arrival) readTrace(folder string) error {
	if a.Trace == "" {
		return errors.New("want the path of a file")
	}
	rows, err := readRows(beside(folder, a.Trace), true, "at", "key")
	if err != nil {
		return fmt.Errorf("%w: want CSV or JSON lines with the column at, as teapot trace writes them from a log", err)
	}
	wrong := func(r row, format string, args ...any) error {
		return fmt.Errorf("%s: line %d: %s", filepath.Base(a.Trace), r.line, fmt.Sprintf(format, args...))
	}
	for i, r := range rows {
		at, err := offset(r.fields[0])
		switch {
		case err != nil:
			return wrong(r, "%s: want seconds such as 1.25, or a duration such as 1250ms", strict.Quote(r.fields[0]))
		case at > longestTrace:
			return wrong(r, "%v: want a time since the start of at most %v; teapot trace counts the times of a log "+
				"from the first", at, longestTrace)
		case i > 0 && at < a.times[i-1]:
			return wrong(r, "%v comes before the arrival above: want times that do not decrease", at)
		}
		a.times, a.keys = append(a.times, at), append(a.keys, r.fields[1])
	}
	return nil
}

// offset parses the time of an arrival.
func offset(text string) (time.Duration, error) {
	at, err := time.ParseDuration(text)
	if err != nil {
		if at, err = time.ParseDuration(text + "s"); strings.ContainsAny(text, "hmnuµsμ") {
			err = strict.ErrUnacceptable
		}
	}
	if err == nil && at < 0 {
		err = strict.ErrUnacceptable
	}
	return at, err
}

// Schedule returns when each task falls due. found is the rate of a stage whose
// rate is to be found.
func (a *Arrivals) Schedule(seed uint64, found float64) (*arrivals.Schedule, error) {
	return arrivals.New(seed, a.stages(found)...)
}

// LongSchedule is Schedule of more arrivals than can be listed.
func (a *Arrivals) LongSchedule(seed uint64, found float64) (*arrivals.Schedule, error) {
	return arrivals.NewLong(seed, a.stages(found)...)
}

func (a *Arrivals) stages(found float64) []arrivals.Stage {
	stages := make([]arrivals.Stage, len(a.Stages))
	for i, stage := range a.Stages {
		stages[i] = stage.stage(found)
	}
	return stages
}

func (a *Arrival) stage(found float64) arrivals.Stage {
	s := arrivals.Stage{
		Rate: a.Rate.PerSecond, Burst: int(a.Burst), Every: time.Duration(a.Every),
		For: time.Duration(a.For), Times: a.times,
	}
	if len(a.Ramp) == 2 {
		s.Rate, s.To, s.Ramp, s.Poisson = a.Ramp[0].PerSecond, a.Ramp[1].PerSecond, true, a.Poisson.Ramp
	} else if rate := a.Poisson.Rate.PerSecond; rate > 0 || a.Poisson.Find {
		s.Rate, s.Poisson = rate, true
	}
	if a.Rate.Find || a.Poisson.Find {
		s.Rate = found
	}
	return s
}

// Keys returns the keys of the arrivals of a schedule: those of the traces, and
// else those that pick chooses among all.
func (a *Arrivals) Keys(s *arrivals.Schedule, seed uint64, all []string, pick Pick) ([]string, error) {
	recorded := a.recorded(s.Counts())
	if len(all) == 0 {
		if slices.Contains(recorded, "") {
			return nil, errNoKeys
		}
		return recorded, nil
	}
	keys := pick.keys(seed, all, s.Len())
	for i, key := range recorded {
		if key != "" {
			keys[i] = key
		}
	}
	return keys, nil
}

// recorded returns the keys that the traces have, "" for other arrivals. counts
// are the numbers of arrivals of the stages.
func (a *Arrivals) recorded(counts []int) (keys []string) {
	for i, n := range counts {
		of := make([]string, n)
		copy(of, a.Stages[i].keys)
		keys = append(keys, of...)
	}
	return keys
}

// A Rate is above 0.
type Rate struct{ PerSecond float64 }

// A RateFromZero is a rate that may be 0.
type RateFromZero struct{ PerSecond float64 }

// A RateOrFind is a rate, or one that is to be found.
type RateOrFind struct {
	Rate
	Find bool
}

// A Poisson is a rate, or one that is to be found, or true beside a ramp.
type Poisson struct {
	Rate Rate
	Ramp bool
	Find bool
}

// A Duration is above 0.
type Duration time.Duration

var (
	_ = []strict.Scalar{new(Rate), new(RateOrFind), new(RateFromZero), new(Duration)}
	_ = []strict.Union{new(Poisson)}
)

// Accepts implements [strict.Scalar].
func (Rate) Accepts() string { return "a rate above 0 such as 500/s, 30/m or 2/h" }

// Parse implements [strict.Scalar].
func (r *Rate) Parse(text string) error {
	rate, err := perSecond(text)
	if r.PerSecond = rate; err != nil || rate == 0 {
		return strict.ErrUnacceptable
	}
	return nil
}

// find is a rate that is to be found.
const find = "find"

// Accepts implements [strict.Scalar].
func (RateOrFind) Accepts() string { return Rate{}.Accepts() + ", or find" }

// Parse implements [strict.Scalar].
func (r *RateOrFind) Parse(text string) error {
	if r.Find = text == find; r.Find {
		return nil
	}
	return r.Rate.Parse(text)
}

// Accepts implements [strict.Scalar].
func (RateFromZero) Accepts() string { return "a rate from 0 such as 500/s, 30/m or 0/s" }

// Parse implements [strict.Scalar].
func (r *RateFromZero) Parse(text string) error {
	rate, err := perSecond(text)
	r.PerSecond = rate
	return err
}

// perSecond parses a rate.
func perSecond(text string) (float64, error) {
	number, unit, _ := strings.Cut(text, "/")
	seconds := map[string]float64{"s": 1, "m": 60, "h": 3600}[unit]
	rate, err := strconv.ParseFloat(number, 64)
	if err != nil || seconds == 0 || !(rate >= 0) || math.IsInf(rate, 0) {
		return 0, strict.ErrUnacceptable
	}
	return rate / seconds, nil
}

// Accepts implements [strict.Union].
func (Poisson) Accepts() string { return "a rate above 0 such as 500/s, or find, or true beside ramp" }

// Decode implements [strict.Union].
func (p *Poisson) Decode(v strict.Value) {
	text, ok := v.Text(p.Accepts())
	p.Ramp, p.Find = text == "true", text == find
	if !ok || p.Ramp || p.Find {
		return
	}
	if err := p.Rate.Parse(text); err != nil {
		v.Errorf("%s: want %s", strict.Quote(text), p.Accepts())
	}
}

// Accepts implements [strict.Scalar].
func (Duration) Accepts() string { return "a duration above 0 such as 50ms, 3.1s or 1m" }

// Parse implements [strict.Scalar].
func (d *Duration) Parse(text string) error {
	t, err := time.ParseDuration(text)
	if *d = Duration(t); err != nil || t <= 0 {
		return strict.ErrUnacceptable
	}
	return nil
}
