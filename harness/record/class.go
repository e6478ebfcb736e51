package record

// A Class says how a task ended, as a correct client must report it.
type Class string

// The classes, in the order in which reports list them.
const (
	OK        Class = "ok"        // a 2xx response, or a value
	NotFound  Class = "not_found" // a 404 response
	Status    Class = "status"    // any other 4xx or 5xx response
	Redirect  Class = "redirect"  // redirects without an end
	Timeout   Class = "timeout"   // no complete response within the client's timeout
	Refused   Class = "refused"   // no server listened at the address
	Reset     Class = "reset"     // the connection broke: before the whole head came, or by a reset at any time
	Truncated Class = "truncated" // the connection closed in order, but within the body
	Malformed Class = "malformed" // the response is not valid HTTP, or not of its stated type
	Failed    Class = "failed"    // the task failed by itself, as with a panic, or its error tells nothing of a request
	Lost      Class = "lost"      // the task never ended: it was cancelled, or the run stopped before it did
)

// The classes of tasks that an interrupt of the run kept from their end. Tasks
// cannot report them, and they count as no outcome.
const (
	NotStarted Class = "not_started" // the task had not started
	CutOff     Class = "cut_off"     // the task was under way
)

// Classes lists every class that a task can report, in the order in which
// reports list them.
func Classes() []Class {
	return []Class{OK, NotFound, Status, Redirect, Timeout, Refused, Reset, Truncated, Malformed, Failed, Lost}
}

// An Outcome is the coarse form of a class: every class but ok and not_found
// counts as an error, except those of an interrupt.
type Outcome string

// The outcomes, in the order in which reports list them.
const (
	OutcomeOK       Outcome = "ok"
	OutcomeNotFound Outcome = "not_found"
	OutcomeError    Outcome = "error"

	// OutcomeNone is that of tasks that an interrupt kept from their end.
	OutcomeNone Outcome = "none"
)

// Outcome returns the outcome that c counts as.
func (c Class) Outcome() Outcome {
	switch c {
	case OK:
		return OutcomeOK
	case NotFound:
		return OutcomeNotFound
	case NotStarted, CutOff:
		return OutcomeNone
	default:
		return OutcomeError
	}
}

// ClassOf returns the class of a complete response with this status.
func ClassOf(status int) Class {
	switch {
	case status >= 200 && status <= 299:
		return OK
	case status == 404:
		return NotFound
	default:
		return Status
	}
}
