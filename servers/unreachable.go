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
// the plan has any.
func (s *Server) openUnreachable(memory bool) error {
	if !slices.ContainsFunc(s.plan.Faults, func(f Fault) bool { return f.Kind.BeforeRequest() }) {
		return nil
	}
	if memory {
		s.unreachable.OpenMemory()
	} else if err := s.unreachable.Open(loopback.Listen); err != nil {
		return err
	}
	return nil
}

// throughUnreachable lets a client dial the addresses for faults that strike
// before a request.
func (s *Server) throughUnreachable(client *http.Client) *http.Client {
	t := client.Transport.(*http.Transport)
	dial := t.DialContext
	t.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		if to := s.redialled(ctx, addr); s.unreachable.Has(to) {
			s.comes(ctx, time.Since(s.started))
			return s.unreachable.Dial(ctx, to)
		}
		return dial(ctx, network, addr)
	}
	return client
}

// redialled returns the address that a dial comes to. Over HTTP/2 all tasks
// would share a connection to the server, whatever they are to meet.
func (s *Server) redialled(ctx context.Context, addr string) string {
	if !s.unreachable.Has(addr) || s.http2 {
		return addr
	}
	through := s.identities.redial(taskid.FromContext(ctx), s.journal.dialled, func(key string, id identity) bool {
		at := s.unreached(key, id, true)
		if at != "" {
			addr = at
		}
		return at != ""
	})
	if through {
		return ""
	}
	return addr
}

// unreached returns the address at which no request gets through for an attempt
// that the plan has none for, with its entry in the journal, and "" for all
// others. dialled reports whether the client dials it already.
func (s *Server) unreached(key string, id identity, dialled bool) string {
	now := time.Since(s.started)
	fate := s.plan.FateOf(fault.Request{Key: key, Occurrence: id.occurrence, Attempt: id.attempt, Since: now})
	if !fate.Fault.BeforeRequest() {
		return ""
	}
	s.journal.add(Entry{
		Key: kept(key), Task: id.task, Guessed: id.guessed, Occurrence: id.occurrence, Attempt: id.attempt,
		Counted: id.counted, Fresh: dialled,
		Arrived: now, Planned: fate, Met: fate.Fault,
		Idempotent: true, // its method is not known, and it has no effect
	})
	if fate.Fault.End() == fault.EndRefused {
		return s.unreachable.Refusing
	}
	return s.unreachable.Closing
}

// URLFor returns the base URL for the given attempt (from 1) at a key. It is
// [Server.URL], unless the plan refuses the attempt, or closes its connection
// as soon as it is accepted. Then it is an address where that happens, and
// URLFor adds the journal's entry, because the server will not see the request.
// A client that uses [Server.URL] instead meets an empty answer.
//
// A client may try again at the URL that it has. If it dials with the transport
// of [Server.Client], and its requests have the context of their task, it then
// meets what the plan has for its next attempt.
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
		at := s.unreached(key, id, false)
		if at != "" {
			scheme, _, _ := strings.Cut(s.url, "://")
			url = scheme + "://" + at
		}
		return at != ""
	})
	return url
}
