package scenarios

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/teapot-go/teapot/harness/bounds"
	"github.com/teapot-go/teapot/harness/oracle"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios/strict"
)

// retryCause is what an attempt came to that is tried again: a class, a status,
// or 4xx or 5xx.
type retryCause string

// pauses are the pauses between attempts.
type pauses struct {
	first, most time.Duration
	doubles     bool    // from first up to most; else any pause between the two
	jitter      float64 // by which share a pause may be shorter
}

// retriedClasses are the classes that may be tried again, but for statuses.
var retriedClasses = []record.Class{
	record.Timeout, record.Refused, record.Reset, record.Truncated, record.Malformed, record.Redirect,
}

// usualCauses are tried again by default.
var usualCauses = append(stringsTo[retryCause](retriedClasses), "408", "425", "429", "5xx")

func stringsTo[T, S ~string](words []S) []T {
	list := make([]T, len(words))
	for i, w := range words {
		list[i] = T(w)
	}
	return list
}

// Accepts implements [strict.Scalar].
func (retryCause) Accepts() string {
	return strings.Join(stringsOf(retriedClasses), ", ") + ", a status from 400 to 599, 4xx or 5xx"
}

// Parse implements [strict.Scalar].
func (c *retryCause) Parse(text string) error {
	*c = retryCause(text)
	status, err := strconv.Atoi(text)
	return acceptIf(text == "4xx" || text == "5xx" || slices.Contains(retriedClasses, record.Class(text)) ||
		err == nil && status >= 400 && status <= 599)
}

// covers reports whether an attempt came to the cause.
func (c retryCause) covers(class record.Class, status int) bool {
	if class != record.Status && class != record.NotFound {
		return string(c) == string(class)
	}
	return string(c) == strconv.Itoa(status) || string(c) == fmt.Sprintf("%dxx", status/100)
}

// Accepts implements [strict.Scalar].
func (pauses) Accepts() string {
	return "a duration such as 100ms, uniform(50ms, 150ms), exponential(100ms, 2s) or exponential(100ms, 2s, 0.5)"
}

// Parse implements [strict.Scalar].
func (p *pauses) Parse(text string) error {
	name, inner, called := strings.Cut(strings.TrimSuffix(text, ")"), "(")
	if !called {
		d, err := time.ParseDuration(text)
		p.first, p.most = d, d
		return acceptIf(err == nil && d > 0)
	}
	args := strings.Split(inner, ",")
	errs, is := [2]error{}, true
	if name == "exponential" && len(args) == 3 {
		p.jitter, is = bounds.ParseShare(strings.TrimSpace(args[2]))
		args = args[:2]
	}
	p.doubles = name == "exponential"
	if len(args) != 2 || name != "uniform" && !p.doubles || !strings.HasSuffix(text, ")") {
		return acceptIf(false)
	}
	p.first, errs[0] = time.ParseDuration(strings.TrimSpace(args[0]))
	p.most, errs[1] = time.ParseDuration(strings.TrimSpace(args[1]))
	return acceptIf(is && errs == [2]error{} && p.first >= 0 && p.first <= p.most && p.most > 0 && p.jitter <= 1)
}

// after returns the shortest and the longest pause after an attempt, from 1.
func (p pauses) after(attempt int) (least, most time.Duration) {
	if !p.doubles {
		return p.first, p.most
	}
	d := p.first
	for n := 1; n < attempt && d < p.most; n++ {
		d *= 2
	}
	d = min(d, p.most)
	return d - time.Duration(p.jitter*float64(d)), d
}

// attempts returns how many attempts at each key the client may make.
func (w Workload) attempts() int {
	if w.Retry != nil {
		return int(w.Retry.Attempts)
	}
	return int(w.Attempts)
}

// whole reports whether the timeout is that of all attempts at a key together.
func (w Workload) whole() bool { return w.Retry != nil && w.Retry.Timeout == "whole" }

// policy returns the policy of retries, nil for none.
func (w Workload) policy() *oracle.Retry {
	r := w.Retry
	if r == nil {
		return nil
	}
	causes := r.On
	if causes == nil {
		causes = usualCauses
	}
	return &oracle.Retry{
		On: func(class record.Class, status int) bool {
			return slices.ContainsFunc(causes, func(c retryCause) bool { return c.covers(class, status) })
		},
		Unsafe: r.Methods == "any", Wait: r.Wait.after, Hasty: r.RetryAfter == "ignore",
	}
}

// validateRetry reports keys of a policy of retries that contradict each other.
func validateRetry(d *strict.Document, s *Scenario) {
	const at = "workload.retry"
	r := s.Workload.Retry
	if r == nil {
		return
	}
	d.Reject("workload.attempts", "workload.retry has the number of attempts: remove one of the two")
	if s.Workload.whole() {
		d.Require(at+".timeout", "timeout: whole", "workload.timeout")
	}
	for _, key := range []string{"on", "methods", "wait", "retry_after", "timeout"} {
		if r.Attempts == 1 {
			d.Reject(at+"."+key, "of a single attempt nothing is tried again: remove this, or want attempts above 1")
		}
	}
	if r.Attempts != 1 && d.Has(at+".on") && len(r.On) == 0 {
		d.Errorf(at+".on", "the list is empty: want %s", retryCause("").Accepts())
	}
}

// unaskedUnknown is the default of workload.unasked.
const unaskedUnknown = "unknown"

// readsPart is the other value of workload.reads than its default.
const readsPart = "part"

// validateHabits reports a client that may leave out requests, or close bodies,
// and has no server to send requests to.
func validateHabits(d *strict.Document, s *Scenario) {
	for _, name := range []string{"unasked", "reads"} {
		at := "workload." + name
		if builtInTasks[s.Workload.Task.Name].refused[at] == "" && d.Has(at) {
			d.Require(at, name, "server")
		}
	}
}

// pauseAfter waits until the client may make another attempt, and reports
// whether it should: not after the last attempt, or what the policy does not
// try again.
func pauseAfter(ctx context.Context, attempt int, seen record.Seen, told time.Duration) bool {
	p, _ := ctx.Value(attemptLimitsKey{}).(attemptLimits)
	if attempt >= p.attempts || seen.Class.Outcome() != record.OutcomeError {
		return false
	}
	wait := told
	if r := p.retry; r != nil {
		if !r.On(seen.Class, seen.Status) {
			return false
		}
		least, most := r.Wait(attempt)
		wait = max(wait, least+(most-least)/2)
		if r.Hasty {
			wait = least + (most-least)/2
		}
	}
	if wait <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
