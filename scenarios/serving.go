package scenarios

import (
	"errors"
	"time"

	"github.com/teapot-go/teapot/scenarios/strict"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/content"
	"github.com/teapot-go/teapot/servers/limits"
)

// What a server speaks and serves, and to how many.
type (
	protocol       string // http, https, h2c or h2
	capacityPolicy string // of a capacity: wait, unavailable, too_many or refuse

	// bodySize is a distribution of sizes.
	bodySize struct{ content.Size }
)

// Capacity bounds how many requests are served at once.
type Capacity struct {
	// Concurrent is the number of requests that are served at once.
	Concurrent count `yaml:"concurrent" jsonschema:"required"`
	// Queue is the number of requests that may wait for their turn beside
	// these.
	Queue count `yaml:"queue"`
	// Policy is what happens to a request beyond both: it may wait (the default
	// without a queue), be answered with 503 (unavailable, the default with
	// one) or 429 (too_many), or have its connection closed (refuse).
	Policy capacityPolicy `yaml:"policy"`
	// RetryAfter is what the client is told to wait, in whole seconds. The
	// default is one.
	RetryAfter duration `yaml:"retry_after"`
}

// RateLimit bounds how many requests are let in over time; every other one is
// answered with 429.
type RateLimit struct {
	// PerSecond is the number of tokens that the bucket gets back each second.
	// Every request takes one.
	PerSecond factor `yaml:"per_second" jsonschema:"required"`
	// Burst is the number of tokens that the bucket holds. The default is what
	// it gets back in a second.
	Burst count `yaml:"burst"`
}

var (
	_ = []strict.Word{new(protocol), new(capacityPolicy)}
	_ = []strict.Scalar{new(bodySize)}
)

// wires is what the protocols stand for.
var wires = map[protocol]servers.Config{"": {}, "http": {}, "https": {TLS: true}, "h2c": {HTTP2: true}, "h2": {TLS: true, HTTP2: true}}

// Words implements [strict.Word].
func (protocol) Words() []string { return []string{"http", "https", "h2c", "h2"} }

// Words implements [strict.Word].
func (capacityPolicy) Words() []string {
	var words []string
	for _, p := range limits.Policies() {
		words = append(words, string(p))
	}
	return words
}

// Accepts implements [strict.Scalar].
func (bodySize) Accepts() string { return content.SizeForms }

// Parse implements [strict.Scalar].
func (b *bodySize) Parse(text string) (err error) {
	b.Size, err = content.ParseSize(text)
	return errors.Unwrap(err) // without what is accepted, which Accepts says
}

// ServerConfig is what the scenario's server is started with, and whether it
// has one.
func (s *Scenario) ServerConfig() (c servers.Config, ok bool) {
	if s.Server == nil {
		return servers.Config{}, false
	}
	c = wires[s.Server.Protocol]
	c.CountAttempts = true // of a client that does not say which attempt it makes
	c.Plan, c.Memory = s.plan(), s.Clock == clockVirtual
	if size := s.Server.Body.Size; size != nil {
		c.Content = content.NewFlags(s.Seed, size)
	}
	c.Capacity = s.capacity()
	if r := s.Server.RateLimit; r != nil {
		c.Rate = limits.Rate{PerSecond: float64(r.PerSecond), Burst: int(r.Burst)}
	}
	return c, true
}

func (s *Scenario) capacity() limits.Capacity {
	c := s.Server.Capacity
	if c == nil {
		return limits.Capacity{}
	}
	return limits.Capacity{
		Concurrent: int(c.Concurrent), Queue: int(c.Queue), Policy: limits.Policy(c.Policy), RetryAfter: time.Duration(c.RetryAfter),
	}
}

// turnsAway says whether the server may turn requests away, by what else
// arrives.
func (s *Scenario) turnsAway() bool {
	if s.Server == nil {
		return false
	}
	c := s.Server.Capacity
	return s.Server.RateLimit != nil || c != nil && (c.Queue > 0 || c.Policy != "" && c.Policy != capacityPolicy(limits.Wait))
}

// validateServing finds what is wrong with a server's limits, and what cannot
// be expected of a run that meets them.
func validateServing(d *strict.Document, s *Scenario) {
	const capacity, rateLimit, counted = "server.capacity", "server.rate_limit", "expect.outcomes"
	if s.Server == nil {
		return
	}
	if c := s.Server.Capacity; c != nil && d.Sound(capacity) {
		switch policy := limits.Policy(c.Policy); {
		case policy == limits.Wait:
			d.Refuses(capacity+".queue", "the queue of policy wait has no end: want no queue, or another policy")
			d.Refuses(capacity+".retry_after", "policy wait turns nobody away: want unavailable or too_many")
		case policy == limits.Refuse:
			d.Refuses(capacity+".retry_after", "policy refuse answers nobody: want unavailable or too_many")
		case policy == "" && c.Queue == 0:
			d.Refuses(capacity+".retry_after", "without a queue the policy is wait, which turns nobody away: want unavailable or too_many")
		}
		if c.RetryAfter > duration(24*time.Hour) {
			d.Wrong(capacity+".retry_after", "%v: want 24h at most", time.Duration(c.RetryAfter))
		}
	}
	if d.Has(capacity) {
		d.Refuses("expect.schedule", "the ideal schedule knows of no queue at the server")
		d.Refuses("expect.efficiency", "the ideal knows of no queue at the server")
	}
	if !s.turnsAway() || s.Expect.Outcomes != nil || !d.Sound(counted) {
		return
	}
	at := rateLimit
	if s.Server.RateLimit == nil {
		at = capacity
	}
	if d.Sound(at) {
		d.Wrong(at, "whom it turns away depends on what else arrives, so that no outcome is planned: want the number of each in %s", counted)
	}
}
