package servers

import (
	"context"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/teapot-go/teapot/servers/fault"
)

// openUnreachable gives the requests that the plan does not let arrive a place to
// go, and the server's client the way to it.
func (s *Server) openUnreachable(memory bool) error {
	if !slices.ContainsFunc(s.plan.Faults, func(f Fault) bool { return f.Kind.BeforeRequest() }) {
		return nil
	}
	if memory {
		s.unreachable.OpenMemory(memoryName)
	} else if err := s.unreachable.Open(); err != nil {
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

// URLFor is the server's base URL for a client that is about to ask for a key,
// for the given attempt (from 1). It is [Server.URL], unless the plan has the
// attempt refused, or its connection closed as soon as it is accepted: then it
// names an address where that happens, and the journal has it, as nobody else
// could tell. A client that does not ask for it meets an empty answer instead.
func (s *Server) URLFor(key string, attempt int) string {
	now := time.Since(s.started)
	fate := s.plan.FateAt(key, attempt, now)
	if !fate.Fault.BeforeRequest() {
		return s.url
	}
	s.journal.add(Entry{Key: kept(key), Attempt: attempt, Arrived: now, Planned: fate, Met: fate.Fault})
	scheme, _, _ := strings.Cut(s.url, "://")
	if fate.Fault.End() == fault.EndRefused {
		return scheme + "://" + s.unreachable.Refusing
	}
	return scheme + "://" + s.unreachable.Closing
}
