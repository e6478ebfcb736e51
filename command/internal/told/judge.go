package told

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/teapot-go/teapot/harness/checks"
	"github.com/teapot-go/teapot/harness/oracle"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/harness/seen"
	"github.com/teapot-go/teapot/reports/text"
	"github.com/teapot-go/teapot/servers"
)

// A judgement is what clients have told, beside the server's journal.
type judgement struct {
	*Ledger
	reports  []entry
	refused  refusals
	against  refusals
	samples  []record.Sample // one for each report
	journal  []servers.Entry // but for what came after the last report about its key
	requests map[subject][]servers.Entry
	spans    map[subject][2]time.Duration // from the first request to the end of the last
	last     map[string]time.Duration     // when the last report about a key came
	silent   []string                     // the keys of requests that no report is about
	underWay bool                         // some requests are not in the journal yet
	forgot   bool                         // some are not any more
}

// A subject is what a report, or a request, may be about: a task or an attempt.
type subject struct {
	key           string
	task, attempt int // 0 for any
}

// unnamed is the task of requests that name none.
const unnamed = -1

// Judge returns what was told as a recording with its verdict. A run is a
// client that has told something; its times are the server's. It waits a moment
// for requests that are under way.
func (l *Ledger) Judge(ctx context.Context) *record.Recording {
	j := &judgement{Ledger: l, underWay: !l.idle(ctx), last: map[string]time.Duration{}}
	j.spans = map[subject][2]time.Duration{}
	l.mu.Lock()
	j.reports, j.refused, j.against = slices.Clone(l.reports), l.refused, l.against
	l.mu.Unlock()
	for _, r := range j.reports {
		j.last[r.key] = max(j.last[r.key], r.at)
	}
	j.sort(l.server.Journal())
	j.forgot = l.server.Forgot()
	for i, r := range j.reports {
		j.samples = append(j.samples, j.sample(i, r))
	}
	j.joinTasks()
	j.joinAttempts()
	for i := range j.samples {
		s, r := &j.samples[i], j.reports[i]
		j.doubt(s)
		// of a task the end is that of its last request, and not of the report
		s.Finished = min(max(j.span(r.subject())[1], s.Started), r.at)
	}
	j.tellApart()
	return j.recording()
}

func (r report) subject() subject { return subject{r.key, r.task, r.attempt} }

// sort keeps the requests that came before the last report about their key, by
// what they may be about, and notes the keys of the others.
func (j *judgement) sort(journal []servers.Entry) {
	j.requests = map[subject][]servers.Entry{}
	silent := map[string]bool{}
	for _, e := range journal {
		at, told := j.last[e.Key]
		late := told && e.Arrived > at
		if (late || !told && j.expected(e.Key)) && !silent[e.Key] {
			j.silent, silent[e.Key] = append(j.silent, e.Key), true
		}
		if late {
			continue
		}
		j.journal = append(j.journal, e)
		task := cmp.Or(e.Task, unnamed)
		for _, of := range []subject{{e.Key, 0, 0}, {e.Key, 0, e.Attempt}, {e.Key, task, 0}, {e.Key, task, e.Attempt}} {
			j.requests[of] = append(j.requests[of], e)
		}
	}
}

// of returns the requests that something told may be about.
func (j *judgement) of(s subject) []servers.Entry {
	if own := j.requests[s]; own != nil || s.task == 0 {
		return own
	}
	s.task = unnamed
	return j.requests[s]
}

// expected reports whether a client is to report a key that it has asked for.
// The index of the flags, say, is not.
func (j *judgement) expected(key string) bool {
	if len(j.workload) > 0 {
		return j.workload[key] > 0
	}
	return j.about.Foreign || !strings.HasPrefix(key, "/")
}

// patience is how long a judgement waits for requests that are under way. A
// client may have its answer, and tell of it, before the server is done.
const patience = 2 * time.Second

// idle waits until no request is under way, and reports whether none is.
func (l *Ledger) idle(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for l.server.Load().Requests > 0 {
		select {
		case <-ctx.Done():
			return false
		case <-look.C:
		}
	}
	return true
}

// span returns when the first of the requests arrived that something told may
// be about, and when the last ended; 0 and 0 if there is none.
func (j *judgement) span(of subject) [2]time.Duration {
	span, known := j.spans[of]
	if !known {
		for n, e := range j.of(of) {
			if n == 0 {
				span[0] = e.Arrived
			}
			span[0], span[1] = min(span[0], e.Arrived), max(span[1], e.Arrived+e.Took)
		}
		j.spans[of] = span
	}
	return span
}

