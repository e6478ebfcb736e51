package oracle

import (
	"cmp"
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/fault"
)

// goneAway returns the requests after which a connection of HTTP/2 took no
// others, in the order in which they ended.
func goneAway(journal []servers.Entry) (away []*servers.Entry) {
	for i := range journal {
		if e := &journal[i]; e.HTTP2 && (e.Met == fault.GoAway || e.Met == fault.GoAwayUnprocessed) {
			away = append(away, e)
		}
	}
	slices.SortFunc(away, func(a, b *servers.Entry) int { return cmp.Compare(a.Arrived+a.Took, b.Arrived+b.Took) })
	return away
}

// unsent puts a task in doubt that reports a broken connection, or a timeout,
// after fewer requests than it should have made, if other requests had
// connections go away while it ran. A client may have chosen such a connection
// just before it heard of that. The server then sees no request. net/http fails
// at once if it cannot read the body again, and otherwise may wait before it
// tries another connection.
func (t *task) unsent(away []*servers.Entry, lag time.Duration) {
	s := t.sample
	few := s.Did == record.ActionNoRequest || s.Did == record.ActionGaveUp
	if !few || s.Agrees() || s.Class != record.Reset && s.Class != record.Timeout {
		return
	}
	first, _ := slices.BinarySearchFunc(away, t.from-lag, func(e *servers.Entry, at time.Duration) int {
		return cmp.Compare(e.Arrived+e.Took, at)
	})
	for _, e := range away[first:] {
		if e.Arrived > t.to {
			break
		}
		if !slices.ContainsFunc(t.own, func(x *exchange) bool { return x.first == e || x.last == e }) {
			s.Doubt = connectionGone
			return
		}
	}
}

// connectionGone is why a task is in doubt that may have failed to send a
// request.
const connectionGone = "it made fewer requests than planned, and a GOAWAY may have ended the connection of another " +
	"before it was sent: give requests a body that can be read again, such as by GetBody"
