package charts

import "github.com/teapot-go/teapot/harness/record"

// A Look is how a task is shown in every picture and table: by its outcome, or
// as wrong where a correct client certainly reports another class. So an error
// that the plan asks for and the client rightly reports looks calm. The look of
// an outcome is called as the outcome is.
type Look string

// The looks, from what one would see last to what one would see first.
const (
	LookOK       = Look(record.OutcomeOK)
	LookNotFound = Look(record.OutcomeNotFound)
	LookNone     = Look(record.OutcomeNone) // an interrupt kept it from its end
	LookError    = Look(record.OutcomeError)
	LookWrong    = Look("wrong")
)

// looks are all of them. Where as many tasks of a cell have another look, the
// later one is shown.
var looks = [...]Look{LookOK, LookNotFound, LookNone, LookError, LookWrong}

// LookOf returns the look of a sample of the recording.
func LookOf(r *record.Recording, s *record.Sample) Look {
	if r.Wrong(s) {
		return LookWrong
	}
	return Look(s.Class.Outcome())
}

// Symbol stands for the look beside its colour.
func (l Look) Symbol() string {
	return map[Look]string{LookOK: "✓", LookNotFound: "∅", LookNone: "○", LookError: "⊘", LookWrong: "✗"}[l]
}

// Words are what the look means, in a key.
func (l Look) Words() string {
	return map[Look]string{
		LookOK: "ok", LookNotFound: "not found", LookNone: "cut off", LookError: "error", LookWrong: "wrong",
	}[l]
}

// place is the place of the look among all.
func (l Look) place() int {
	for i := range looks {
		if looks[i] == l {
			return i
		}
	}
	return 0
}
