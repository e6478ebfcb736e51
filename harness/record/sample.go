package record

import (
	"encoding/hex"
	"slices"
	"time"
)

// A Sample is what happened to one task. Times are offsets from the start of
// the run, in nanoseconds; -1 stands for an event that never happened.
type Sample struct {
	Seq int    `json:"seq"` // position in the workload, from 0
	Key string `json:"key"` // what the task was about
	// which task of its key it is, from 2; 0 for the first, or the only one
	Occurrence int `json:"occurrence,omitempty"`
	Attempt    int `json:"attempt"` // the deciding attempt, from 1: the last that a correct client makes
	// whose task it is, from 1; 0 in a workload without users
	User int `json:"user,omitempty"`
	// how long the user thinks before it, from the end of its last task or the
	// start of the run
	Think time.Duration `json:"think_ns,omitempty"`
	Due   time.Duration `json:"due_ns"` // when the pacer wanted it submitted
	// how long the executor held the submission up beyond that, because it had
	// not taken the tasks before it
	Held      time.Duration `json:"held_ns,omitempty"`
	Submitted time.Duration `json:"submitted_ns"` // when the task was handed to the executor
	Started   time.Duration `json:"started_ns"`   // when the executor ran the task
	Finished  time.Duration `json:"finished_ns"`  // when the task returned
	Delivered time.Duration `json:"delivered_ns"` // when the result reached the caller
	// the lane, from 0: the lowest one free when the task started; -1 if it
	// never started
	Worker int `json:"worker"`
	Seen
	Planned
	Served int `json:"served_status"` // the HTTP status that the server sent, by its journal; 0 for none
	// what the server did, by its journal: the kind of a fault, none (it
	// answered without a fault), nothing (the client left first), turned_away
	// (no room), gave_up (no other attempt came), unasked (no request came),
	// unrun (nor did the executor run the task), or why none had to:
	// from_cache, shared (one of another task was for it too), failed_fast (as
	// of a circuit breaker) or held_back (as of a limiter)
	Did string `json:"did,omitempty"`
	// how its requests broke the policy of retries, and after ": " what would
	// have been right; "" if they did not
	Misstep string `json:"misstep,omitempty"`
	// how the executor broke its promise to run the task once, and after ": "
	// what would have been right; "" if it did not
	Misrun string `json:"misrun,omitempty"`
	// why it cannot be known whether a task of a batch was to be delivered, and
	// after ": " what would let it be; "" if it can
	RunDoubt string `json:"run_doubt,omitempty"`
	Doubt    string `json:"doubt,omitempty"` // why it cannot be known whether the task reports what it met; "" if it can
	// why it cannot be known whether its requests follow the policy of retries;
	// "" if it can
	RetryDoubt string `json:"retry_doubt,omitempty"`
	// the first requests of the task, only of some that do not report what they
	// met
	Requests []Request `json:"requests,omitempty"`

	// when the task would start under ideal first-in, first-out scheduling
	IdealStarted  time.Duration `json:"ideal_started_ns"`
	IdealFinished time.Duration `json:"ideal_finished_ns"`

	// the position of its result among those that were delivered, from 1, where
	// the order of submission was owed and this is another; otherwise 0
	Turn int `json:"turn,omitempty"`

	// tickets of the run, from 1, in the order in which they were taken: when
	// the executor's worker took up the task, and when it was about to leave
	// it. They are 0 if they are not known, and under the virtual clock if they
	// show nothing wrong, because they differ from run to run.
	Began int `json:"-"`
	Ended int `json:"-"`
	// the position of the result among those delivered, from 1; 0 if it is not
	// known, or the results of an executor are delivered as they complete
	Received int `json:"-"`
	// the task ended by a panic, which its error tells
	Panicked bool `json:"-"`
	// the number of a user's task in the plan, from 1; 0 for Seq + 1
	Number int `json:"-"`
}

// Task returns the number of the task in the plan, from 1, by which its
// requests name it.
func (s *Sample) Task() int {
	if s.Number > 0 {
		return s.Number
	}
	return s.Seq + 1
}

// Seen is what a task reports about itself.
type Seen struct {
	Class  Class `json:"class"`
	Status int   `json:"status"` // the HTTP status that the client saw, 0 for none
	// how many bytes of the body the client has in the end, in however many
	// parts it asked for them; 0 if it has none or does not count them
	Bytes int64 `json:"bytes"`
	// the SHA-256 of these bytes, decompressed: "sha256:" and 64 hexadecimal
	// digits; "" if the client does not compute it
	Digest string `json:"digest,omitempty"`
	Value  string `json:"value,omitempty"`
	Error  string `json:"error"`
	// how long the task had run when the head of the response came whose body
	// it read; 0 if none came, or the client does not report it
	Head time.Duration `json:"head_ns,omitempty"`
	// the exit status of a program that reports by it, if that is not 0
	Exit int `json:"-"`
}

