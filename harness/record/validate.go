package record

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
)

// What a recording may hold. Two times can be added, and a size doubled,
// without an overflow.
const (
	maxTime  = time.Duration(math.MaxInt64 / 2) // 146 years
	maxSize  = int64(math.MaxInt64 / 2)
	maxCount = math.MaxInt32 // of samples, workers, attempts, lines
)

// maxProblems is how many problems an error lists. It counts the others.
const maxProblems = 20

// Validate reports everything in the recording that no run can have written:
// words that are not of the format, times and numbers out of range, and totals
// that do not follow from the samples, such as counts, percentiles and the
// makespan. A run without samples must say why it has none. Each problem names
// the run, the field by its JSON key, the value, and what is accepted; the
// error wraps them all. Free text is not checked: it may hold anything.
func (r *Recording) Validate() error {
	v := validator{run: r}
	oneOf(&v, "", "clock", r.Clock, Real, Virtual)
	oneOf(&v, "", "delivery", r.Delivery, InOrder, AsCompleted)
	v.whole("", "position", int64(r.Position), 0, maxCount)
	v.whole("", "workers", int64(r.Workers), 0, maxCount)
	v.whole("", "users", int64(r.Users), 0, maxCount)
	v.whole("", "round", int64(r.Round), 0, maxCount)
	v.time("timeout_ns", r.Timeout)
	if !(r.Speedup >= 0 && r.Speedup <= math.MaxFloat64) {
		v.wrong("", "speedup", r.Speedup, "a number that is not negative")
	}
	if r.Cost != nil {
		v.time("cost.cpu_ns", r.Cost.CPU)
		v.size("cost.allocs", r.Cost.Allocs)
		v.size("cost.alloc_bytes", r.Cost.AllocBytes)
		if !(r.Cost.Busy >= 0 && r.Cost.Busy <= 1) {
			v.wrong("", "cost.busy", r.Cost.Busy, "a number from 0 to 1")
		}
	}
	v.whole("", "connections_opened", int64(r.ConnectionsOpened), 0, maxCount)
	v.whole("", "connections_reused", int64(r.ConnectionsReused), 0, maxCount)
	v.whole("", "connections_peak", int64(r.ConnectionsPeak), 0, int64(max(r.ConnectionsOpened, 0)))
	v.findings("violations", r.Violations)
	v.findings("inconclusive", r.Inconclusive)
	for i, c := range r.Checked {
		within := fmt.Sprintf("checked[%d].", i)
		oneOf(&v, within, "verdict", c.Verdict, "met", "missed", "inconclusive")
		v.whole(within, "line", int64(c.Line), 0, maxCount)
	}
	v.percentiles("latency_ns", r.Percentiles)
	v.percentiles("response_ns", r.Response)
	v.percentiles("lateness_ns", r.Lateness)
	if len(r.Samples) > maxCount {
		v.wrong("", "samples", len(r.Samples), fmt.Sprintf("at most %d", maxCount))
	}
	if r.Totals != nil {
		v.totals()
	}
	for i := range r.Samples {
		v.sample(i, &r.Samples[i])
		if turn := r.Samples[i].Turn; turn < 0 || turn > r.Tasks() {
			v.wrong(at(i), "turn", turn, fmt.Sprintf("0 to %d, the number of tasks", r.Tasks()))
		}
	}
	v.generators()
	if r.Totals == nil {
		v.counts()
		v.times()
	}
	v.data()
	v.search()
	return v.err()
}

// A validator collects the problems of one recording.
type validator struct {
	run      *Recording
	problems []error
	more     int // problems that are not in the list
}

// wrong adds a problem of a field; within is the path to the field.
func (v *validator) wrong(within, field string, value any, want string) {
	if len(v.problems) == maxProblems {
		v.more++
		return
	}
	if s, is := value.(string); is {
		value = fmt.Sprintf("%.80q", s)
	}
	v.problems = append(
		v.problems,
		fmt.Errorf("%.120q: %s%s: got %v, want %s", v.run.Case(), within, field, value, want),
	)
}

func (v *validator) err() error {
	if v.more > 0 {
		v.problems = append(v.problems, fmt.Errorf("%.120q: and %d more", v.run.Case(), v.more))
	}
	return errors.Join(v.problems...)
}

// oneOf wants one of the words of an enumeration.
func oneOf[T ~string](v *validator, within, field string, got T, words ...T) {
	if slices.Contains(words, got) {
		return
	}
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = fmt.Sprintf("%q", string(w))
	}
	v.wrong(within, field, string(got), strings.Join(quoted, " or "))
}

func (v *validator) whole(within, field string, n, least, most int64) {
	if n < least || n > most {
		v.wrong(within, field, n, fmt.Sprintf("%d to %d", least, most))
	}
}

// time wants a duration of the whole run, which is never negative.
func (v *validator) time(field string, d time.Duration) {
	v.whole("", field, int64(d), 0, int64(maxTime))
}

// size wants a number that can be doubled.
func (v *validator) size(field string, n uint64) {
	if n > uint64(maxSize) {
		v.wrong("", field, n, fmt.Sprintf("0 to %d", maxSize))
	}
}

