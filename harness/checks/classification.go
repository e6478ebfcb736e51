package checks

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/teapot-go/teapot/harness/record"
)

// Classification expects every task to report the class that a correct client
// reports of what its plan made it meet, and to have been answered by the
// server, with the status that the client saw if it says one. Of a success it
// also expects the bytes of the file, of a client that counts them or has their
// digest.
// It is inconclusive about tasks that could have met different requests.
//
// A task that never started says nothing of the client: the executor refused
// it, gave it up or lost it.
func Classification(r *record.Recording) []record.Violation {
	doubts := doubtful("classification", r, func(s record.Sample) string {
		if s.Panicked { // which is certain
			return ""
		}
		return s.Doubt
	})
	return slices.Concat(panicked(r), wrong(r), unrun(r), untimed(r), doubts, unjoined("classification", r))
}

// unjoined is inconclusive about what came too late to be held against tasks
// whose samples were left out, and about the tasks of which there were too many
// to hold.
func unjoined(check string, r *record.Recording) (found []record.Violation) {
	for _, why := range r.Unjoined {
		reason, remedy := reasoned(why)
		found = append(found, record.Violation{Check: check, Inconclusive: true, Got: reason, Want: remedy})
	}
	return found
}

// Guard returns how close to its timeout the run may miss what is planned: as
// [record.Clock.Guard] says.
func Guard(r *record.Recording) time.Duration { return r.Clock.Guard(r.Timeout, r.Late) }

// tooNear reports whether a sample contradicts the plan only by a timeout that
// is planned so near to an answer that the machine can have missed it.
func tooNear(r *record.Recording, s *record.Sample) bool {
	crossed := (s.Class == record.Timeout) != (s.PlannedClass == record.Timeout)
	answered := s.Class == record.OK || s.Class == record.NotFound || s.Class == record.Status
	invented := answered && s.Did != "" && s.Served == 0
	return crossed && !invented && !early(r, s) && s.PlannedMargin < Guard(r)
}

// early reports whether a sample is of a timeout that no lateness of the
// machine explains: less time has passed than the plan leaves.
func early(r *record.Recording, s *record.Sample) bool {
	return s.Class == record.Timeout && s.Finished-s.Started < s.PlannedMargin &&
		s.PlannedMargin >= r.Clock.Guard(r.Timeout, 0)
}

// unreported reports whether a batch has not reported a task, which [Runs]
// says.
func unreported(r *record.Recording, s *record.Sample) bool { return r.Batch && s.Delivered < 0 }

// untimed is inconclusive about the tasks that came out on the other side of
// their timeout than planned, near to it.
func untimed(r *record.Recording) []record.Violation {
	var keys []string
	var margin time.Duration
	for i := range r.Samples {
		if s := &r.Samples[i]; s.Doubt == "" && !unreported(r, s) && tooNear(r, s) {
			keys, margin = append(keys, s.Key), max(margin, s.PlannedMargin)
		}
	}
	if keys == nil {
		return nil
	}
	why := "which this machine cannot time"
	if margin >= r.Clock.Guard(r.Timeout, 0) {
		late := r.Late.Round(time.Millisecond)
		why = fmt.Sprintf("and the machine was up to %v late at each step of a request", late)
	}
	return []record.Violation{{
		Check: "classification", Inconclusive: true, Noise: true, Margin: margin, Culprit: record.ByMachine,
		Got: fmt.Sprintf("%d of %d tasks (%s): the answer is planned within %v of the timeout of %v, %s", len(keys),
			r.Tasks(), abridge(keys), Guard(r).Round(time.Millisecond), r.Timeout, why),
		Want: fartherTimeout,
	}}
}

// fartherTimeout is what to do about what a machine cannot time, and might in
// another run: also where the oracle doubts a client for it.
const fartherTimeout = "use clock: virtual, or a timeout that is farther from every latency"

// doubtful groups the tasks that a check cannot judge by the reason.
func doubtful(check string, r *record.Recording, reason func(record.Sample) string) (found []record.Violation) {
	keys := map[string][]string{}
	for _, s := range r.Samples {
		if why := reason(s); why != "" {
			keys[why] = append(keys[why], s.Key)
		}
	}
	for _, why := range slices.Sorted(maps.Keys(keys)) {
		reason, remedy := reasoned(why)
		found = append(found, record.Violation{
			Check: check, Inconclusive: true, Noise: remedy == fartherTimeout, Want: remedy,
			Got: fmt.Sprintf("%d of %d tasks (%s): %s", len(keys[why]), r.Tasks(), abridge(keys[why]), reason),
		})
	}
	return found
}

