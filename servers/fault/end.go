package fault

import "fmt"

// An End is how an exchange ends for a client that reads it correctly.
type End int

// The ends.
const (
	EndAnswer    End = iota + 1 // with a complete answer, whose status says what it is
	EndWrongType                // with a complete answer whose Content-Type contradicts its body
	EndRedirects                // with more redirects than a client follows
	EndRefused                  // without a connection
	EndReset                    // with a connection that closes before the body, or is reset
	EndTruncated                // with a body that is shorter than announced
	EndMalformed                // with an answer that is not HTTP
	EndTimeout                  // when the client gives up: the answer never comes to its end
)

var endNames = [...]string{
	EndAnswer: "answer", EndWrongType: "wrong type", EndRedirects: "redirects", EndRefused: "refused",
	EndReset: "reset", EndTruncated: "truncated", EndMalformed: "malformed", EndTimeout: "timeout",
}

// Ends lists every end.
func Ends() []End {
	var ends []End
	for e := EndAnswer; int(e) < len(endNames); e++ {
		ends = append(ends, e)
	}
	return ends
}

// String returns the name of the end.
func (e End) String() string {
	if e < EndAnswer || int(e) >= len(endNames) {
		return fmt.Sprintf("End(%d)", int(e))
	}
	return endNames[e]
}

// A Body is how much of the content's body a client can read.
type Body int

// The bodies.
const (
	WholeBody   Body = iota + 1 // all of it, and the end of the answer
	WrongBody                   // as many bytes as it has, not all of them right
	OwnBody                     // none of it: the fault has a body of its own
	PartialBody                 // the answer ends for the client before the last byte that is sent
	NoBody                      // no byte: the answer ends before the first byte
)
