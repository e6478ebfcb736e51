package scenarios

import (
	"context"
	"net"
)

// An overdue is the cause by which a request's context ends when the workload's
// timeout is over, and not the whole run. net/http returns the cause in place
// of the context's own error, so it is a timeout in every way in which a client
// may ask: errors.Is with [context.DeadlineExceeded], [net.Error],
// os.IsTimeout.
type overdue struct{}

var (
	_          net.Error = overdue{}
	errTimeout error     = overdue{}
)

func (overdue) Error() string   { return "timeout" }
func (overdue) Timeout() bool   { return true }
func (overdue) Temporary() bool { return true }
func (overdue) Unwrap() error   { return context.DeadlineExceeded }