func (v *validator) findings(field string, found []Violation) {
	for i, x := range found {
		at := fmt.Sprintf("%s[%d].", field, i)
		v.whole(at, "line", int64(x.Line), 0, maxCount)
		if x.Culprit != "" && !slices.Contains(culprits, x.Culprit) {
			v.wrong(at, "culprit", string(x.Culprit), "one of file, client, executor and machine")
		}
	}
}

// percentiles wants known names.
func (v *validator) percentiles(field string, stated map[string]time.Duration) {
	names := Percentiles()
	for _, name := range slices.Sorted(maps.Keys(stated)) {
		if !slices.Contains(names, name) {
			v.wrong("", field, name, strings.Join(names, " or "))
		}
	}
}

// sample checks one sample. It allocates only for a problem: there may be a
// million samples.
func (v *validator) sample(i int, s *Sample) {
	n := v.run.Tasks()
	v.place(i, s)
	for _, x := range [...]struct {
		key string
		at  time.Duration
	}{
		{"think_ns", s.Think},
		{"due_ns", s.Due},
		{"held_ns", s.Held},
		{"submitted_ns", s.Submitted},
		{"started_ns", s.Started},
		{"finished_ns", s.Finished},
		{"delivered_ns", s.Delivered},
		{"head_ns", s.Head},
		{"planned_latency_ns", s.PlannedLatency},
		{"planned_service_ns", s.PlannedService},
		{"ideal_started_ns", s.IdealStarted},
		{"ideal_finished_ns", s.IdealFinished},
	} {
		if x.at < -1 || x.at > maxTime {
			v.wrong(at(i), x.key, int64(x.at), fmt.Sprintf("-1 to %d", maxTime))
		}
	}
	if s.Finished >= 0 && (s.Started < 0 || s.Started > s.Finished) {
		v.wrong(at(i), "started_ns", int64(s.Started), fmt.Sprintf("0 to finished_ns, %d", s.Finished))
	}
	switch {
	case s.Started < 0 && s.Worker != -1:
		v.wrong(at(i), "worker", s.Worker, "-1 for a task that never started")
	case s.Started >= 0 && (s.Worker < 0 || s.Worker >= n):
		v.wrong(at(i), "worker", s.Worker, fmt.Sprintf("0 to %d, less than the number of tasks", n-1))
	}
	for _, x := range [...]struct {
		key     string
		n, most int64
	}{
		{"attempt", int64(s.Attempt), maxCount},
		{"user", int64(s.User), int64(v.run.Users)},
		{"status", int64(s.Status), 999},
		{"served_status", int64(s.Served), 999},
		{"bytes", s.Bytes, maxSize},
		{"planned_bytes", s.PlannedBytes, maxSize},
	} {
		if x.n < 0 || x.n > x.most {
			v.wrong(at(i), x.key, x.n, fmt.Sprintf("0 to %d", x.most))
		}
	}
	v.requests(i, s.Requests)
	if !known(s.Class) {
		oneOf(v, at(i), "class", s.Class, Classes()...)
	}
	if s.PlannedClass != "" && !known(s.PlannedClass) {
		oneOf(v, at(i), "planned_class", s.PlannedClass, Classes()...)
	}
}

// place wants every sample at the place of its task, or of some tasks in order.
func (v *validator) place(i int, s *Sample) {
	n := v.run.Tasks()
	switch {
	case v.run.Totals == nil && s.Seq != i:
		v.wrong(at(i), "seq", s.Seq, fmt.Sprintf("%d, its index", i))
	case v.run.Totals != nil && (s.Seq < 0 || s.Seq >= n || i > 0 && s.Seq <= v.run.Samples[i-1].Seq):
		v.wrong(at(i), "seq", s.Seq,
			fmt.Sprintf("more than that of the sample before, and less than %d, the number of tasks", n))
	}
}

// requests checks the requests of a sample. They may have come before the run
// began.
func (v *validator) requests(i int, all []Request) {
	if len(all) > maxRequests {
		v.wrong(at(i), "requests", len(all), fmt.Sprintf("at most %d", maxRequests))
	}
	for j, r := range all {
		path := fmt.Sprintf("%srequests[%d].", at(i), j)
		v.whole(path, "attempt", int64(r.Attempt), 0, maxCount)
		v.whole(path, "arrived_ns", int64(r.Arrived), -int64(maxTime), int64(maxTime))
		v.whole(path, "took_ns", int64(r.Took), 0, int64(maxTime))
		v.whole(path, "served_status", int64(r.Status), 0, 999)
	}
}

// at is the path to a sample.
func at(i int) string { return fmt.Sprintf("samples[%d].", i) }

// known reports whether a sample may have the class c.
func known(c Class) bool {
	switch c {
	case OK, NotFound, Status, Redirect, Timeout, Refused, Reset, Truncated, Malformed, Failed, Lost,
		NotStarted, CutOff:
		return true
	}
	return false
}

// plain is the start of a name from a file, without control characters.
func plain(s string) string {
	q := fmt.Sprintf("%.80q", s)
	return q[1 : len(q)-1]
}
