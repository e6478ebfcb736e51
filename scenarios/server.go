package scenarios

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/teapot-go/teapot/scenarios/strict"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/content"
	"github.com/teapot-go/teapot/servers/keys"
	"github.com/teapot-go/teapot/servers/latency"
	"github.com/teapot-go/teapot/servers/limits"
)

// protocolConfigs holds the part of a server's configuration that each protocol
// determines.
var protocolConfigs = map[protocol]servers.Config{
	"": {}, "http": {}, "https": {TLS: true}, "h2c": {HTTP2: true}, "h2": {TLS: true, HTTP2: true},
}

// ServerConfig returns the configuration of a scenario's server. ok is false if
// the scenario has no server. The caller closes the Content, if it is an
// [io.Closer], after the server.
func (v Vocabulary) ServerConfig(s *Scenario) (c servers.Config, ok bool, err error) {
	if s.Server == nil {
		return servers.Config{}, false, nil
	}
	c = protocolConfigs[s.Server.Protocol]
	if c.Content, err = v.openContent(s); err != nil {
		return servers.Config{}, true, err
	}
	if s.Server.Content.foreign() || s.Server.Key != "" {
		c.Key, _ = keys.Parse(string(cmp.Or(s.Server.Key, "uri"))) // was parsed before
	}
	c.CountAttempts = true // for clients that do not number their attempts
	c.IgnoreAttempts = s.Server.Attempts == "counted"
	c.Plan, c.Memory = s.plan(), s.Clock == clockVirtual
	c.Direct = s.Server.Transport == transportHandler
	for _, name := range s.Server.RecordHeaders {
		c.RecordHeaders = append(c.RecordHeaders, string(name))
	}
	switch size := s.Server.Body.Size; {
	case s.bodies():
		c.Content, c.Key = content.NewBodies(s.Seed, size), keys.OfPaths(s.keys())
	case size != nil:
		c.Content = content.NewFlags(s.Seed, size)
	}
	if c.Content == nil && s.otherKeys() {
		c.Key = keys.OfPaths(s.keys())
	}
	if s.Server.Capacity != nil {
		c.Capacity = s.Server.Capacity.limits()
	}
	if r := s.Server.RateLimit; r != nil {
		c.Rate = limits.Rate{PerSecond: float64(r.PerSecond), Burst: int(r.Burst)}
	}
	return c, true, nil
}

// plan returns the plan that the scenario's server carries out.
func (s *Scenario) plan() servers.Plan {
	p := servers.Plan{
		Seed: s.Seed, Latency: s.Server.Latency.Latency, Spend: latency.Phase(s.Server.Spend),
		Pieces:    int(s.Server.Pieces),
		Bandwidth: s.Server.Bandwidth.Bytes, Foreign: s.Server.Content.foreign() || s.bodies(),
	}
	for _, l := range s.Server.Latencies {
		of := latency.OfKeys{Latency: l.Latency.Latency}
		for _, pattern := range l.Keys {
			of.Keys = append(of.Keys, string(pattern))
		}
		p.Latencies = append(p.Latencies, of)
	}
	every := false
	for _, f := range s.Server.Faults {
		p.Faults = append(p.Faults, f.fault())
		every = every || f.Every > 0
	}
	if !s.document.Has(workloadPath) {
		return p // which keys there are is not known
	}
	if s.long() {
		p.Positions, p.Rounds = servers.Positions(s.listed()), s.tasks()
		return p
	}
	if positions := servers.Positions(s.keys()); every || p.Foreign || len(positions) < len(s.keys()) {
		p.Positions = positions
	}
	return p
}

// mayReject reports whether the server may reject a request because of the
// other requests that arrive.
func (s *Scenario) mayReject() bool {
	if s.Server == nil {
		return false
	}
	c := s.Server.Capacity
	return s.Server.RateLimit != nil || c != nil && (c.Queue > 0 || c.Policy != "" &&
		c.Policy != capacityPolicy(limits.Wait))
}

// validateServer reports keys of the server that contradict each other, and
// then the mistakes of its faults.
func (v Vocabulary) validateServer(d *strict.Document, s *Scenario) {
	if s.Server == nil {
		return
	}
	v.validateContent(d, s)
	if s.Server.Spend != latencySpend(latency.OverBody) && d.Valid("server.spend") {
		d.Reject("server.pieces", "only spend: over_body sends the body in pieces: want spend: over_body")
	}
	if s.Server.Spend != "" && !d.Has("server.latencies") {
		d.Require("server.spend", "spend", "server.latency")
	}
	for i, l := range s.Server.Latencies {
		validatePatterns(d, itemPath("server.latencies", i)+".keys", l.Keys)
	}
	if d.Has("server.body") && !s.Server.Content.foreign() {
		d.Reject("server.bandwidth", "the time to send a generated body is not planned: remove bandwidth or body")
	}
	validateRecorded(d, s.Server.RecordHeaders)
	validateTransport(d, s)
	for i, f := range s.Server.Faults {
		f.validate(d, s, itemPath("server.faults", i))
	}
}

