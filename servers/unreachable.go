package servers

import (
	"context"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/teapot-go/teapot/servers/fault"
	"github.com/teapot-go/teapot/servers/loopback"
	"github.com/teapot-go/teapot/servers/taskid"
)

// openUnreachable opens addresses for faults that strike before a request, if
// the plan has any, and lets the server's client dial them.
func (s *Server) openUnreachable(memory bool) error {
	if !slices.ContainsFunc(s.plan.Faults, func(f Fault) bool { return f.Kind.BeforeRequest() }) {
		return nil
	}
	if memory {
		s.unreachable.OpenMemory()
	} else if err := s.unreachable.Open(loopback.Listen); err != nil {
		return err
	}
	t := s.client.Transport.(*http.Transport)
	dial := t.DialContext
	t.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		if c, ok, err := s.unreachable.Dial(ctx, addr); ok {
			return c, err
		}
		return dial(ctx, network, addr)
	}
	return nil
}

// URLFor returns the base URL for the given attempt (from 1) at a key. It is
// [Server.URL], unless the plan refuses the attempt, or closes its connection
// as soon as it is accepted. Then it is an address where that happens, and
// URLFor adds the journal's entry, because the server will not see the request.
// A client that uses [Server.URL] instead meets an empty answer.
//
// Where several tasks have the key, it is the URL for the one that would be
// taken for the sender of a request. [Server.URLOf] is exact.
func (s *Server) URLFor(key string, attempt int) string {
	return s.URLOf(context.Background(), key, attempt)
}

// URLOf is [Server.URLFor] for the task of ctx, which [taskid.NewContext]
// names.
func (s *Server) URLOf(ctx context.Context, key string, attempt int) string {
	url := s.url
	s.identities.next(key, taskid.FromContext(ctx), attempt, func(id identity) bool {
		now := time.Since(s.started)
		fate := s.plan.FateOf(fault.Request{Key: key, Occurrence: id.occurrence, Attempt: id.attempt, Since: now})
		if !fate.Fault.BeforeRequest() {
			return false
		}
		s.journal.add(Entry{
			Key: kept(key), Task: id.task, Guessed: id.guessed, Occurrence: id.occurrence, Attempt: id.attempt,
			Counted: id.counted,
			Arrived: now, Planned: fate, Met: fate.Fault,
			Idempotent: true, // its method is not known, and it has no effect
		})
		at := s.unreachable.Closing
		if fate.Fault.End() == fault.EndRefused {
			at = s.unreachable.Refusing
		}
		scheme, _, _ := strings.Cut(s.url, "://")
		url = scheme + "://" + at
		return true
	})
	return url
}
