package oracle

import (
	"strings"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/fault"
)

// Of returns the oracle of a server that carries out a plan, for a client that
// waits no longer than timeout for each answer; 0 means forever. The caller
// sets what else is known of the client.
func Of(plan servers.Plan, timeout time.Duration) Oracle {
	return Oracle{
		Timeout: timeout,
		Foreign: plan.Foreign,
		Plan: func(key string, occurrence, attempt int) record.Planned {
			fate := plan.FateOf(fault.Request{Key: key, Occurrence: occurrence, Attempt: attempt})
			p := Truth(fate, timeout)
			if fate.Rule > 0 {
				p.PlannedPause = plan.Faults[fate.Rule-1].RetryAfter
			}
			return p
		},
		Visit: func(key string, occurrence int) Visit {
			r := fault.Request{Key: key, Occurrence: occurrence, Attempt: 1}
			return Visit{Rank: plan.Rank(r), Fate: plan.FateOf(r)}
		},
		Truth: func(e servers.Entry) record.Planned {
			f := e.Planned
			index := e.Status > 0 && strings.HasPrefix(e.Key, "/") // which the plan of flags does not know
			if f.Status == 0 && !index {                           // the content decides it
				f.Status = plan.FateOf(fault.Request{
					Key: e.Key, Occurrence: e.Occurrence, Attempt: e.Attempt, Since: e.Arrived,
				}).Status
			}
			return TruthOf(e, f, timeout)
		},
	}
}

// Want returns what a correct client reports of one request, if that is the one
// that decides its task: the class, and of a success the bytes and their
// digest, where they are known.
func (o Oracle) Want(e servers.Entry) record.Planned {
	p := o.truth(&e)
	if promise(&p, &e); p.PlannedClass != record.OK || e.Method == "HEAD" {
		p.PlannedBytes, p.PlannedDigest = 0, ""
	}
	return p
}
