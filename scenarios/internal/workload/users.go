package workload

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/teapot-go/teapot/harness/arrivals"
	"github.com/teapot-go/teapot/scenarios/strict"
)

// Users is how many users a closed workload has: a number, or a ramp.
type Users struct {
	Count  Count  `yaml:"(count)"`
	Source *Crowd `yaml:"(source)"`
}

// A Crowd is a number of users that changes.
type Crowd struct {
	// Ramp is the number of users at the start and at the end of the ramp, such
	// as [1, 50], between which it goes linearly. Users begin one after
	// another, or end if the number falls. It needs for.
	Ramp []CountFromZero `yaml:"ramp" jsonschema:"required" such:"[1, 50]"`
	// For is how long the ramp lasts. The second number then stays.
	For Duration `yaml:"for" jsonschema:"required"`
}

var _ strict.Union = new(Users)

// Accepts implements [strict.Union].
func (Users) Accepts() string {
	return Count(0).Accepts() + ", or a ramp such as {ramp: [1, 50], for: 1m}"
}

// Decode implements [strict.Union].
func (u *Users) Decode(v strict.Value) {
	if v.IsMapping() {
		u.Source = new(Crowd)
		v.Decode(u.Source)
		return
	}
	text, ok := v.Text(u.Accepts())
	if ok && u.Count.Parse(text) != nil {
		v.Errorf("%s: want %s", strict.Quote(text), u.Accepts())
	}
}

// Validate reports a ramp that contradicts itself, and whether it does not. The
// value stands at a path.
func (u *Users) Validate(d *strict.Document, at string) (ok bool) {
	if u.Source == nil || !d.Valid(at) {
		return d.Valid(at)
	}
	ramp := at + ".ramp"
	switch r := u.Source.Ramp; {
	case !d.Has(ramp) || !d.Valid(ramp):
	case len(r) != 2:
		d.Errorf(ramp, "want two numbers such as [1, 50], not %d", len(r))
	case r[0] == 0 && r[1] == 0:
		d.Errorf(ramp, "no user at the start and none at the end: want at least one, such as [0, 50]")
	case r[0] == r[1]:
		d.Errorf(ramp, "as many users at the start as at the end: want users: %d, or two numbers that differ", r[0])
	}
	return d.Valid(at)
}

// Of returns the users, who do so many tasks each, 0 for any number, for some
// time, 0 for the time of the ramp, or without one for as long as they have
// tasks.
func (u *Users) Of(seed uint64, tasks int, length time.Duration, think func(rand.Source) time.Duration) arrivals.Users {
	all := arrivals.Users{
		From: int(u.Count), To: int(u.Count), Tasks: tasks, For: length, Think: think, Seed: seed,
	}
	if r := u.Source; r != nil && len(r.Ramp) == 2 {
		all.From, all.To, all.Ramp = int(r.Ramp[0]), int(r.Ramp[1]), time.Duration(r.For)
		if length == 0 && tasks == 0 {
			all.For = all.Ramp
		}
	}
	return all
}

// KeysOfUsers returns the keys of the tasks of users, chosen among all: those
// of the first tasks of all users, then of the second ones, and so on.
func (p Pick) KeysOfUsers(seed uint64, all []string, users arrivals.Users) []string {
	if len(all) == 0 {
		return nil
	}
	return p.keys(seed, all, users.Len()*users.Most())
}

// A CountFromZero is a number of users that may be 0.
type CountFromZero int

var _ strict.Scalar = new(CountFromZero)

// Accepts implements [strict.Scalar].
func (CountFromZero) Accepts() string {
	return fmt.Sprintf("a whole number from 0 to %d", arrivals.Limit)
}

// Parse implements [strict.Scalar].
func (c *CountFromZero) Parse(text string) error {
	n, err := strconv.Atoi(text)
	if *c = CountFromZero(n); err != nil || n < 0 || n > arrivals.Limit {
		return strict.ErrUnacceptable
	}
	return nil
}
