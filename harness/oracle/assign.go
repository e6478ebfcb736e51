package oracle

import (
	"cmp"
	"container/heap"
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness/record"
)

// assign gives the exchanges of one key to the tasks of the key.
//
// An exchange that names its task is that task's, and so is one that came while
// one task was running. One that came while several were is given to a task
// that it explains and that nothing else explains; of several such tasks to the
// one that ended first, which leaves the most to the exchanges after it (H.
// Glover, Maximum matching in a convex bipartite graph, 1967). A task that
// still has none, and of which no exchange gives the name, may have shared the
// answer of another, as clients do that ask once for all who wait. That is in
// doubt where it could as well have had an exchange that explains no
// report. It returns those that came while no task was running.
func (o Oracle) assign(tasks []*task, all []*exchange, numbered func(int) *task) (strays []*exchange) {
	if len(tasks) == 1 {
		tasks[0].own = all
		tasks[0].time(true)
		return nil
	}
	others := named(tasks[0].group, all, numbered)
	slices.SortStableFunc(tasks, func(a, b *task) int { return cmp.Compare(a.from, b.from) })
	unclear, strays := certain(tasks, others)
	for _, t := range tasks {
		t.time(false)
	}
	open := make([]*task, 0, len(tasks))
	for _, t := range tasks {
		t.shares = len(t.among(unclear)) > 0
		if closed := t.named && !t.shares; !closed && !o.explained(t, unclear) {
			open = append(open, t)
		}
	}
	for _, report := range reports(open) {
		unclear = match(report, unclear)
	}
	for _, t := range open {
		if t.decided == nil {
			o.settle(t, all, unclear)
		}
	}
	return strays
}

// named gives each exchange that names one of the tasks of a group to it, and
// returns the others.
func named(group int32, all []*exchange, numbered func(int) *task) (others []*exchange) {
	others = make([]*exchange, 0, len(all))
	for _, x := range all {
		if t := numbered(x.first.Task); t != nil && t.group == group && !x.first.Guessed {
			t.own, t.named, x.whose = append(t.own, x), t.named || !x.abandoned(), t
		} else {
			others = append(others, x)
		}
	}
	return others
}

// certain gives each exchange that came while one task was running to that
// task, and returns those that came while several were, in the place of all, or
// none.
func certain(tasks []*task, all []*exchange) (unclear, strays []*exchange) {
	var running byEnd
	next := 0
	unclear = all[:0]
	for _, x := range all {
		next = running.advance(tasks, next, x.first.Arrived)
		switch len(running) {
		case 0: // the request is no task's, but something that one has left behind, or asked for in advance
			strays = append(strays, x)
		case 1:
			running[0].own, x.whose = append(running[0].own, x), running[0]
		default:
			unclear = append(unclear, x)
		}
	}
	return unclear, strays
}

// explained reports whether what is certainly a task's own explains its report.
// It does not where another attempt is still to be made, which may be among the
// unclear ones.
func (o Oracle) explained(t *task, unclear []*exchange) bool {
	if len(t.own) == 0 {
		return false
	}
	attempts, last := 1, t.own
	if len(t.own) > 1 {
		chain := o.chain(t.own)
		attempts, last = len(chain), chain[len(chain)-1]
	}
	if judged := deciding(*t.sample, last); !judged.Agrees() {
		return false
	}
	return o.stops(attempts, last) || len(t.among(unclear)) == 0
}

// among returns those exchanges that came while the task was running. They are
// in order of arrival.
func (t *task) among(all []*exchange) []*exchange {
	from, _ := slices.BinarySearchFunc(all, t.from, byArrival)
	to, _ := slices.BinarySearchFunc(all, after(t.to), byArrival)
	return all[from:max(from, to)]
}

