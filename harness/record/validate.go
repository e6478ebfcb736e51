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
// words that are not of the format, times and numbers out of range, and counts
// that do not agree with the samples. Each problem names the run, the field by
// its JSON key, the value, and what is accepted; the error wraps them all.
// Free text is not checked: it may hold anything.
func (r *Recording) Validate() error {
	v := validator{run: r}
	oneOf(&v, "", "clock", r.Clock, Real, Virtual)
	oneOf(&v, "", "delivery", r.Delivery, InOrder, AsCompleted)
	v.whole("", "position", int64(r.Position), 0, maxCount)
	v.whole("", "workers", int64(r.Workers), 0, maxCount)
	v.whole("", "users", int64(r.Users), 0, maxCount)
	v.whole("", "round", int64(r.Round), 0, maxCount)
	v.time("timeout_ns", r.Timeout)
	v.time("makespan_ns", r.Makespan)
	v.time("ideal_makespan_ns", r.IdealMakespan)
	if !(r.Speedup >= 0 && r.Speedup <= math.MaxFloat64) {
		v.wrong("", "speedup", r.Speedup, "a number that is not negative")
	}
	if r.Cost != nil {
		v.time("cost.cpu_ns", r.Cost.CPU)
		if !(r.Cost.Busy >= 0 && r.Cost.Busy <= 1) {
			v.wrong("", "cost.busy", r.Cost.Busy, "a number from 0 to 1")
		}
	}
	v.whole("", "connections_opened", int64(r.ConnectionsOpened), 0, maxCount)
	v.whole("", "connections_reused", int64(r.ConnectionsReused), 0, maxCount)
	v.whole("", "connections_peak", int64(r.ConnectionsPeak), 0, int64(max(r.ConnectionsOpened, 0)))
	v.findings("violations", r.Violations)
	v.findings("inconclusive", r.Inconclusive)
	v.percentiles("latency_ns", r.Percentiles)
	v.percentiles("response_ns", r.Response)
	v.percentiles("lateness_ns", r.Lateness)
	if len(r.Samples) > maxCount {
		v.wrong("", "samples", len(r.Samples), fmt.Sprintf("at most %d", maxCount))
	}
	for i := range r.Samples {
		v.sample(i, &r.Samples[i])
	}
	v.counts()
	v.search()
	return v.err()
}

// search wants rates above 0 in rising order, and shares of tasks.
func (v *validator) search() {
	if v.run.Search == nil {
		return
	}
	for i, t := range v.run.Search.Tried {
		within := fmt.Sprintf("search.tried[%d].", i)
		if !(t.Rate > 0) || i > 0 && t.Rate <= v.run.Search.Tried[i-1].Rate {
			v.wrong(within, "rate", t.Rate, "a rate above 0, and above the one before")
		}
		if !(t.Errors >= 0 && t.Errors <= 1) {
			v.wrong(within, "errors", t.Errors, "0 to 1")
		}
		v.whole(within, "met", int64(t.Met), 0, int64(t.Runs))
		v.whole(within, "p99_ns", int64(t.P99), 0, int64(maxTime))
	}
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

func (v *validator) findings(field string, found []Violation) {
	for i, x := range found {
		v.whole(fmt.Sprintf("%s[%d].", field, i), "line", int64(x.Line), 0, maxCount)
	}
}

// percentiles wants known names, and times that rise with the rank.
func (v *validator) percentiles(field string, stated map[string]time.Duration) {
	names := Percentiles()
	for _, name := range slices.Sorted(maps.Keys(stated)) {
		v.whole(field+".", plain(name), int64(stated[name]), 0, int64(maxTime))
		if !slices.Contains(names, name) {
			v.wrong("", field, name, strings.Join(names, " or "))
		}
	}
	least := time.Duration(0)
	for _, name := range names {
		d, has := stated[name]
		if has && d < least {
			v.wrong(field+".", name, int64(d), fmt.Sprintf("at least %d, a lower percentile", least))
		}
		least = max(least, d)
	}
}

// sample checks one sample. It allocates only for a problem: there may be a
// million samples.
func (v *validator) sample(i int, s *Sample) {
	n := len(v.run.Samples)
	if s.Seq != i {
		v.wrong(at(i), "seq", s.Seq, fmt.Sprintf("%d, its index", i))
	}
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
		v.wrong(at(i), "worker", s.Worker, fmt.Sprintf("0 to %d, less than the number of samples", n-1))
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

// counts wants the counts of outcomes, classes and the table of truth to be
// those of the samples. A recording may be without a table of truth.
func (v *validator) counts() {
	r := v.run
	outcomes, classes, truth := map[Outcome]int{}, map[Class]int{}, map[cell]int{}
	for i := range r.Samples {
		s := &r.Samples[i]
		classes[s.Class]++
		if s.Class.Outcome() == OutcomeNone {
			continue
		}
		outcomes[s.Class.Outcome()]++
		if r.Truth != nil && s.Did != "" {
			truth[cell{s.Did, s.Class}]++
		}
	}
	stated := map[cell]int{}
	for did, said := range r.Truth {
		for c, n := range said {
			stated[cell{did, c}] = n
		}
	}
	for _, o := range slices.Sorted(maps.Keys(r.Outcomes)) {
		oneOf(v, "", "outcomes", o, OutcomeOK, OutcomeNotFound, OutcomeError)
	}
	for _, c := range slices.Sorted(maps.Keys(r.Classes)) {
		oneOf(v, "", "classes", c, append(Classes(), NotStarted, CutOff)...)
	}
	agree(v, r.Outcomes, outcomes, func(o Outcome) string { return "outcomes." + plain(string(o)) })
	agree(v, r.Classes, classes, func(c Class) string { return "classes." + plain(string(c)) })
	agree(v, stated, truth, func(c cell) string { return "truth." + plain(c.did) + "." + plain(string(c.said)) })
}

// A cell of the table of truth: what the server did, and what the client said.
type cell struct {
	did  string
	said Class
}

// agree wants the stated counts to be those of the samples.
func agree[K comparable](v *validator, stated, counted map[K]int, field func(K) string) {
	var wrong []string
	values := map[string][2]int{}
	for _, m := range []map[K]int{stated, counted} {
		for k := range m {
			if stated[k] == counted[k] {
				continue
			}
			name := field(k)
			if _, there := values[name]; !there {
				wrong = append(wrong, name)
			}
			values[name] = [2]int{stated[k], counted[k]}
		}
	}
	slices.Sort(wrong)
	for _, name := range wrong {
		v.wrong("", name, values[name][0], fmt.Sprintf("%d, as the samples have it", values[name][1]))
	}
}

// plain is the start of a name from a file, without control characters.
func plain(s string) string {
	q := fmt.Sprintf("%.80q", s)
	return q[1 : len(q)-1]
}