// The paths of keys.
const (
	workloadPath = "workload"
	capacityPath = "server.capacity"
)

// transportHandler is the transport without connections.
const transportHandler = "handler"

// validateTransport reports a transport that cannot carry the protocol, or the
// requests of the workload.
func validateTransport(d *strict.Document, s *Scenario) {
	const at, want = "server.transport", ": want transport: connection"
	switch {
	case s.Server.Transport != transportHandler || !d.Valid(at):
	case s.Server.Protocol != "" && s.Server.Protocol != "http":
		d.Errorf(at, "handler: requests without a connection have neither TLS nor HTTP/2: want protocol: http")
	case s.Workload.Task.Command != nil || s.Workload.Batch.Command != nil:
		d.Errorf(at, "handler: a command needs a connection to reach the server%s", want)
	case slices.ContainsFunc(s.Executors, Executor.elsewhere):
		d.Errorf(at, "handler: tasks in other processes need a connection to reach the server%s", want)
	}
}

// validateRecorded reports an empty list of header fields to record, one that
// is too long, and a field that is there twice.
func validateRecorded(d *strict.Document, names []headerName) {
	const at = "server.record_headers"
	switch {
	case !d.Has(at):
	case len(names) == 0:
		d.Errorf(at, "the list is empty: want %s", headerName("").Accepts())
	case len(names) > servers.MaxRecordHeaders:
		d.Errorf(at, "%d header fields: want at most %d", len(names), servers.MaxRecordHeaders)
	}
	for i, name := range names {
		same := func(other headerName) bool { return strings.EqualFold(string(name), string(other)) }
		if slices.ContainsFunc(names[:i], same) {
			d.Errorf(itemPath(at, i), "%s: it is there twice: remove one", name)
		}
	}
}

// validateLimits reports keys of the server's limits that contradict each
// other, and expectations that cannot be judged under the limits.
func validateLimits(d *strict.Document, s *Scenario) {
	const capacity, rateLimit, outcomes = capacityPath, "server.rate_limit", "expect.outcomes"
	if s.Server == nil {
		return
	}
	if s.Server.Capacity != nil && d.Valid(capacity) {
		s.Server.Capacity.validate(d, capacity)
	}
	matters := []string{capacity, rateLimit, "clock", taskPath, "workload.attempts", "server.faults"}
	known := !slices.ContainsFunc(matters, func(path string) bool { return !d.Valid(path) })
	if d.Has(capacity) && known && !s.foreseen() {
		const want = "the ideal models server.capacity only under the virtual clock, for the task download with " +
			"one attempt, without users, a rate limit, policy: refuse, redirects, and faults that reset or keep " +
			"connections, or strike by time: want such, or remove one of the two"
		d.Reject("expect.schedule", want)
		d.Reject("expect.efficiency", want)
	}
	if !s.mayReject() || s.foreseen() || s.Expect.Outcomes != nil || !d.Valid(outcomes) {
		return
	}
	at := rateLimit
	if s.Server.RateLimit == nil {
		at = capacity
	}
	if s.endless() {
		d.Reject(at, "which requests it rejects depends on when they arrive, so no outcome is planned: want users "+
			"with iterations alone, and the number of each outcome in "+outcomes)
	} else if d.Valid(at) {
		d.Errorf(at, "which requests it rejects depends on when they arrive, so no outcome is planned: want the "+
			"number of each outcome in %s", outcomes)
	}
}

// limits returns the capacity as a server takes it.
func (c *Capacity) limits() limits.Capacity {
	return limits.Capacity{
		Concurrent: int(c.Concurrent), Queue: int(c.Queue), Policy: limits.Policy(c.Policy),
		RetryAfter: time.Duration(c.RetryAfter),
	}
}

// validate reports keys of a capacity, at the path at, that contradict each
// other.
func (c *Capacity) validate(d *strict.Document, at string) {
	const want = "want policy: unavailable or too_many"
	switch policy := limits.Policy(c.Policy); {
	case policy == limits.Wait:
		d.Reject(at+".queue", "policy wait has an unlimited queue: remove queue, or choose another policy")
		d.Reject(at+".retry_after", "policy wait rejects no request: "+want)
	case policy == limits.Refuse:
		d.Reject(at+".retry_after", "policy refuse sends no answer: "+want)
	case policy == "" && c.Queue == 0:
		d.Reject(at+".retry_after", "without a queue the policy is wait, which rejects no request: "+want)
	}
	if c.RetryAfter > duration(24*time.Hour) {
		d.Errorf(at+".retry_after", "%v: want at most 24h", time.Duration(c.RetryAfter))
	}
}
