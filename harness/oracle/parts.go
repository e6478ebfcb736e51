package oracle

import (
	"net/http"
	"slices"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/fault"
)

// samePart reports whether two requests may be for the same part of a file. One
// that resumes another ends where that does.
func (x *exchange) samePart(y *exchange) bool {
	a, b := x.last, y.last
	method := a.Method == b.Method || a.Method == "" || b.Method == "" // a request that was refused has none
	return method && (a.Asked.To == b.Asked.To || !a.Entity.Known() || !b.Entity.Known())
}

// isPart reports whether the client asks for a part of the file.
func (x *exchange) isPart() bool {
	e := x.last
	return e.Method == http.MethodGet && e.Entity.Known() && e.Asked != servers.Part{To: e.Entity.Size}
}

// partsOf splits the exchanges of a client that asks for a file in parts, or
// for its head first, by what they ask for. It returns nil for every other
// client.
func partsOf(own []*exchange) (parts [][]*exchange) {
	several := false
	for _, x := range own {
		several = several || x.isPart() || x.last.Method == http.MethodHead
	}
	if !several {
		return nil
	}
	for _, x := range own {
		i := slices.IndexFunc(parts, func(p []*exchange) bool { return x.samePart(p[0]) })
		if i < 0 {
			parts = append(parts, nil)
			i = len(parts) - 1
		}
		parts[i] = append(parts[i], x)
	}
	return parts
}

// together returns the sample with what becomes of the parts of a file, each of
// which has attempts of its own. A success takes all of them but the head,
// unless the client has got in another way what it failed to get, or an answer
// without a body; a failure takes one.
func (o Oracle) together(s record.Sample, t *task, own []*exchange, parts [][]*exchange) record.Sample {
	if s.Class == record.OK {
		for _, x := range own {
			if x.last.Status != http.StatusNoContent || x.abandoned() {
				continue
			}
			if judged := x.judgeFor(t); judged.Agrees() {
				return judged
			}
		}
	}
	var judged record.Sample
	for i, part := range parts {
		outcome := o.outcome(s, part, t)
		if agrees := outcome.Agrees(); agrees || i == 0 || !judged.Agrees() {
			judged = outcome
			if agrees && s.Class != record.OK {
				break
			}
		}
		if s.Class == record.OK && !outcome.Agrees() && part[0].last.Method != http.MethodHead && !covered(part, own) {
			judged = outcome
			break
		}
	}
	attempts := attemptsOf(own)
	took := then(o.before(attempts), attempts[len(attempts)-1][0].planned())
	judged.PlannedLatency, judged.PlannedService = took.PlannedLatency, took.PlannedService
	judged.PlannedMargin = took.PlannedMargin
	return judged
}

// covered reports whether the client has got in other requests what some failed
// to get, or in part of those themselves. Of what is no file that is not known.
func covered(part, all []*exchange) bool {
	last := part[len(part)-1].last
	if !last.Entity.Known() {
		return false
	}
	want := last.Asked
	for want.From < want.To {
		at := want.From
		for _, x := range all {
			if got := x.got(); got.From <= at {
				want.From = max(want.From, got.To)
			}
		}
		if want.From == at {
			return false
		}
	}
	return true
}

// got returns the part of the file that the answer brought, up to where it
// broke off.
func (x *exchange) got() servers.Part {
	e := x.last
	whole := x.kind.PlannedClass == record.OK && !x.abandoned()
	switch {
	case whole && e.Status == http.StatusOK:
		return servers.Part{To: e.Entity.Size}
	case whole:
		return e.Asked
	case e.Status != http.StatusOK && e.Status != http.StatusPartialContent, e.Compressed, e.Met == fault.WrongType:
		return servers.Part{}
	case e.Status == http.StatusOK:
		return servers.Part{To: e.Bytes}
	}
	return servers.Part{From: e.Asked.From, To: e.Asked.From + e.Bytes}
}
