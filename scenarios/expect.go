package scenarios

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/teapot-go/teapot/harness/checks"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios/strict"
)

const latenessPath = "expect.lateness"

// latestDefault is how late teapot may hand over 99 of 100 tasks if the file
// does not say.
const latestDefault = 10 * time.Millisecond

// A successStatus is a status that a client may take for a success.
type successStatus int

var _ strict.Scalar = new(successStatus)

// Accepts implements [strict.Scalar].
func (successStatus) Accepts() string {
	return "a status code from 300 to 599, as 2xx is a success in any case, or 207 where each part went well"
}

// Parse implements [strict.Scalar].
func (s *successStatus) Parse(text string) error {
	n, err := strconv.Atoi(text)
	*s = successStatus(n)
	return acceptIf(err == nil && (n >= 300 && n <= 599 || n == http.StatusMultiStatus))
}

// successKey is the key of the statuses that are a success, in the context of a
// task.
type successKey struct{}

// success returns the statuses beside 2xx that the client takes for a success.
func (s *Scenario) success() (all []int) {
	for _, status := range s.Expect.Success {
		all = append(all, int(status))
	}
	return all
}

// classOf returns the class of a whole answer with this status, for the client
// of a task.
func classOf(ctx context.Context, status int) record.Class {
	if all, _ := ctx.Value(successKey{}).([]int); slices.Contains(all, status) {
		return record.OK
	}
	return record.ClassOf(status)
}

// validateSuccess reports a list of statuses that is empty, has one twice, or
// is for a task that has none.
func validateSuccess(d *strict.Document, s *Scenario) {
	const at = "expect.success"
	if s.Server == nil {
		d.Require(at, "success", "server")
	}
	if d.Has(at) && len(s.Expect.Success) == 0 {
		d.Errorf(at, "the list is empty: want %s", successStatus(0).Accepts())
	}
	for i, status := range s.Expect.Success {
		if slices.Contains(s.Expect.Success[:i], status) {
			d.Errorf(itemPath(at, i), "%d: it is there twice: remove one", status)
		}
	}
}

// validateExpect reports expectations that no run could be judged by.
func validateExpect(d *strict.Document, s *Scenario) {
	validateSuccess(d, s)
	if s.Clock == clockReal && d.Valid("clock") {
		for _, key := range []string{"p50", "p90", "p95", "p99", "max", "schedule"} {
			d.Reject("expect."+key, "under the real clock, times depend on the machine: want clock: virtual")
		}
	}
	if d.Has(latenessPath) && d.Valid("workload") {
		if !d.Has(usersPath) {
			d.Require(latenessPath, "lateness", arrivalsPath)
		}
	}
	if s.Clock == clockVirtual && d.Valid("clock") {
		d.Reject(latenessPath, "under the virtual clock teapot is never late: want clock: real or auto")
	}
	if over := "expect.speedup.over"; d.Has(over) && d.Valid(over) && d.Valid("executors") {
		if _, err := s.reference(); err != nil {
			d.Errorf(over, "%v", err)
		} else if len(s.Cases()) == 1 {
			d.Errorf(over, "%s is the only executor: want another one to compare with it", s.Expect.Speedup.Over)
		}
	}
	if s.Expect.Order == ordering(checks.ByCompletion) && s.Workload.Deliver == defaultDeliver && d.Valid("workload") {
		d.Errorf("expect.order", "workload.deliver is map, which delivers in order of submission: want as_completed")
	}
	validateBounds(d, s)
	validateBegins(d, s)
	validateLong(d, s)
	validateForeseen(d, s)
}

// validateBounds reports bounds that contradict each other, and windows that no
// task falls due in.
func validateBounds(d *strict.Document, s *Scenario) {
	s.Expect.Latency.validate(d, s, "expect.latency")
	s.Expect.Service.validate(d, s, "expect.service")
	if d.Has("expect.recovery") && d.Valid("server") {
		s.validateRecovery(d, "expect.recovery")
	}
	valid := d.Valid("workload") && d.Valid("expect.outcomes") && d.Valid("expect.errors")
	if n := s.tasks(); n > 0 && valid && !s.endless() {
		s.validateShares(d, n)
	}
}