// reports groups tasks by what they report, those that name a status first: the
// others could take an exchange from them.
func reports(open []*task) [][]*task {
	type report struct {
		class  record.Class
		status int
		bytes  int64
		value  string
		digest string
	}
	of := func(t *task) report {
		return report{t.sample.Class, t.sample.Status, t.sample.Bytes, t.sample.Value, t.sample.Digest}
	}
	sizes, groups := map[report]int{}, map[report][]*task{}
	var order []report
	for _, t := range open {
		if sizes[of(t)]++; sizes[of(t)] == 1 {
			order = append(order, of(t))
		}
	}
	space := make([]*task, len(open))
	for r, n := range sizes {
		groups[r], space = space[:0:n], space[n:]
	}
	for _, t := range open {
		groups[of(t)] = append(groups[of(t)], t)
	}
	slices.SortStableFunc(order, func(a, b report) int { return cmp.Compare(min(b.status, 1), min(a.status, 1)) })
	var all [][]*task
	for _, r := range order {
		all = append(all, groups[r])
	}
	return all
}

// match gives exchanges to tasks that report the same, and returns those that
// are left, in the place of all. Both are in order of time.
func match(tasks []*task, unclear []*exchange) (left []*exchange) {
	var running byEnd
	next := 0
	left = unclear[:0]
	for _, x := range unclear {
		next = running.advance(tasks, next, x.first.Arrived)
		if len(running) == 0 || !x.explains(running[0]) {
			left = append(left, x)
			continue
		}
		t := heap.Pop(&running).(*task)
		t.decide(x)
	}
	return left
}

// decide notes that an exchange decides the task, which may be one of its own.
func (t *task) decide(x *exchange) {
	if t.decided = x; !slices.Contains(t.own, x) {
		t.own = append(t.own, x)
	}
}

// settle decides a task that no exchange was left for. An attempt that the task
// itself made again decides nothing.
func (o Oracle) settle(t *task, all, left []*exchange) {
	others := t.among(left)
	var last []*exchange
	if len(t.own) > 0 {
		chain := o.chain(t.own)
		last = chain[len(chain)-1]
	}
	for _, x := range t.during(all) {
		if x.whose == t && !slices.Contains(last, x) {
			continue
		}
		if o.overlaps(x, t) && x.explains(t) {
			t.decide(x)
			if slices.ContainsFunc(others, func(x *exchange) bool { return !x.abandoned() }) {
				t.sample.Doubt = doubt
			}
			return
		}
	}
	if len(others) > 0 {
		t.decide(others[0])
	}
}

// overlaps reports whether an exchange was under way while a task ran, so that
// its answer may be for the task too. One that ended at the instant at which
// the task began was over: its client may have kept the answer.
func (o Oracle) overlaps(x *exchange, t *task) bool {
	return x.ended() > t.from || x.ended() == t.from && (!o.Exact || x.first.Arrived == t.from)
}

// during returns the exchanges that may have been under way while a task was
// running, the latest that count.
func (t *task) during(all []*exchange) []*exchange {
	const most = 1 << 12 // bounds the work: what came so long before is over
	to, _ := slices.BinarySearchFunc(all, after(t.to), byArrival)
	return all[max(0, to-most):to]
}

// after returns the next instant.
func after(at time.Duration) time.Duration {
	if at == never {
		return never
	}
	return at + 1
}

func byArrival(x *exchange, at time.Duration) int { return cmp.Compare(x.first.Arrived, at) }

// doubt is why a task is in doubt.
const doubt = "several tasks of its key were running, and its report fits a request of another one: " +
	theirTask

// byEnd is a heap of running tasks with the one that ends first on top.
type byEnd []*task

// advance adds the tasks from next on that have started at a time, removes
// those that have ended, and returns the next.
func (h *byEnd) advance(tasks []*task, next int, at time.Duration) int {
	for ; next < len(tasks) && tasks[next].from <= at; next++ {
		heap.Push(h, tasks[next])
	}
	for len(*h) > 0 && (*h)[0].to < at {
		heap.Pop(h)
	}
	return next
}

func (h byEnd) Len() int           { return len(h) }
func (h byEnd) Less(i, j int) bool { return h[i].to < h[j].to }
func (h byEnd) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *byEnd) Push(x any)        { *h = append(*h, x.(*task)) }
func (h *byEnd) Pop() any {
	last := len(*h) - 1
	t := (*h)[last]
	*h = (*h)[:last]
	return t
}