// sample returns the sample of a report. Its task began at the first of its
// requests or before, and ended before the report came.
func (j *judgement) sample(i int, r entry) record.Sample {
	of := r.subject()
	if j.about.Oracle.Whole {
		of.attempt = 0 // the timeout began with the task
	}
	span := j.span(of)
	began := min(span[0], r.at)
	if span[1] == 0 {
		began = r.at
	}
	return record.Sample{
		Seq: i, Key: r.key, Attempt: max(r.attempt, 1), Due: began, Submitted: began, Started: began, Finished: r.at,
		Delivered: r.at, Seen: r.Seen,
	}
}

// joinTasks judges the reports of tasks by all requests but those for keys of
// which each attempt was told.
func (j *judgement) joinTasks() {
	at := map[subject]int{}    // the positions of tasks that have numbers
	other := map[string]bool{} // keys whose attempts were told
	var those []int
	var samples []record.Sample
	for i, r := range j.reports {
		if r.attempt > 0 {
			other[r.key] = true
			continue
		}
		s := j.samples[i]
		s.Seq = len(samples)
		if r.task > 0 {
			at[r.subject()] = s.Seq + 1
			if of := (subject{task: r.task}); at[of] == 0 {
				at[of] = s.Seq + 1
			} else {
				at[of] = unnamed // it was told of several keys
			}
		}
		those, samples = append(those, i), append(samples, s)
	}
	if samples == nil {
		return
	}
	for _, s := range samples {
		delete(other, s.Key)
	}
	entries := make([]servers.Entry, 0, len(j.journal))
	for _, e := range j.journal {
		if !other[e.Key] {
			e.Task = max(0, cmp.Or(at[subject{e.Key, e.Task, 0}], at[subject{task: e.Task}]))
			entries = append(entries, e)
		}
	}
	o := j.about.Oracle
	o.Epoch = j.server.Started()
	o.Join(samples, entries, o.Epoch)
	for n, i := range those {
		samples[n].Seq = i
		j.samples[i] = samples[n]
	}
}

// joinAttempts judges each report of an attempt by the requests of that. The
// last attempt of a task is judged by all, where it is known when a client
// stops.
func (j *judgement) joinAttempts() {
	last := map[subject]int{} // the reports of last attempts by their tasks
	single := j.about.Oracle
	single.Epoch, single.Attempts, single.Retry = j.server.Started(), 0, nil
	for i, r := range j.reports {
		if r.attempt == 0 {
			continue
		}
		task := subject{r.key, r.task, 0}
		if before, known := last[task]; !known || j.reports[before].attempt < r.attempt {
			last[task] = i
		}
		j.samples[i] = ofAny(single, j.samples[i], j.of(r.subject()))
	}
	for task, i := range last {
		if j.about.Oracle.Attempts <= 1 || task.task == 0 && j.workload[task.key] != 1 {
			continue
		}
		r := j.reports[i]
		own := j.of(task)
		later := func(e servers.Entry) bool { return e.Attempt > r.attempt }
		if !slices.ContainsFunc(own, later) && j.samples[i].Agrees() {
			o := j.about.Oracle
			o.Epoch = j.server.Started()
			s := j.samples[i]
			s.Started = min(s.Started, j.span(task)[0])
			j.samples[i] = alone(o, s, own)
		}
	}
}

// ofAny judges one sample by requests that may be of several tasks, each with
// an attempt of this number: one of them may explain it.
func ofAny(o oracle.Oracle, s record.Sample, own []servers.Entry) record.Sample {
	const most = 64 // bounds the work
	judged := alone(o, s, own)
	tried := map[int]bool{}
	for _, e := range own {
		if judged.Agrees() || len(tried) == most {
			break
		}
		if other := func(f servers.Entry) bool { return f.Occurrence != e.Occurrence }; !tried[e.Occurrence] &&
			slices.ContainsFunc(own, other) {
			tried[e.Occurrence] = true
			if one := alone(o, s, slices.DeleteFunc(slices.Clone(own), other)); one.Agrees() {
				return one
			}
		}
	}
	return judged
}

// alone judges one sample by requests that are its own.
func alone(o oracle.Oracle, s record.Sample, own []servers.Entry) record.Sample {
	own = append([]servers.Entry{}, own...) // is not nil, which would mean that there is no journal
	for i := range own {
		own[i].Task = 0
	}
	one := []record.Sample{s}
	one[0].Seq = 0
	o.Join(one, own, o.Epoch)
	one[0].Seq = s.Seq
	return one[0]
}

// dropped is why a sample is in doubt whose requests may have been dropped.
const dropped = "the journal has dropped its oldest requests, so that it is not known what the task met: start the " +
	"server again for each run"

