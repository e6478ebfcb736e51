package scenarios

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/teapot-go/teapot/scenarios/strict"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/fault"
)

// conditionKeys are the keys that select the requests that a fault strikes.
var conditionKeys = []string{"rate", "keys", "at", "attempts", "every", "from", "until"}

// fault converts f to the type of package fault.
func (f Fault) fault() servers.Fault {
	g := servers.Fault{
		Kind: servers.Kind(f.Kind), Rate: float64(f.Rate), Attempts: int(f.Attempts), Every: int(f.Every),
		From: time.Duration(f.From), Until: time.Duration(f.Until),
		Status: int(f.Status), Reason: f.Reason, Body: f.Body, RetryAfter: f.RetryAfter.After,
		RetryDate: f.RetryAfter.Date, RetryAt: f.RetryAfter.At,
		OtherHost: bool(f.OtherHost), After: bool(f.After), Hops: int(f.Hops), Size: f.Size.Size,
		Delay: time.Duration(f.Delay),
	}
	if f.At != nil {
		g.At = fault.At{Key: f.At.Key, Attempt: int(f.At.Attempt)}
	}
	for _, p := range f.Keys {
		g.Keys = append(g.Keys, string(p))
	}
	for _, p := range f.Except {
		g.Except = append(g.Except, string(p))
	}
	for _, h := range f.Headers {
		g.Headers = append(g.Headers, string(h))
	}
	return g
}

// validate reports keys of a fault, at the path at, that contradict each other
// or the rest of the scenario.
func (f Fault) validate(d *strict.Document, s *Scenario, at string) {
	given := func(key string) bool { return d.Has(at+"."+key) || !d.Valid(at+"."+key) }
	kind := fault.Kind(f.Kind)
	if kind.End() == fault.EndWrongType && d.Has("server.body") {
		d.Errorf(at+".kind", "%s: a client cannot tell a generated text from HTML: remove server.body", kind)
	}
	if !slices.ContainsFunc(conditionKeys, given) {
		d.Errorf(at, "the fault has no condition: want at least one of %s", strings.Join(conditionKeys, ", "))
	}
	if d.Has(at + ".at") {
		for _, key := range []string{"rate", "keys", "except", "attempts", "every"} {
			d.Reject(at+"."+key, "at is one request already: remove one of the two")
		}
	}
	validatePatterns(d, at+".keys", f.Keys)
	validatePatterns(d, at+".except", f.Except)
	if d.Has(at+".at.key") && f.At.Key == "" {
		d.Errorf(at+".at.key", "the key is empty: want a key of the workload")
	}
	if f.Until > 0 && f.From >= f.Until && d.Valid(at+".from") {
		d.Errorf(at+".until", "%v: want a time later than from, which is %v", time.Duration(f.Until),
			time.Duration(f.From))
	}
	if !d.Valid(at + ".kind") {
		return
	}
	f.validateParameters(d, at)
	shared := s.Server.Protocol == "h2" || s.Server.Protocol == "h2c"
	if shared && !kind.HTTP2() {
		d.Errorf(at+".kind", "%s: it breaks the connection, which requests share over HTTP/2: want protocol: "+
			"http or https", kind)
	}
	if !shared && !kind.HTTP1() && d.Valid("server.protocol") {
		d.Errorf(at+".kind", "%s: only HTTP/2 can say that a request was not processed: want protocol: h2c or h2", kind)
	}
	if kind.Connection() && s.Server.Transport == transportHandler {
		d.Errorf(at+".kind", "%s: it is a fault of the connection, which requests do not have: want transport: "+
			"connection", kind)
	}
	const timeout = workloadPath + ".timeout"
	if kind.End() == fault.EndTimeout && d.Has(workloadPath) && d.Valid(timeout) && !d.Has(timeout) {
		d.Errorf(at+".kind", "%s: the request never ends unless the client ends it: want workload.timeout", kind)
	}
}

// validatePatterns reports an empty list of patterns of keys.
func validatePatterns(d *strict.Document, at string, patterns []keyPattern) {
	if d.Has(at) && len(patterns) == 0 {
		d.Errorf(at, "the list is empty: want %s", keyPattern("").Accepts())
	}
}

// validateParameters reports parameters that the fault's kind does not take or
// that it lacks, and parameters whose values contradict each other.
func (f Fault) validateParameters(d *strict.Document, at string) {
	var has, required []string
	for _, p := range fault.Kind(f.Kind).Parameters() {
		has = append(has, p.Name)
		if p.Required {
			required = append(required, at+"."+p.Name)
		}
	}
	for _, key := range fault.ParameterNames() {
		if !slices.Contains(has, key) {
			why := fmt.Sprintf("a fault of kind %s does not take this key", f.Kind)
			if len(has) > 0 {
				why += ": want " + strings.Join(has, ", ")
			}
			d.Reject(at+"."+key, why)
		}
	}
	for _, path := range required {
		d.Require(at+".kind", "a fault of kind "+string(f.Kind), path)
	}
	if d.Has(at+".status") && d.Valid(at+".status") && slices.Contains(has, "status") {
		only := servers.Fault{Kind: servers.Kind(f.Kind), Status: int(f.Status), Rate: 1}
		if err := only.Check(); err != nil {
			_, want, _ := strings.Cut(err.Error(), ": ")
			d.Errorf(at+".status", "%d: %s", f.Status, want)
			return
		}
	}
	if f.Body != "" && (f.Status == http.StatusNoContent || f.Status == http.StatusNotModified) {
		d.Errorf(at+".body", "status %d has no body: remove it", f.Status)
	}
	answer := f.fault()
	answer.Kind, answer.Rate = fault.Status, 1
	if d.Valid(at+".retry_after") && d.Has(at+".retry_after") && d.Has(at+".status") &&
		slices.Contains(has, "status") && answer.Check() != nil {
		d.Errorf(at+".retry_after", "want a status of 413, 429 or 503")
	}
	if strings.ContainsFunc(f.Reason, func(r rune) bool { return r < ' ' || r > '~' }) {
		d.Errorf(at+".reason", "%s: want printable ASCII characters", strict.Quote(f.Reason))
	}
}
