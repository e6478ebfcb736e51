package harness

// A Check is a pure function that holds what happened against what should have.
// It fills in the violation's Check, Got and Want; [Judge] adds the rest.
// Package checks has those that scenarios ask for.
type Check func(*Recording, *Oracle) []Violation

// An Expectation is a check and the place where it was asked for.
type Expectation struct {
	Check Check
	File  string
	Line  int
}

// Judge returns the violations of every expectation, in order, with their
// places and the command that reproduces them.
//
// A run that was interrupted is not judged. Of one that was stuck only that is
// said, because everything else follows from it.
func Judge(r *Recording, expectations []Expectation, reproduce string) []Violation {
	found := []Violation{}
	if r.Interrupted {
		return found
	}
	oracle := r.Oracle()
	for _, e := range expectations {
		for _, v := range e.Check(r, oracle) {
			if r.Deadlock != "" && v.Check != "deadlock" {
				continue
			}
			v.File, v.Line, v.Reproduce = e.File, e.Line, reproduce
			found = append(found, v)
		}
	}
	return found
}