// reasoned returns the reason and the remedy of a doubt, of a text that has
// both with a colon between them. A quotation in the reason may have colons
// too.
func reasoned(why string) (reason, remedy string) {
	quoted := false
	for i := range why {
		switch {
		case why[i] == '"' && (i == 0 || why[i-1] != '\\'):
			quoted = !quoted
		case !quoted && strings.HasPrefix(why[i:], ": "):
			return why[:i], why[i+len(": "):]
		}
	}
	reason, remedy, _ = strings.Cut(why, ": ")
	return reason, remedy
}

// wrong is the violation of the tasks that report what they did not meet.
func wrong(r *record.Recording) []record.Violation {
	var got, want []string
	var late lateness
	var differing []record.Sample
	errors := causes{}
	for _, s := range r.Samples {
		known := len(got)
		switch {
		case s.Panicked, s.Doubt != "", unreported(r, &s), neverRan(r, &s), tooNear(r, &s):
		case s.Class != s.PlannedClass:
			got = append(got, s.Key+" "+string(cmp.Or(s.Class, "no class"))+gaveUp(s.Did)+errors.because(s.Error))
			want = append(want, s.Key+" "+due(s)+again(s.Attempt)+after(s.Did))
		case !s.Asked():
			got = append(got, s.Key+" "+string(s.Class)+after(s.Did))
			want = append(want, s.Key+" "+string(s.PlannedClass)+again(s.Attempt)+" as the answer to a request")
		case !s.StatusServed():
			got = append(got, fmt.Sprintf("%s %d", s.Key, s.Status))
			want = append(want, s.Key+" "+served(s.Served))
		case !s.BytesServed() || !s.DigestServed():
			has, should := s.DifferingBytes()
			got, want = append(got, s.Key+" "+has), append(want, s.Key+" "+should)
		}
		if len(got) > known {
			late.add(s)
			differing = append(differing, s)
		}
	}
	if got == nil {
		return nil
	}
	v := record.Violation{
		Check: "classification", Got: abridge(got), Want: abridge(want), Culprit: record.ByClient,
		Noise: r.Timeout > 0 && !late.other, Margin: late.margin,
	}
	shown := differing
	if len(differing) > few {
		v.Got, v.Want, shown = grouped(differing)
	}
	v.Requests = evidence(shown)
	return []record.Violation{v}
}

// panicked is the violation of the tasks that ended by a panic, which no plan
// asks for, whatever class the client may report.
func panicked(r *record.Recording) []record.Violation {
	var got, want []string
	var those []record.Sample
	errors := causes{}
	for _, s := range r.Samples {
		if s.Panicked {
			got, want = append(got, s.Key+errors.because(s.Error)), append(want, s.Key+" "+due(s))
			those = append(those, s)
		}
	}
	if got == nil {
		return nil
	}
	return []record.Violation{{
		Check: "panic", Got: abridge(got), Want: abridge(want), Culprit: record.ByClient, Requests: evidence(those),
	}}
}

// neverRan reports whether the executor has not run a task that should have
// ended in another way.
func neverRan(r *record.Recording, s *record.Sample) bool {
	return r.NeverRan(s) && s.Class != s.PlannedClass
}

// unrun is the violation of the tasks that the executor has not run.
func unrun(r *record.Recording) []record.Violation {
	var got, want []string
	errors := causes{}
	for i := range r.Samples {
		if s := &r.Samples[i]; s.Doubt == "" && neverRan(r, s) {
			did := " never ran"
			if s.Misrun != "" { // which Runs tells, as that it was refused and run
				did = " has no result"
			}
			got = append(got, s.Key+did+errors.because(s.Error))
			want = append(want, s.Key+" "+due(*s))
		}
	}
	if got == nil {
		return nil
	}
	return by(record.ByExecutor, violation("classification", abridge(got), abridge(want)))
}

// due is the class that a correct client reports of a sample, with the status
// that the server sent where the class is that of statuses.
func due(s record.Sample) string {
	if s.PlannedClass == record.Status && s.Served != 0 {
		return fmt.Sprintf("%s %d", s.PlannedClass, s.Served)
	}
	return cmp.Or(string(s.PlannedClass), "no report")
}

