package html

import (
	"fmt"
	"strings"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/findings"
	"github.com/teapot-go/teapot/reports/text"
)

// Evidence is the smallest picture of one run that shows a finding: the run's
// lanes, the order of its results, or the requests of one of its tasks.
type evidence struct {
	Run    *run
	Says   string // what the picture shows
	Strip  bool   // the lanes of the run
	Order  bool   // the order of its results
	Ladder *ladder
}

// newEvidence returns what shows a case of a finding in one of its runs, or nil
// where a picture tells no more than the words do.
func newEvidence(f findings.Finding, c findings.Case, v *run) *evidence {
	e := &evidence{Run: v}
	switch {
	case f.Doubt != "" || f.Culprit == record.ByFile || f.Culprit == record.ByServer:
		return nil
	case c.Timed:
		e.Says = lost(v.Recording)
		e.Strip = e.Says != "" && len(v.Strip.Bars) > 0
	case f.Culprit == record.ByClient:
		if n := wrong(v.Recording); n > 0 {
			e.Strip = len(v.Strip.Bars) > 0
			e.Says = fmt.Sprintf("%d of %s reported what a correct client does not.", n,
				text.Plural(v.Tasks(), "task"))
		}
		e.Ladder = newLadder(v.Recording, c.Requests)
	case f.Check == "order" && v.Recording.Delivery != "" && v.Order != nil:
		e.Order, e.Says = true, strings.Join(v.Order.Words[:2], " ")
	}
	if !e.Strip && !e.Order && e.Ladder == nil {
		return nil
	}
	return e
}

// wrong is how many tasks that ran certainly reported what a correct client
// does not.
func wrong(r *record.Recording) (n int) {
	if r.Totals != nil {
		return r.Totals.WrongTasks()
	}
	for i := range r.Samples {
		if s := &r.Samples[i]; r.Wrong(s) && !r.NeverRan(s) {
			n++
		}
	}
	return n
}

// lost says how much later than its ideal a run ended, "" of one that did not.
func lost(r *record.Recording) string {
	if r.IdealMakespan <= 0 || r.Makespan <= r.IdealMakespan {
		return ""
	}
	return fmt.Sprintf("It ended after %s, and ideally after %s.", text.Short(r.Makespan), text.Short(r.IdealMakespan))
}

// A ladder shows the requests of one task, one below the other, on one scale of
// time, and at last what the task reported.
type ladder struct {
	Key  string
	Took string // the time that it spans
	Rows []rung
	Said string
	Want string // what a correct client reports; "" if it said that
	Rest []string
}

// A rung is one request. X and Width are in percent of the ladder's time.
type rung struct {
	Attempt  int
	Did      string // with the status
	From, To string
	X, Width string
	Good     bool // the server answered without a fault
	Left     bool // the client went away before the end
}

// newLadder returns the requests of the task with which the lines of evidence
// begin, or nil if the recording does not have them. The other lines are its
// rest.
func newLadder(r *record.Recording, lines []string) *ladder {
	if len(lines) == 0 {
		return nil
	}
	for i := range r.Samples {
		s := &r.Samples[i]
		if len(s.Requests) == 0 || lines[0] != s.Key+" "+s.Requests[0].String() {
			continue
		}
		l := &ladder{Key: show(s.Key, 60), Said: show(string(s.Class), 40)}
		if s.Status != 0 {
			l.Said += fmt.Sprintf(" %d", s.Status)
		}
		if s.PlannedClass != s.Class {
			l.Want = show(string(s.PlannedClass), 40)
			if s.PlannedClass == record.Status && s.Served != 0 {
				l.Want += fmt.Sprintf(" %d", s.Served)
			}
		}
		l.rungs(s)
		l.Rest = lines[min(len(s.Requests), len(lines)):]
		return l
	}
	return nil
}

// rungs sets the rows of the requests of a task.
func (l *ladder) rungs(s *record.Sample) {
	from, to := s.Requests[0].Arrived, max(s.Finished, 0)
	if s.Started >= 0 {
		from = min(from, s.Started)
	}
	for _, q := range s.Requests {
		from, to = min(from, q.Arrived), max(to, q.Arrived+q.Took)
	}
	span := float64(max(to-from, 1))
	for _, q := range s.Requests {
		wide := max(100*float64(q.Took)/span, 0.5)
		l.Rows = append(l.Rows, rung{
			Attempt: q.Attempt, Did: text.Clip(text.Printable(q.Answered()), 50),
			From: text.Short(q.Arrived), To: text.Short(q.Arrived + q.Took), Good: q.Did == record.ActionFaithful,
			Left:  q.Left && q.Did != record.ActionClientLeft,
			X:     fmt.Sprintf("%.2f%%", min(100*float64(q.Arrived-from)/span, 99.5)),
			Width: fmt.Sprintf("%.2f%%", wide),
		})
	}
	l.Took = text.Short(to - from)
}