// SetSHA256 sets the Digest of bytes whose SHA-256 is sum.
func (s *Seen) SetSHA256(sum []byte) { s.Digest = "sha256:" + hex.EncodeToString(sum) }

// Planned is what a task should meet and report.
type Planned struct {
	PlannedLatency time.Duration `json:"planned_latency_ns"` // how long the server waits by plan, over all attempts
	// how long the task takes by plan when nothing else delays it: the latency
	// or the client's timeout, over all attempts
	PlannedService time.Duration `json:"planned_service_ns"`
	PlannedFault   string        `json:"planned_fault"` // the planned fault: none, status, …
	PlannedClass   Class         `json:"planned_class"` // the class that a correct client reports
	PlannedValue   string        `json:"planned_value,omitempty"`
	// body bytes that a client must report of a success if it counts them; 0 if
	// not known
	PlannedBytes int64 `json:"planned_bytes,omitempty"`
	// their digest, as Seen has it; "" if not known
	PlannedDigest string `json:"-"`
	// there is nothing to read
	NoBytes bool `json:"-"`
	// how many bytes a client may report that does not decompress the body; 0
	// if it is not compressed
	Compressed int64 `json:"-"`
	// the server answered a request for a part with all of it
	RangeIgnored bool `json:"-"`
	// the status of the answer, 0 for none or if the content decides it, and
	// how long its Retry-After tells the client to wait
	PlannedStatus int           `json:"-"`
	PlannedPause  time.Duration `json:"-"`
	// PlannedBytes are those of a compressed body, so that a client that
	// decompresses it may report more
	Inflates bool `json:"-"`
	// time between the end of the response and the client's timeout, either
	// way: a busy machine can miss a narrow one
	PlannedMargin time.Duration `json:"-"`
}

// Latency returns the service time: from start to finish, without the wait in
// the executor's queue. It is -1 for a task that did not start or finish.
func (s *Sample) Latency() time.Duration {
	if s.Started < 0 || s.Finished < 0 {
		return -1
	}
	return s.Finished - s.Started
}

// NeverRan reports whether the executor has not run a task of the recording. A
// batch runs its tasks itself.
func (r *Recording) NeverRan(s *Sample) bool { return !r.Batch && s.Started < 0 }

// Wrong reports whether a sample of the recording certainly ended otherwise
// than a correct client reports. One that an interrupt kept from its end did
// not end, and of one in doubt, or on the other side of a timeout that the
// machine could not time, it cannot be known.
func (r *Recording) Wrong(s *Sample) bool {
	if s.PlannedClass == "" || s.Class == s.PlannedClass || s.Class.Outcome() == OutcomeNone || s.Doubt != "" {
		return false
	}
	crossed := (s.Class == Timeout) != (s.PlannedClass == Timeout)
	return !crossed || !slices.ContainsFunc(r.Inconclusive, func(v Violation) bool {
		return v.Check == "classification" && v.Culprit == ByMachine
	})
}

// IdealService returns the service time of the ideal run: the planned one, and
// the wait at a server of limited capacity, where that is foreseen.
func (s *Sample) IdealService() time.Duration { return s.IdealFinished - s.IdealStarted }

// Response returns the response time: from when the task was due to its finish,
// with every wait in between. It is -1 for a task that did not start or finish.
func (s *Sample) Response() time.Duration {
	if s.Started < 0 || s.Finished < 0 {
		return -1
	}
	return max(s.Finished-s.Due, 0)
}

// Lateness returns how late the generator handed the task over: the time since
// it was due, without the time for which the executor held it up. It is -1 for
// a task that was not handed over.
func (s *Sample) Lateness() time.Duration {
	if s.Submitted < 0 {
		return -1
	}
	return max(s.Submitted-s.Due-s.Held, 0)
}

// What a server did that is not a fault. [Request.Action] puts it in words.
const (
	ActionFaithful   = "none"        // it answered without a fault
	ActionClientLeft = "nothing"     // the client left before the server did anything
	ActionNoRequest  = "unasked"     // no request came
	ActionUnrun      = "unrun"       // no request came, as the executor did not run the task
	ActionBehind     = "behind"      // it answered only after the client had reported
	ActionGaveUp     = "gave_up"     // the client did not try again, as it should have
	ActionTurnedAway = "turned_away" // there was no room for it, or it came too soon
	ActionFromCache  = "from_cache"  // no request came, as the client had an answer of an earlier one
	ActionFailedFast = "failed_fast" // no request came, as earlier ones had failed
	ActionShared     = "shared"      // no request came, as one of another task was for it too
	ActionHeldBack   = "held_back"   // no request came, as the client limits its requests
)
