package held

import (
	"context"
	"net"
)

// ErrTimeout is the cause of a context that ends at the workload's timeout, as
// opposed to the end of the run. net/http returns the cause in place of the
// context's error. So it is a timeout by every test that a client may use:
// errors.Is with [context.DeadlineExceeded], [net.Error], os.IsTimeout.
var ErrTimeout error = timeoutError{}

type timeoutError struct{}

var _ net.Error = timeoutError{}

func (timeoutError) Error() string   { return "timeout" }
func (timeoutError) Timeout() bool   { return true }
func (timeoutError) Temporary() bool { return true }
func (timeoutError) Unwrap() error   { return context.DeadlineExceeded }
