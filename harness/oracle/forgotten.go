package oracle

import (
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
)

// forgotten is why a task is in doubt whose requests may not be in the journal
// any more.
const forgotten = "the server's journal was full, and has dropped its oldest requests, so that it is not known what " +
	"the task met: make fewer requests in a run"

// wholeFrom returns the time from which on the journal has all requests: a task
// that began before may have had some that it has dropped. Those had ended when
// the first ended that is left.
func (o Oracle) wholeFrom(journal []servers.Entry) time.Duration {
	switch {
	case !o.Forgotten:
		return -1
	case o.Epoch.IsZero():
		return never
	}
	first := never
	for i := range journal {
		first = min(first, journal[i].Arrived+journal[i].Took)
	}
	if first == never {
		return never
	}
	return first + o.lag()
}

// forget takes back that no request came for tasks whose requests may have been
// dropped.
func forget(all []*task, whole time.Duration) {
	for _, t := range all {
		if t.from < whole && t.sample.Did == record.ActionNoRequest {
			t.sample.Did = ""
		}
	}
}

// doubtForgotten puts tasks in doubt whose requests may have been dropped. Of
// one that began later all are left, so that it is right if it agrees with
// them. If it does not, something before it may have been the reason, such as
// an answer that its client has kept.
func (o Oracle) doubtForgotten(all []*task, whole time.Duration) {
	if !o.Forgotten {
		return
	}
	for _, t := range all {
		s := t.sample
		if t.from < whole || s.Doubt == "" && !s.Agrees() {
			s.Doubt = forgotten
		}
		if s.Misstep != "" {
			s.Misstep, s.RetryDoubt = "", forgotten
		}
	}
}
