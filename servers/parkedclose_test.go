package servers

import (
	"testing"
	"testing/synctest"
)

// TestCloseParked closes a connection whose request is parked, at each moment
// at which Close may find it: the request ends, and nothing waits for a lock
// that its own goroutine has.
func TestCloseParked(t *testing.T) {
	for name, meet := range map[string]func(s *Server, p *parkedConn){
		"it waits": func(s *Server, p *parkedConn) {
			s.parked.add(p, parkTime)
			s.parked.close()
		},
		"it is parked late": func(s *Server, p *parkedConn) {
			s.parked.close()
			s.parked.add(p, parkTime)
		},
		"it has come back, and its request was not read again": func(s *Server, p *parkedConn) {
			s.conns.add(p)
			s.conns.closeAll()
		},
		"it comes back late": func(s *Server, p *parkedConn) {
			s.conns.closeAll()
			s.conns.add(p)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, err := Start(Config{Memory: true})
				if err != nil {
					t.Fatal(err)
				}
				client, conn := memoryPipe(1)
				p := &parkedConn{Conn: conn, server: s}
				if !s.begin() {
					t.Fatal("the server is closed")
				}
				s.conns.begin(nil)
				p.exchange.Store(&exchange{server: s})
				meet(s, p)
				if _, err := client.Read(make([]byte, 1)); err == nil {
					t.Error("the connection is open")
				}
				s.conns.remove(p)
				if err := s.Close(); err != nil {
					t.Error(err)
				}
				if n := len(s.Journal()); n != 1 {
					t.Errorf("%d requests have ended, want 1", n)
				}
			})
		})
	}
}
