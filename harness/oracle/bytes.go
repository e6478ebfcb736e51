package oracle

import (
	"encoding/hex"
	"net/http"
	"slices"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/fault"
)

// promise adds to what is planned of a request how many bytes a client has in
// the end that reports a success, and their digest. If the server knows the
// entity, that is the entity, in however many parts the client asks for it.
// Otherwise it is what the server sent.
func promise(p *record.Planned, e *servers.Entry) {
	part := e.Met.Body() == fault.PartialBody
	switch {
	case e.Status != http.StatusOK && e.Status != http.StatusPartialContent:
	case part && e.Compressed:
		// the length of what the client takes for the body is not known
	case e.Entity.Known():
		p.PlannedBytes, p.NoBytes = e.Entity.Size, e.Entity.Size == 0
		p.PlannedDigest = "sha256:" + hex.EncodeToString(e.Entity.SHA256[:])
		if e.Compressed {
			p.Compressed = e.Bytes
		}
	case e.Status == http.StatusOK && !part: // of an incomplete body, a client may read any part
		p.PlannedBytes, p.Inflates = e.Bytes, e.Compressed
		if digest, ok := e.Entity.Sent(); ok {
			p.PlannedDigest = "sha256:" + hex.EncodeToString(digest[:])
		}
	}
}

// corrupted reports whether the client was sent wrong bytes. Only a client that
// verifies what it gets can know that, so a success is as right as a malformed
// answer.
func (x *exchange) corrupted() bool {
	return x.last.Met.Body() == fault.WrongBody && !bodiless(x.last)
}

// emptied reports whether a fault answers a request with a status that has no
// content. A client need not take that for a success: it may say what the
// status was, or that the answer does not fit, or try again. To a DELETE there
// is no other answer.
func (x *exchange) emptied() bool {
	e := x.last
	content := e.Method != http.MethodHead && e.Method != http.MethodDelete
	return content && e.Met == fault.Status && e.Status == http.StatusNoContent
}

// notice plans the class of each of a task's corrupted exchanges that its
// client has found to be corrupt: it made the request again, or says so.
//
// A DELETE that finds nothing has succeeded if an earlier one may have, whose
// answer was lost, and its client takes it for that.
func notice(s *record.Sample, own []*exchange) {
	for i, x := range own {
		if i > 0 && s.Class == record.OK && x.deleted(own[:i]) {
			p := x.planned()
			p.PlannedClass = record.OK
			x.plans(p)
		}
		again := func(y *exchange) bool { return y.supersedes(x) && !y.first.Partial }
		if x.corrupted() && (s.Class == record.Malformed || slices.ContainsFunc(own[i+1:], again)) &&
			x.kind.PlannedClass == record.OK {
			p := x.planned()
			p.PlannedClass = record.Malformed
			x.plans(p)
		}
	}
}

// deleted reports whether a DELETE was told that there is no such thing, and it
// is not known whether an earlier one had its effect.
func (x *exchange) deleted(earlier []*exchange) bool {
	e := x.last
	gone := e.Status == http.StatusNotFound || e.Status == http.StatusGone
	removes := gone && e.Method == http.MethodDelete && e.Met != fault.Status
	return removes && slices.ContainsFunc(earlier, func(y *exchange) bool {
		same := y.last.Method == e.Method && y.last.Target == e.Target
		return same && failed(y.kind.PlannedClass) && !y.unapplied() && !y.toldAll()
	})
}

// readBy adds to a judged sample what follows from all requests of its task,
// which are complete unless the task may share those of another. A task that
// asks for heads alone reads nothing. One that never asks for all parts of an
// entity may want no more than some.
func readBy(s *record.Sample, own []*exchange, complete bool) {
	got, whole := 0, false
	asked, size := servers.Part{}, int64(0)
	for _, x := range own {
		e := x.last
		if e.Method == http.MethodHead {
			continue
		}
		got++
		whole = whole || e.Status == http.StatusOK
		if !e.Entity.Known() {
			continue
		}
		size = max(size, e.Entity.Size)
		if e.Asked.From < e.Asked.To {
			asked = around(asked, e.Asked)
		}
		s.RangeIgnored = s.RangeIgnored || e.Status == http.StatusOK && e.Asked != servers.Part{To: e.Entity.Size}
	}
	if got == 0 && complete && len(own) > 0 {
		s.PlannedBytes, s.PlannedDigest, s.NoBytes = 0, "", true
		return
	}
	if whole && s.Served == http.StatusPartialContent && s.Status == http.StatusOK {
		s.Served = http.StatusOK // of the answer that the parts continue
	}
	if size == 0 || asked.From == 0 && asked.To == size || s.Bytes >= size || s.Class != record.OK {
		return
	}
	s.PlannedDigest = "" // of a part it is not known
	if !s.BytesServed() && s.Doubt == "" {
		s.Doubt = someParts
	}
}

// around returns the smallest part that has both.
func around(a, b servers.Part) servers.Part {
	if a == (servers.Part{}) {
		return b
	}
	return servers.Part{From: min(a.From, b.From), To: max(a.To, b.To)}
}

// someParts is why a task is in doubt that asks for some parts only.
const someParts = "it asked for some parts of the file only, and reports fewer bytes than the file has: " +
	"report 0 bytes where a part is enough"
