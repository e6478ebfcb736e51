// Package served runs the servers of teapot serve, and counts what they have
// done.
package served

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"

	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/admin"
)

// A Server is a server with a name. Its fields are set before Start.
type Server struct {
	Name, About string
	Config      servers.Config
	AdminPort   int                          // of loopback; 0 for any, below 0 for none
	Ended       func(*Server, servers.Entry) // called for each request that is over, one at a time; nil for no call

	server *servers.Server
	admin  *admin.Admin
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
	addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(s.AdminPort))
	if s.admin, err = admin.Start(s.server, addr); err != nil {
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