// expectations returns the checks that judge a run of the case, and warnings
// about expectations that cannot be judged. over is the makespan of the run
// that the speedup is measured over, 0 for none.
func (c Case) expectations(over time.Duration) ([]checks.Expectation, []string) {
	s, e := c.Scenario, c.Scenario.Expect
	l := expectationList{scenario: s, executor: itemPath("executors", c.executorIndex), warnings: s.warnings}
	l.always(c)
	counts, only := e.Outcomes.counts()
	switch {
	case e.Outcomes == nil:
		l.add("expect.outcomes", checks.Exact, askedForValues)
	case only:
		l.add("expect.outcomes", checks.Counts(counts), askedOfCounts(counts))
	}
	if e.Classification != "any" {
		l.add("expect.classification", checks.Classification, askedForClasses)
	}
	if e.Order != "" {
		l.add("expect.order", checks.Order(checks.Ordering(e.Order)), askedOfOrder(string(e.Order)))
	}
	queues := s.Server != nil && s.Server.Capacity != nil && !s.foreseen()
	switch {
	case e.Efficiency.IsSet() && queues:
		l.warnings = append(l.warnings,
			"expect.efficiency not judged: server.capacity makes tasks wait for one another")
	case e.Efficiency.IsSet():
		l.add("expect.efficiency", checks.Efficiency(e.Efficiency.Least), askedOfEfficiency(e.Efficiency.Least))
	}
	switch {
	case e.Speedup == nil || c.isReference() || slices.Contains(s.void, "expect.speedup.at_least"):
	case over == 0:
		l.warnings = append(l.warnings,
			fmt.Sprintf("expect.speedup not judged: the run of %s took no time or did not end", e.Speedup.Over))
	default:
		over, atLeast := e.Speedup.Over, float64(e.Speedup.AtLeast)
		l.add("expect.speedup", checks.Speedup(over, atLeast), askedOfSpeedup(over, atLeast))
	}
	if e.Schedule != nil {
		within := time.Duration(e.Schedule.Within)
		l.addVirtual("expect.schedule", checks.Schedule(within), askedOfSchedule(within))
	}
	for _, row := range s.figures() {
		check := checks.Bounded(row.check, row.figure, row.bound)
		switch {
		case slices.Contains(s.void, row.path):
		case only && row.check == "outcomes": // Counts judges all of them
		case row.exactTimes():
			l.addVirtual(row.path, check, askedOfFigure(row))
		default:
			l.add(row.path, check, askedOfFigure(row))
		}
	}
	if e.Retries != "any" {
		l.add("expect.retries", checks.Retries, askedForAttempts)
	}
	if !e.Leaks.Any {
		l.add("expect.leaks", checks.Leaks, askedForNoLeaks)
	}
	return l.list, l.warnings
}

// always adds what every run of the case is held to.
func (l *expectationList) always(c Case) {
	l.add("", checks.Limits, asked{})
	latest := cmp.Or(time.Duration(c.Scenario.Expect.Lateness.Most), latestDefault)
	l.add(latenessPath, checks.Generator(latest), askedOfGenerator(c, latest))
	l.add("", checks.Deadlock, askedToEnd)
	l.add("", checks.Concurrency, askedOfWorkers(c.Workers))
	l.add("", checks.Runs, askedToRunOnce)
	l.add("", checks.Shutdown, askedToShutDown)
}

// An expectationList collects the expectations of a case.
type expectationList struct {
	scenario *Scenario
	executor string // the path of the case's executor
	list     []checks.Expectation
	warnings []string
}

// add adds the expectation at a path. One that the file does not spell out gets
// the line of the executor.
func (l *expectationList) add(path string, check checks.Check, a asked) {
	if l.scenario.answersFreely() {
		check = l.scenario.answered(check)
	}
	e := checks.Expectation{Check: check, Name: a.name, Want: a.want, Got: a.got, File: l.scenario.file}
	if d := l.scenario.document; d.Has(path) {
		e.Line, _ = d.Position(path)
	} else {
		e.Line, _ = d.Position(l.executor)
	}
	l.list = append(l.list, e)
}

// answered blames the server, where it answers what the file does not say, for
// outcomes that the file would be blamed for. With faults of the file either
// may have a part in them. Times that the plan rules out are those of the file.
// How long the server takes to answer by itself no plan has, so that no client
// is blamed for it, nor is a run held to an ideal without it.
func (s *Scenario) answered(check checks.Check) checks.Check {
	culprit := record.ByServer
	if len(s.Server.Faults) > 0 || s.Server.Capacity != nil || s.Server.RateLimit != nil {
		culprit = ""
	}
	return func(r *record.Recording) []record.Violation {
		found := check(r)
		for i := range found {
			switch v := &found[i]; {
			case v.Culprit == record.ByFile && !v.Timed:
				v.Culprit = culprit
			case !v.Timed || v.Inconclusive || v.Culprit != record.ByClient && v.Culprit != "":
			case v.Check == "efficiency", v.Check == "speedup", v.Check == "schedule":
				v.Got += ", want " + v.Want + ", of an ideal without the time that the content takes by itself"
				v.Want = "content that answers at once, or expect service, latency or throughput in place of it"
				v.Culprit, v.Inconclusive = "", true
			default:
				v.Culprit = ""
			}
		}
		return found
	}
}

// addVirtual adds an expectation that can be judged under the virtual clock
// only, or else a warning.
func (l *expectationList) addVirtual(path string, check checks.Check, a asked) {
	if l.scenario.Clock == clockVirtual {
		l.add(path, check, a)
		return
	}
	l.warnings = append(l.warnings, path+" not judged: under the real clock, times depend on the machine")
}
