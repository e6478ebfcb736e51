// Package served runs the servers of teapot serve, and counts what they have
// done.
package served

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"

	"github.com/teapot-go/teapot/command/internal/told"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/admin"
)

// A Server is a server with a name. Its fields are set before Start.
type Server struct {
	Name, About string
	Config      servers.Config
	AdminPort   int                          // of loopback; 0 for any, below 0 for none
	Ended       func(*Server, servers.Entry) // called for each request that is over, one at a time; nil for no call
	// Known returns what is known of the started server's clients.
	Known func(*servers.Server) (told.About, error)

	server *servers.Server
	admin  *admin.Admin
	ledger *told.Ledger // nil without an admin
	tally  tally
}

// Start starts the server. An error about its port says what to do.
func (s *Server) Start() (err error) {
	if s.server, err = servers.Start(s.Config); err != nil {
		return inWords(err, s.Config.Address, "--port")
	}
	s.server.Observe(func(e servers.Entry) {
		s.tally.add(e)
		if s.Ended != nil {
			s.Ended(s, e)
		}
	})
	if s.AdminPort < 0 {
		return nil
	}
	about, err := s.Known(s.server)
	if err != nil {
		return err
	}
	s.ledger = told.New(s.server, about)
	addr := net.JoinHostPort("localhost", strconv.Itoa(s.AdminPort))
	s.admin, err = admin.Start(s.server, admin.Config{Address: addr, Want: s.ledger.Want, Pages: s.ledger.Pages()})
	if err != nil {
		return inWords(err, addr, "--admin")
	}
	return nil
}

// URL returns the server's base URL.
func (s *Server) URL() string { return s.server.URL() }

// AdminURL returns where its metrics and its journal are, "" for nowhere.
func (s *Server) AdminURL() string {
	if s.admin == nil {
		return ""
	}
	return s.admin.URL()
}

// Ledger returns what clients have told of the server, nil if they cannot.
func (s *Server) Ledger() *told.Ledger { return s.ledger }

// Close ends what Start has started, if it has.
func (s *Server) Close() error {
	var errs []error
	if s.admin != nil {
		errs = append(errs, s.admin.Close())
	}
	if s.server != nil {
		errs = append(errs, s.server.Close())
	}
	return errors.Join(errs...)
}

// inWords says what to do about an address that cannot be had.
func inWords(err error, addr, option string) error {
	_, port, _ := net.SplitHostPort(addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("port %s is in use: end what listens there (ss -ltnp 'sport = :%s' names it), or give "+
			"another %s, or 0 for any free one", port, port, option)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("this user may not listen at port %s: give a %s above 1023, or 0 for any free one",
			port, option)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("%s is not an address of this machine: give another --bind, such as ::1", addr)
	}
	return err
}
