package harness

import (
	"net/http"
	"time"

	"github.com/teapot-go/teapot/servers"
)

// Truth is what a correct client makes of a fate when it waits no longer than timeout, 0 for as long as it takes. A latency beyond the
// timeout hides whatever would have come after it; 404 is not_found whoever sent it.
func Truth(f servers.Fate, timeout time.Duration) Planned {
	p := Planned{
		PlannedLatency: f.Latency,
		PlannedService: f.Latency,
		PlannedFault:   string(f.Fault),
		PlannedClass:   ClassOf(f.Status),
	}
	if timeout > 0 && f.Latency > timeout {
		p.PlannedService, p.PlannedClass = timeout, Timeout
	}
	return p
}

// ClassOf is the class of a complete response with this status.
func ClassOf(status int) Class {
	switch {
	case status >= 200 && status <= 299:
		return OK
	case status == http.StatusNotFound:
		return NotFound
	default:
		return Status
	}
}