// doubt doubts a sample that teapot cannot judge from outside the client.
func (j *judgement) doubt(s *record.Sample) {
	if s.Misstep != "" && j.forgot {
		s.Misstep, s.RetryDoubt = "", dropped
	}
	if s.Agrees() || s.Doubt != "" {
		return
	}
	switch {
	case j.forgot:
		s.Doubt = dropped
	case j.underWay:
		s.Doubt = "requests are still under way: judge when they have ended"
	case s.Class == record.Timeout && j.about.Oracle.Timeout == 0:
		s.Doubt = "it is not known how long the client waits: " + j.about.Remedy
	case s.Did == record.ActionNoRequest && j.contradicts(s):
	case s.Did == record.ActionNoRequest && (j.workload[s.Key] == 0 || j.silent != nil):
		s.Doubt = "no request came for this key: report the key that /journal has, or the url"
	}
}

// contradicts reports whether a report for which there is no request tells of
// an answer that the server has certainly not given: to none of the requests
// for its key, of which there are some, and to none that no report is about.
func (j *judgement) contradicts(s *record.Sample) bool {
	const most = 64 // bounds the work
	own := j.requests[subject{s.Key, 0, 0}]
	if len(own) == 0 || s.Class == record.Timeout || s.Class == record.Refused || s.Class == record.Reset ||
		s.Class == record.Failed || s.Class == record.Lost {
		return false
	}
	for _, key := range j.silent {
		own = slices.Concat(own, j.requests[subject{key, 0, 0}])
	}
	if len(own) > most {
		return false
	}
	single := j.about.Oracle
	single.Epoch, single.Attempts, single.Retry = j.server.Started(), 0, nil
	return !slices.ContainsFunc(own, func(e servers.Entry) bool {
		one := *s
		one.Key, one.Did, one.Attempt, e.Attempt, e.Occurrence = e.Key, "", 1, 1, 1
		judged := alone(single, one, []servers.Entry{e})
		return judged.Agrees()
	})
}

// recording returns the samples with the verdict.
func (j *judgement) recording() *record.Recording {
	a := j.about
	rec := &record.Recording{
		Scenario: a.Name, About: a.Text, File: a.File, Source: a.Source, Executor: "client", Clock: record.Real,
		Seed: a.Seed, Delivery: record.AsCompleted, Timeout: a.Oracle.Timeout, Samples: j.samples,
	}
	rec.Summarize()
	rec.IdealMakespan = 0 // nothing schedules the tasks
	all := []checks.Check{func(*record.Recording) []record.Violation { return j.untold() }}
	if !a.AnyClass {
		all = append(all, checks.Classification)
	}
	if !a.AnyRetries {
		all = append(all, checks.Retries)
	}
	var expectations []checks.Expectation
	for _, check := range all {
		expectations = append(expectations, checks.Expectation{Check: check, File: a.File, Line: a.Line})
	}
	checks.Settle(rec, expectations, "")
	return rec
}

// untold finds what no client has told.
func (j *judgement) untold() (found []record.Violation) {
	add := func(got, want string) {
		found = append(found, record.Violation{Check: "seen", Got: got, Want: want, Inconclusive: true})
	}
	if j.against.n > 0 {
		add(fmt.Sprintf("%d × a body for /seen that was refused: %s", j.against.n, j.against.last),
			"start the server again for another run, or have the client tell of each attempt once")
	}
	if j.refused.n > 0 && len(j.reports) == 0 { // of what is mended and sent again nothing remains
		add(fmt.Sprintf("%d × a body for /seen that was refused: %s", j.refused.n, j.refused.last),
			"mend it and send it again")
	}
	if len(j.reports) == 0 {
		add("no client told what it saw", "POST to /seen what the client saw, such as "+seen.Example)
		return found
	}
	var idle []string
	seen := map[string]bool{}
	for _, key := range j.about.Workload {
		key = key[:min(len(key), servers.KeyLimit)]
		if _, told := j.last[key]; !told && j.requests[subject{key, 0, 0}] == nil && !seen[key] {
			seen[key] = true
			idle = append(idle, key)
		}
	}
	if j.silent != nil {
		add(fmt.Sprintf("no report about requests for %s: %s", text.Plural(len(j.silent), "key"), some(j.silent)),
			"report what came of every request, when it has ended")
	}
	if idle != nil {
		add(fmt.Sprintf("neither a request nor a report for %d of %d keys of the workload: %s", len(idle),
			len(j.workload), some(idle)), "ask for every key, and report it")
	}
	return found
}

// some lists words, the first ten of them.
func some(words []string) string {
	const most = 10
	if len(words) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(words[:most], ", "), len(words)-most)
	}
	return strings.Join(words, ", ")
}
