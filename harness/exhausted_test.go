package harness

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/teapot-go/teapot/harness/record"
)

// TestExplained adds numbers to the errors of a machine, and to no other.
func TestExplained(t *testing.T) {
	dial := func(err error) error {
		return fmt.Errorf("start: %w", &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", err)})
	}
	for _, tt := range []struct {
		err  error
		want string
	}{
		{dial(syscall.EMFILE), "too many open files"},
		{dial(syscall.ENFILE), "in system"},
		{dial(syscall.EADDRNOTAVAIL), "ports for outgoing connections"},
		{dial(syscall.ENOMEM), "memory"},
		{dial(syscall.ENOBUFS), "run fewer tasks"},
		{
			&os.PathError{Op: "fork/exec", Path: "curl", Err: syscall.EAGAIN},
			"this user may have ",
		},
		{dial(syscall.ECONNREFUSED), ""},
		{errors.New("too many open files"), ""},
	} {
		err := explained(tt.err)
		named := errors.As(err, new(exhausted))
		if named != (tt.want != "") || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v: %v", tt.err, err)
		}
		if !errors.Is(err, tt.err) || explained(err) != err {
			t.Errorf("%v is not kept: %v", tt.err, err)
		}
	}
}

// TestRefused finds the errors of a machine in what tasks report.
func TestRefused(t *testing.T) {
	for _, tt := range []struct {
		seen record.Seen
		want error
	}{
		{record.Seen{Class: record.Failed, Error: "dial tcp: socket: " + syscall.EMFILE.Error()}, syscall.EMFILE},
		{record.Seen{Class: record.Refused, Error: "connect: " + syscall.ENOMEM.Error()}, syscall.ENOMEM},
		{
			record.Seen{Class: record.Failed, Error: "fork/exec /usr/bin/curl: " + syscall.EAGAIN.Error()},
			syscall.EAGAIN,
		},
		{
			record.Seen{Class: record.Failed, Error: "curl: it does not start: " + syscall.EAGAIN.Error()},
			syscall.EAGAIN,
		},
		{record.Seen{Class: record.Failed, Error: "read: " + syscall.EAGAIN.Error()}, nil},
		{record.Seen{Class: record.OK, Error: syscall.EMFILE.Error()}, nil},
		{record.Seen{Class: record.Status, Status: 503, Error: "503 " + syscall.EMFILE.Error()}, nil},
		{record.Seen{Class: record.Failed, Error: "no such luck"}, nil},
		{record.Seen{Class: record.Failed}, nil},
	} {
		if got := refused(record.Sample{Seen: tt.seen}); got != tt.want {
			t.Errorf("%+v: got %v, want %v", tt.seen, got, tt.want)
		}
	}
}
