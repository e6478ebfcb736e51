package scenarios

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/teapot-go/teapot/scenarios/strict"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/fault"
	"github.com/teapot-go/teapot/servers/latency"
)

// plan is what the scenario's server carries out.
func (s *Scenario) plan() servers.Plan {
	p := servers.Plan{
		Seed: s.Seed, Latency: s.Server.Latency.Latency, Spend: latency.Place(s.Server.Spend), Pieces: int(s.Server.Pieces),
		Bandwidth: s.Server.Bandwidth.Bytes,
	}
	for _, f := range s.Server.Faults {
		p.Faults = append(p.Faults, f.fault())
		if f.Every > 0 {
			p.Positions = servers.Positions(s.keys())
		}
	}
	return p
}

// fault is the fault as package fault has it.
func (f Fault) fault() servers.Fault {
	g := servers.Fault{
		Kind: servers.Kind(f.Kind), Rate: float64(f.Rate), Attempts: int(f.Attempts), Every: int(f.Every),
		From: time.Duration(f.From), Until: time.Duration(f.Until),
		Status: int(f.Status), Reason: f.Reason, Body: f.Body, RetryAfter: time.Duration(f.RetryAfter),
		Hops: int(f.Hops), Size: f.Size.Size, Delay: time.Duration(f.Delay),
	}
	for _, p := range f.Keys {
		g.Keys = append(g.Keys, string(p))
	}
	return g
}

// conditions are the keys that say whom a fault strikes.
var conditions = []string{"rate", "keys", "attempts", "every", "from", "until"}

func validateServer(d *strict.Document, s *Scenario) {
	if s.Server == nil {
		return
	}
	if s.Server.Spend != spending(latency.OverBody) && d.Sound("server.spend") {
		d.Refuses("server.pieces", "only a latency that is spent over the body has pieces: want spend: over_body")
	}
	if s.Server.Spend != "" {
		d.Needs("server.spend", "a latency that is spent", "server.latency")
	}
	if d.Has("server.body") {
		d.Refuses("server.bandwidth", "how long a body takes is planned for the pictures only: want no body")
	}
	for i, f := range s.Server.Faults {
		at := item("server.faults", i)
		if fault.Kind(f.Kind).End() == fault.EndWrongType && d.Has("server.body") {
			d.Wrong(at+".kind", "%s: a text cannot be told from a page of HTML as a picture can: want no body", f.Kind)
		}
		if !slices.ContainsFunc(conditions, func(key string) bool { return d.Has(at+"."+key) || !d.Sound(at+"."+key) }) {
			d.Wrong(at, "nothing says whom it strikes: want %s", strings.Join(conditions, ", "))
		}
		if d.Has(at+".keys") && len(f.Keys) == 0 {
			d.Wrong(at+".keys", "the list is empty: want %s", keyPattern("").Accepts())
		}
		if f.Until > 0 && f.From >= f.Until && d.Sound(at+".from") {
			d.Wrong(at+".until", "%v is not after %v, at which it begins", time.Duration(f.Until), time.Duration(f.From))
		}
		if d.Sound(at + ".kind") {
			f.validate(d, at)
			if shared := s.Server.Protocol == "h2" || s.Server.Protocol == "h2c"; shared && !fault.Kind(f.Kind).HTTP2() {
				d.Wrong(at+".kind", "%s: it spoils the wire, which HTTP/2 shares among requests: want protocol: http or https", f.Kind)
			}
			if fault.Kind(f.Kind).End() == fault.EndTimeout && d.Sound("workload.timeout") && !d.Has("workload.timeout") {
				d.Wrong(at+".kind", "%s: only the client can end it: want workload.timeout", f.Kind)
			}
		}
	}
}

// validate finds options that the fault's kind does not have, and values that
// an option cannot have beside another.
func (f Fault) validate(d *strict.Document, at string) {
	var has, required []string
	for _, p := range fault.Kind(f.Kind).Parameters() {
		has = append(has, p.Name)
		if p.Required {
			required = append(required, at+"."+p.Name)
		}
	}
	for _, key := range fault.ParameterNames() {
		if !slices.Contains(has, key) {
			why := fmt.Sprintf("a fault of kind %s has none", f.Kind)
			if len(has) > 0 {
				why += ", but " + strings.Join(has, ", ")
			}
			d.Refuses(at+"."+key, why)
		}
	}
	for _, key := range required {
		d.Needs(at+".kind", "a fault of kind "+string(f.Kind), key)
	}
	if f.Hops > fault.MaxHops {
		d.Wrong(at+".hops", "%d: want 1 to %d", f.Hops, fault.MaxHops)
	}
	told := servers.Fault{Kind: fault.Status, Rate: 1, Status: int(f.Status), RetryAfter: time.Duration(f.RetryAfter)}
	if d.Has(at+".retry_after") && d.Has(at+".status") && slices.Contains(has, "status") && told.Check() != nil {
		d.Wrong(at+".retry_after", "want whole seconds, with status 413, 429 or 503")
	}
	if strings.ContainsFunc(f.Reason, func(r rune) bool { return r < ' ' || r > '~' }) {
		d.Wrong(at+".reason", "%s: want printable characters of ASCII", strict.Cite(f.Reason))
	}
}
