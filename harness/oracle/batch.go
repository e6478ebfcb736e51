package oracle

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/harness/rounded"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/fault"
)

// ofBatch returns a task of a batch. It may have any request that came since
// the batch began, until it was reported.
func (o Oracle) ofBatch(s *record.Sample, start time.Time) task {
	t := task{sample: s, from: -1, to: never}
	if !o.Epoch.IsZero() {
		t.from = start.Sub(o.Epoch)
		if s.Delivered >= 0 {
			t.to = t.from + s.Delivered
		}
	}
	return t
}

// timeOf sets when a task of a batch started and finished: with its first and
// its last request. One that made no request took no time.
func (o Oracle) timeOf(t *task, start time.Time) {
	s, offset := t.sample, start.Sub(o.Epoch)
	all := slices.Concat(t.own, slices.Concat(t.others...))
	if len(all) == 0 || o.Epoch.IsZero() {
		s.Started, s.Finished = s.Delivered, s.Delivered
		return
	}
	from, to := never, time.Duration(0)
	for _, x := range all {
		from, to = min(from, x.first.Arrived), max(to, x.left())
	}
	s.Started, s.Finished = max(from-offset, 0), max(to-offset, 0)
	if s.Delivered >= 0 {
		s.Started, s.Finished = min(s.Started, s.Delivered), min(s.Finished, s.Delivered)
	}
	s.Finished = max(s.Started, s.Finished)
}

// left returns when the client was done with an exchange, as early as is
// certain. It leaves a connection that the server is slow to close, and it has
// gone when the server notices that.
func (x *exchange) left() time.Duration {
	switch e := x.last; {
	case e.Met == fault.SlowClose && e.Status > 0:
		return x.known()
	case e.Gone > 0:
		return min(x.ended(), e.Arrived+e.Gone)
	}
	return x.ended()
}

// surely returns until when an exchange was certainly under way. Under the real
// clock a server may notice at any time later that a client has gone, or that
// all of a body is sent.
func (x *exchange) surely() time.Duration {
	timeout := x.kind.PlannedClass == record.Timeout && x.timeout() > 0
	switch {
	case x.exact:
		return x.left()
	case timeout:
		return min(x.left(), x.last.Arrived+x.timeout()-x.timeout()/20)
	case x.abandoned():
		return x.first.Arrived
	}
	return min(x.left(), x.known())
}

// likely returns until when an exchange was under way, unless the machine was
// very late.
func (x *exchange) likely() time.Duration {
	if x.exact {
		return x.left()
	}
	return max(x.surely(), x.left()-x.lag)
}

// tooSoon notes of a task of a batch that it was reported as answered before
// any answer can have come.
func (o Oracle) tooSoon(t *task, start time.Time) {
	s := t.sample
	answered := s.Class.Outcome() != record.OutcomeError || s.Class == record.Status
	own := slices.Concat(t.own, slices.Concat(t.others...))
	if s.Delivered < 0 || !answered || len(own) == 0 || o.Epoch.IsZero() {
		return
	}
	first := never
	for _, x := range own {
		if e := x.last; e.Status > 0 {
			first = min(first, e.Arrived+e.Waited)
		}
	}
	switch offset := start.Sub(o.Epoch); {
	case first == never:
		s.Misrun = cmp.Or(s.Misrun, fmt.Sprintf("delivered as %s without an answer: delivered after one", s.Class))
	case first-offset > s.Delivered:
		s.Misrun = cmp.Or(s.Misrun, fmt.Sprintf("delivered as %s %s before its answer: delivered after it", s.Class,
			rounded.Duration(first-offset-s.Delivered)))
	}
}

// After returns the keys of requests that were under way after a batch had
// returned, at a time since the epoch: those that certainly were, and those
// that the server may only have noticed late to be over. late is how late the
// machine was.
func (o Oracle) After(journal []servers.Entry, returned, late time.Duration) (surely, perhaps []string) {
	entries := map[string][]*servers.Entry{}
	for i := range journal {
		entries[journal[i].Key] = append(entries[journal[i].Key], &journal[i])
	}
	slack := time.Millisecond
	if !o.Exact {
		slack = o.lag() + late
	}
	for _, key := range slices.Sorted(maps.Keys(entries)) {
		for _, x := range o.exchanges(entries[key], nil) {
			switch came := x.first.Arrived; {
			case max(came, x.surely()) > returned+slack:
				surely = append(surely, key)
			case x.left() > returned+slack+time.Second, !x.abandoned() && x.surely() > returned+time.Millisecond:
				perhaps = append(perhaps, key)
			}
		}
	}
	return surely, perhaps
}

// CountAtOnce adds to a recording of how many tasks of a batch requests were
// under way at once. A request that is sent beside another one may be a hedge
// of the same task, or that of another task which has the same key.
func (o Oracle) CountAtOnce(rec *record.Recording, journal []servers.Entry) {
	tasks := map[string]int{}
	for i := range rec.Samples {
		tasks[kept(rec.Samples[i].Key)]++
	}
	entries := map[string][]*servers.Entry{}
	for i := range journal {
		if e := &journal[i]; tasks[e.Key] > 0 {
			entries[e.Key] = append(entries[e.Key], e)
		}
	}
	all := map[string][]*exchange{}
	for key, those := range entries {
		all[key] = o.exchanges(those, nil)
	}
	one := func(string) int { return 1 }
	rec.AtOnce = mostAtOnce(all, (*exchange).surely, one)
	rec.LikelyAtOnce = mostAtOnce(all, (*exchange).likely, one)
	rec.MaybeAtOnce = mostAtOnce(all, (*exchange).likely, func(key string) int { return tasks[key] })
}

// mostAtOnce returns how many exchanges were under way at once, each until a
// time. Of one key no more count than may be of several tasks.
func mostAtOnce(all map[string][]*exchange, until func(*exchange) time.Duration,
	tasks func(key string) int,
) (most int) {
	type step struct {
		at  time.Duration
		by  int // 1 if a request comes, -1 if it is over
		key string
	}
	var steps []step
	for key, those := range all {
		for _, x := range those {
			if from, to := x.first.Arrived, until(x); to > from {
				steps = append(steps, step{from, 1, key}, step{to, -1, key})
			}
		}
	}
	slices.SortFunc(steps, func(a, b step) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.by, b.by)) })
	underWay, now := map[string]int{}, 0
	for _, s := range steps {
		was := underWay[s.key]
		underWay[s.key] += s.by
		now += min(was+s.by, tasks(s.key)) - min(was, tasks(s.key))
		most = max(most, now)
	}
	return most
}

// AnyFailed reports whether some request came to anything but a success.
func (o Oracle) AnyFailed(journal []servers.Entry) bool {
	return slices.ContainsFunc(journal, func(e servers.Entry) bool { return o.truth(&e).PlannedClass != record.OK })
}
