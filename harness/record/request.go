package record

import (
	"cmp"
	"fmt"
	"time"

	"github.com/teapot-go/teapot/harness/rounded"
)

// maxRequests is how many requests a sample lists.
const maxRequests = 20

// AddRequest adds a request to those that the sample lists. The sample lists
// the first 20 only.
func (s *Sample) AddRequest(r Request) {
	if len(s.Requests) < maxRequests {
		s.Requests = append(s.Requests, r)
	}
}

// A Request is one request of a task, as the server's journal has it. What a
// client sends again in one attempt, as for a redirect, is one request.
type Request struct {
	Attempt int           `json:"attempt"`        // from 1
	Arrived time.Duration `json:"arrived_ns"`     // from the start of the run
	Took    time.Duration `json:"took_ns"`        // until the server was done with it
	Did     string        `json:"did"`            // what the server did, as a sample's Did
	Status  int           `json:"served_status"`  // the status that it sent, 0 for none
	Left    bool          `json:"left,omitempty"` // the client went away before the end
	Rule    int           `json:"-"`              // the number of its fault among the plan's, from 1; 0 for none
}

// String returns the request in one line: its attempt, when it was under way,
// and what came of it.
func (r Request) String() string {
	from, to := rounded.Durations(r.Arrived, r.Arrived+r.Took)
	said := fmt.Sprintf("attempt %d from %s to %s: %s", r.Attempt, from, to, r.Answered())
	if r.Left && r.Did != ActionClientLeft {
		said += ", the client left"
	}
	return said
}

// Answered describes what the server did, with the status that it sent.
func (r Request) Answered() string {
	switch did := r.Action(); {
	case r.Status == 0:
		return did
	case r.Did == "status": // the fault is the status
		return fmt.Sprintf("status %d", r.Status)
	default:
		return fmt.Sprintf("%s, status %d", did, r.Status)
	}
}

// Action describes what the server did. A fault keeps its name.
func (r Request) Action() string {
	switch r.Did {
	case ActionFaithful:
		return "no fault"
	case ActionClientLeft:
		return "client left first"
	case ActionNoRequest:
		return "no request came"
	case ActionUnrun:
		return "the task never ran"
	case ActionBehind:
		return "reported before an answer came"
	case ActionGaveUp:
		return "client gave up"
	case ActionTurnedAway:
		return "turned away"
	case ActionFromCache:
		return "from the client's cache"
	case ActionShared:
		return "in another task's request"
	case ActionFailedFast:
		return "failed without a request"
	case ActionHeldBack:
		return "held back by the client"
	}
	return r.Did
}

// Differs returns what the task met, what it said and what it should have said,
// if it is known that the two do not agree. The tasks of a group have the same
// three. All are "" if they agree, or if it cannot be known.
func (s *Sample) Differs() (met, said, want string) {
	if s.Doubt != "" || s.RunDoubt != "" || s.Agrees() {
		return "", "", ""
	}
	met = Request{Did: cmp.Or(s.Did, s.PlannedFault, ActionFaithful)}.Action()
	said, want = cmp.Or(string(s.Class), "no class"), cmp.Or(string(s.PlannedClass), "no report")
	switch {
	case s.Class != s.PlannedClass:
	case !s.Asked():
		want += " as the answer to a request"
	case !s.StatusServed():
		said, want = fmt.Sprintf("status %d", s.Status), fmt.Sprintf("status %d, which the server sent", s.Served)
		if s.Served == 0 {
			want = "no status, as the server sent no answer"
		}
	case !s.BytesServed() && s.PlannedDigest == "":
		said, want = "other bytes", "the bytes that the server sent"
	case !s.BytesServed():
		said, want = "other bytes", "the bytes of the file"
	default:
		said, want = "bytes with another digest", "the bytes of the file"
	}
	return met, said, want
}
