// Package executortest holds an executor to the law: a table of named checks,
// each with the rule that it protects.
//
//	func TestLaw(t *testing.T) {
//		executortest.Run(t, func(workers int) (executor.Executor, error) {
//			return executor.NewPool(workers)
//		})
//	}
//
// An executor of another package keeps the whole law but for the rows of
// [TwoMethods], if it has the two methods and no more. If its Execute waits for
// room, [executor.Queued] helps, or [Blocking] leaves out the rows that need
// one that does not.
//
// The checks know nothing of testing frameworks and never sleep: [Checks] has
// them for other uses. Every wait in them has a deadline, so that a broken
// executor yields an error and not a hang.
//
// An executor whose tasks run in other processes takes no closures: [StandIn]
// makes it fit for the same checks, and [Processes] has those of rows 70 to 83.
// [StandInHere] does it for one that can run defined tasks in this process.
//
// # Who has what
//
//	row                       sequential pool     async    process  cluster
//	1   states                has        has      has      has      has
//	2   result                has        has      has      has      has
//	3   result in time        has        has      has      has      has
//	4   error                 has        has      has      has      has
//	5   cancelled error       has        has      has      has      has
//	6   cancel pending        has        has      has      has      has
//	7   cancel late           has        has      has      has      has
//	8   once                  has        has      has      has      has
//	9   string                has        has      has      has      has
//	10  promise               – (a)      – (a)    – (a)    – (a)    – (a)
//	11  callback              has        has      has      has      has
//	12  callbacks in order    has        has      has      has      has
//	13  callback panics       has        has      has      has      has
//	14  late callback         has        has      has      has      has
//	15  submit in a callback  has        has      has      has      has
//	16  typed                 has        has      has      has      has
//	17  many types            has        has      has      has      has
//	18  submit after shutdown has        has      has      has      has
//	19  submit never blocks   has        has      has      has      has
//	20  bounded queue         – (b)      has      has      – (c)    – (c)
//	21  context               has        has      has      has      has
//	22  blocked submit        – (d)      has      has      – (c)    – (c)
//	23  bad limit             – (e)      has      has      has      has
//	24  default               – (e)      has      has      – (f)    has
//	25  limit                 – (g)      has      has      has      has
//	26  reuse                 – (h)      has      – (i)    – (j)    – (k)
//	27  lazy                  has        has      has      has      has
//	28  idle expiry           – (l)      has      has      – (m)    – (n)
//	29  named workers         – (o)      has      has      – (p)    – (q)
//	30  worker state          – (r)      – (r)    – (r)    – (s)    – (t)
//	31  failing initializer   – (u)      – (u)    – (u)    – (s)    – (t)
//	32  resize                – (e)      has      has      – (v)    – (w)
//	33  shutdown waits        has        has      has      has      has
//	34  shutdown aside        has        has      has      has      has
//	35  shutdown cancels      has        has      has      has      has
//	36  shutdown twice        has        has      has      has      has
//	37  scope                 has        has      has      has      has
//	38  program exit          – (x)      – (x)    – (x)    – (x)    – (x)
//	39  dropped executor      – (y)      – (y)    – (y)    – (z)    – (aa)
//	40  shutdown in time      has        has      has      has      has
//	41  shutdown race         has        has      has      has      has
//	42  late failure          has        has      has      has      has
//	43  map in order          has        has      has      has      has
//	44  map lazily            – (ab)     has      has      has      has
//	45  map submits           has        has      has      has      has
//	46  map without end       has        has      has      has      has
//	47  map pauses            has        has      has      has      has
//	48  map in time           has        has      has      has      has
//	49  map's own error       has        has      has      has      has
//	50  map with errors       has        has      has      has      has
//	51  map goes on           has        has      has      has      has
//	52  map stopped           has        has      has      has      has
//	53  map in chunks         has        has      has      has      has
//	54  map keeps nothing     has        has      has      has      has
//	55  wait for all          has        has      has      has      has
//	56  wait for one          has        has      has      has      has
//	57  wait for an error     has        has      has      has      has
//	58  wait in time          has        has      has      has      has
//	59  duplicates            has        has      has      has      has
//	60  as completed          has        has      has      has      has
//	61  as completed in time  has        has      has      has      has
//	62  futures dropped       has        has      has      has      has
//	63  no lost wake-up       has        has      has      has      has
//	64  failing task          has        has      has      has      has
//	65  original error        has        has      has      has      has
//	66  stack                 has        has      has      has      has
//	67  every error           has        has      has      has      has
//	68  goexit                has        has      has      has      has
//	69  freed                 has        has      has      has      has
//	70  other processes       – (ac)     – (ac)   – (ac)   has      – (ad)
//	71  killed child          – (ac)     – (ac)   – (ac)   has      – (ae)
//	72  own error             – (ac)     – (ac)   – (ac)   has      – (af)
//	73  remote stack          – (ac)     – (ac)   – (ac)   has      has
//	74  crash points          – (ac)     – (ac)   – (ac)   has      – (ag)
//	75  unencodable           – (ac)     – (ac)   – (ac)   has      has
//	76  crash in a big result – (ac)     – (ac)   – (ac)   has      – (ah)
//	77  flood                 – (ac)     – (ac)   – (ac)   has      has
//	78  tasks per child       – (ac)     – (ac)   – (ac)   has      – (ai)
//	79  no replacement        – (ac)     – (ac)   – (ac)   has      – (ai)
//	80  kill                  – (ac)     – (ac)   – (ac)   has      – (ai)
//	81  initializer           – (ac)     – (ac)   – (ac)   has      – (t)
//	82  children end          – (ac)     – (ac)   – (ac)   has      has
//	83  child frees           – (ac)     – (ac)   – (ac)   has      has
//	84  nested submit         has        has      has      – (aj)   has
//	85  nested wait           has        has      has      – (aj)   – (ak)
//
//	(a) only executors make futures: a promise has no task to cancel
//	(b) a submit waits for its task: there is no queue to speak of
//	(c) its queue has no bound
//	(d) a submit waits for its task, not for room
//	(e) it has no number of workers
//	(f) its default is a child for each CPU, and the check wants more
//	(g) it runs one task at a time, whatever the number
//	(h) it keeps no worker: a goroutine runs what is queued and ends
//	(i) it keeps no worker: every task has a goroutine of its own
//	(j) a closure has a goroutine of its own; row 70 is about children
//	(k) every task has a goroutine of its own, in whatever worker is free
//	(l) it keeps no worker
//	(m) a child lives until Shutdown, or for as many tasks as was asked for
//	(n) a worker lives as long as its process
//	(o) it keeps no worker, and has no settings
//	(p) a child is a process, and has its number
//	(q) a worker has the name of its process
//	(r) goroutines share memory: a task captures what it needs
//	(s) its Initializer prepares a child: see 81
//	(t) a worker is prepared before it calls Work
//	(u) there is no initializer, see 30
//	(v) the number of children is fixed
//	(w) the number of slots is that of the workers that are there
//	(x) Go has no hook for it: Shutdown is its caller's
//	(y) its idle workers stay, unless Settings.Idle lets them go
//	(z) its children stay as long as the program: Shutdown is its owner's
//	(aa) its server stays as long as the program: Shutdown is its owner's
//	(ab) a submit waits for its task, so a Map without a bound runs all first
//	(ac) it has no child processes
//	(ad) the next task goes to any worker
//	(ae) a killed worker breaks nothing: another one runs its task again
//	(af) a lost worker breaks nothing
//	(ag) a task that kills its worker runs again on others, and is lost alone
//	(ah) a result must fit into a message of the server
//	(ai) it starts no workers
//	(aj) a child has no children: a task that submits is refused at once
//	(ak) a task that waits keeps its slot: what it submits is refused
package executortest

import (
	"context"
	"slices"

	"github.com/teapot-go/teapot/executor"
)

// Open makes a fresh executor with that many workers, under the same
// conventions as [executor.NewPool]: a negative number is refused. An executor
// without workers to choose ignores the number.
type Open func(workers int) (executor.Executor, error)

// A Check protects one row of the law. Run opens the executors that it needs
// and shuts them down; it returns what is wrong with them, also when they panic
// or hang in the calling goroutine, and ends soon after ctx is done.
type Check struct {
	Row  int
	Name string
	Law  string
	Run  func(ctx context.Context, open Open) error
}

// Checks returns all checks in the order of their rows.
func Checks() []Check {
	all := slices.Concat(futures, callbacks, submits, workers, settings, shutdowns, mapped, streams, waits,
		failures, nesting)
	for i := range all {
		all[i].Run = bounded(all[i].Run)
	}
	slices.SortStableFunc(all, func(a, b Check) int { return a.Row - b.Row })
	return all
}
