package record

import "time"

// A Sample is what happened to one task. Times are offsets from the start of
// the run, in nanoseconds; a time that was never reached is -1.
type Sample struct {
	Seq       int           `json:"seq"`          // position in the workload, from 0
	Key       string        `json:"key"`          // what the task was about
	Attempt   int           `json:"attempt"`      // the one that decides: the last that a correct client makes, from 1
	Due       time.Duration `json:"due_ns"`       // when the pacer wanted it submitted
	Submitted time.Duration `json:"submitted_ns"` // when it was handed to the executor
	Started   time.Duration `json:"started_ns"`   // when the executor ran it
	Finished  time.Duration `json:"finished_ns"`  // when it returned
	Delivered time.Duration `json:"delivered_ns"` // when its result reached the caller
	Worker    int           `json:"worker"`       // the lane, from 0: the lowest one free when it started; -1 if it never did
	Seen
	Planned
	Served int    `json:"served_status"`   // the status that the server's journal says it sent, 0 for none
	Did    string `json:"did,omitempty"`   // what the journal says that the server did: a fault, none for a faithful answer, nothing when the client went away first, turned_away when there was no room, unasked when no request came
	Doubt  string `json:"doubt,omitempty"` // why it cannot be known whether the task reports what it met; "" if it can

	IdealStarted  time.Duration `json:"ideal_started_ns"` // under ideal first-in, first-out scheduling
	IdealFinished time.Duration `json:"ideal_finished_ns"`
}

// Seen is what a task reports of itself.
type Seen struct {
	Class  Class         `json:"class"`
	Status int           `json:"status"` // the HTTP status that the client saw, 0 for none
	Bytes  int64         `json:"bytes"`  // body bytes that the client read, 0 if it read none or does not count them
	Value  string        `json:"value,omitempty"`
	Error  string        `json:"error"`
	Head   time.Duration `json:"head_ns,omitempty"` // how long the task had run when the head of the answer came whose body it then read; 0 if none did, or it does not say
}

// Planned is what a task should meet and report.
type Planned struct {
	PlannedLatency time.Duration `json:"planned_latency_ns"` // what the plan makes it wait, at all attempts together
	PlannedService time.Duration `json:"planned_service_ns"` // how long it takes when nothing else holds it up: the latency, or the client's timeout, at all attempts together
	PlannedFault   string        `json:"planned_fault"`      // what the plan does to it: none, status, …
	PlannedClass   Class         `json:"planned_class"`      // what a correct client must report
	PlannedValue   string        `json:"planned_value,omitempty"`
	PlannedBytes   int64         `json:"planned_bytes,omitempty"` // body bytes that a client which counts them must report, 0 where that is not known
	Inflates       bool          `json:"-"`                       // they may have been compressed, and be more to a client that asked for that
	PlannedMargin  time.Duration `json:"-"`                       // between the end of the answer and the client's timeout, either way: what is near a busy machine can miss
}

// Latency is the service time: from start to finish, without the wait in the
// executor's queue. It is -1 if either never came.
func (s Sample) Latency() time.Duration {
	if s.Started < 0 || s.Finished < 0 {
		return -1
	}
	return s.Finished - s.Started
}

// What a server did that is not a fault. [DescribeAction] puts it in words.
const (
	ActionFaithful   = "none"        // it answered without a fault
	ActionClientLeft = "nothing"     // the client went away before it could do anything
	ActionNoRequest  = "unasked"     // no request came
	ActionTurnedAway = "turned_away" // there was no room for it, or it came too soon
)

// DescribeAction returns in words what a server did, as a sample's Did names
// it. A fault keeps its name.
func DescribeAction(did string) string {
	switch did {
	case ActionFaithful:
		return "no fault"
	case ActionClientLeft:
		return "client left first"
	case ActionNoRequest:
		return "no request came"
	case ActionTurnedAway:
		return "turned away"
	}
	return did
}
