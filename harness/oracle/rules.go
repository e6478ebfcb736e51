package oracle

import (
	"net/http"
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness/record"
)

// rules are what an oracle has for all of its exchanges.
type rules struct {
	coarse, plain, exact bool
	part                 bool // a client may read no more than the beginning of a body
	parts                bool // a 207 says that each of its parts went well
	several              bool // there may be several attempts
	lag                  time.Duration
	whole                time.Duration // the timeout, if it is over the whole task
	each                 time.Duration // the timeout, if it is of each attempt
	means                func(record.Seen) (classes []record.Class, doubt string)
	kinds                [8]*record.Planned // those used last
	next                 int                // which of them is replaced next
}

func (o Oracle) newRules() *rules {
	r := &rules{
		coarse: o.Coarse, plain: o.Plain, part: o.Part, parts: slices.Contains(o.Success, http.StatusMultiStatus),
		exact: o.Exact, several: o.Attempts > 1, lag: o.lag(), means: o.Means,
	}
	if o.Whole {
		r.whole = o.Timeout
	} else {
		r.each = o.Timeout
	}
	return r
}

// kindOf returns a kind that is equal to one, and may be shared.
func (r *rules) kindOf(kind record.Planned) *record.Planned {
	for _, k := range r.kinds {
		if k != nil && *k == kind {
			return k
		}
	}
	k := new(record.Planned) // and not &kind, which would allocate at each call
	*k = kind
	r.kinds[r.next] = k
	r.next = (r.next + 1) % len(r.kinds)
	return k
}