// few tasks are told one by one, more of them in groups.
const few = 3

// grouped tells samples that differ from what they met in groups of equal
// differences, one a line, the largest first. It returns the first of each
// group too.
func grouped(differing []record.Sample) (got, want string, firsts []record.Sample) {
	const most = 10
	groups := map[difference][]record.Sample{}
	var order []difference
	for _, s := range differing {
		d := differenceOf(s)
		if groups[d] == nil {
			order = append(order, d)
		}
		groups[d] = append(groups[d], s)
	}
	slices.SortStableFunc(order, func(a, b difference) int { return len(groups[b]) - len(groups[a]) })
	var gots, wants []string
	for _, d := range order[:min(len(order), most)] {
		those := groups[d]
		keys := make([]string, len(those))
		for i, s := range those {
			keys[i] = s.Key
		}
		firsts = append(firsts, those[0])
		gots = append(gots, fmt.Sprintf("%d × %s: %s%s", len(those), d.said, abridge(keys), first(those)))
		wants = append(wants, fmt.Sprintf("%d × %s", len(those), d.want))
	}
	if more := len(order) - most; more > 0 {
		gots = append(gots, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(gots, "\n"), strings.Join(wants, "\n"), firsts
}

// A difference is what a client said, and what a correct one says after what
// the server did.
type difference struct{ said, want string }

func differenceOf(s record.Sample) difference {
	_, said, want := s.Differs()
	if s.Class == s.PlannedClass {
		return difference{said + gaveUp(s.Did), want + after(s.Did)}
	}
	return difference{said + gaveUp(s.Did), due(s) + after(s.Did)}
}

// first tells of the first sample that has one the error, or else the bytes
// where they differ.
func first(those []record.Sample) string {
	for _, s := range those {
		if s.Error != "" && s.Class != s.PlannedClass {
			return fmt.Sprintf("; the error of %s: %s", s.Key, s.Error)
		}
	}
	if s := those[0]; !s.BytesServed() {
		return fmt.Sprintf("; %s: %d bytes of %d", s.Key, s.Bytes, s.PlannedBytes)
	}
	return ""
}

// evidence lists the requests of samples that have them.
func evidence(shown []record.Sample) (lines []string) {
	const most = 30
	more := 0
	for _, s := range shown {
		for _, r := range s.Requests {
			if len(lines) == most {
				more++
				continue
			}
			lines = append(lines, s.Key+" "+r.String())
		}
	}
	if more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", more))
	}
	return lines
}

// A lateness collects the samples that contradict the plan. All of them can be
// a busy machine's doing if each reports a timeout in place of an answer, or an
// answer in place of a timeout.
type lateness struct {
	other  bool // one contradicts the plan in another way
	margin time.Duration
}

func (l *lateness) add(s record.Sample) {
	if (s.Class == record.Timeout) == (s.PlannedClass == record.Timeout) {
		l.other = true
		return
	}
	l.margin = max(l.margin, s.PlannedMargin)
}

// again names the attempt that decides, where it is not the first.
func again(attempt int) string {
	if attempt <= 1 {
		return ""
	}
	return fmt.Sprintf(" at attempt %d", attempt)
}

// after describes what the server did, where the class does not.
func after(did string) string {
	switch did {
	case "", "none", "status":
		return ""
	case record.ActionGaveUp:
		return " (by another attempt)"
	case record.ActionClientLeft, record.ActionNoRequest, record.ActionBehind, record.ActionTurnedAway:
		return " (" + record.Request{Did: did}.Action() + ")"
	}
	return " (after " + did + ")"
}

func served(status int) string {
	if status == 0 {
		return "nothing, as the server sent no answer"
	}
	return fmt.Sprintf("%d, which the server sent", status)
}

// gaveUp tells of a client that did not try again.
func gaveUp(did string) string {
	if did != record.ActionGaveUp {
		return ""
	}
	return " (" + record.Request{Did: did}.Action() + ")"
}

// causes are errors that have been told.
type causes map[string]bool

// because returns an error behind what it caused. A long one is told once.
func (c causes) because(err string) string {
	const long = 60
	switch {
	case err == "":
		return ""
	case c[err] && len(err) > long:
		return " (the same error)"
	}
	c[err] = true
	return " (" + err + ")"
}
