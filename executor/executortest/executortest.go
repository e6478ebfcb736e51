// Package executortest holds an executor to the law: a table of named checks, each with the rule that it protects.
//
//	err := executortest.Test(func(workers int) (executor.Executor, error) {
//		return executor.NewPool(workers)
//	}, nil)
//
// The checks know nothing of testing frameworks and never sleep. Every wait in them has a deadline, so that a broken executor
// yields an error and not a hang.
//
// # Who has what
//
//	row                       sequential  pool        async
//	1   states                has         has         has
//	2   result                has         has         has
//	3   result in time        has         has         has
//	4   error                 has         has         has
//	5   cancelled error       has         has         has
//	6   cancel pending        has         has         has
//	7   cancel late           has         has         has
//	8   once                  has         has         has
//	9   string                has         has         has
//	10  promise               – (a)       – (a)       – (a)
//	11  callback              has         has         has
//	12  callbacks in order    has         has         has
//	13  callback panics       has         has         has
//	14  late callback         has         has         has
//	15  submit in a callback  has         has         has
//	16  typed                 has         has         has
//	17  many types            has         has         has
//	18  submit after shutdown has         has         has
//	19  submit never blocks   has         has         has
//	20  bounded queue         – (b)       has         has
//	21  context               has         has         has
//	22  blocked submit        – (c)       has         has
//	23  bad limit             – (d)       has         has
//	24  default               – (d)       has         has
//	25  limit                 – (e)       has         has
//	26  reuse                 – (f)       has         – (g)
//	27  lazy                  has         has         has
//	28  idle expiry           – (h)       has         has
//	29  named workers         – (i)       has         has
//	30  worker state          – (j)       – (j)       – (j)
//	31  failing initializer   – (k)       – (k)       – (k)
//	32  resize                – (d)       has         has
//	33  shutdown waits        has         has         has
//	34  shutdown aside        has         has         has
//	35  shutdown cancels      has         has         has
//	36  shutdown twice        has         has         has
//	37  scope                 has         has         has
//	38  program exit          – (l)       – (l)       – (l)
//	39  dropped executor      – (m)       – (m)       – (m)
//	40  shutdown in time      has         has         has
//	41  shutdown race         has         has         has
//	42  late failure          has         has         has
//	43  map in order          has         has         has
//	44  map lazily            – (n)       has         has
//	45  map submits           has         has         has
//	46  map without end       has         has         has
//	47  map pauses            has         has         has
//	48  map in time           has         has         has
//	49  map's own error       has         has         has
//	50  map with errors       has         has         has
//	51  map goes on           has         has         has
//	52  map stopped           has         has         has
//	53  map in chunks         has         has         has
//	54  map keeps nothing     has         has         has
//	55  wait for all          has         has         has
//	56  wait for one          has         has         has
//	57  wait for an error     has         has         has
//	58  wait in time          has         has         has
//	59  duplicates            has         has         has
//	60  as completed          has         has         has
//	61  as completed in time  has         has         has
//	62  futures dropped       has         has         has
//	63  no lost wake-up       has         has         has
//	64  failing task          has         has         has
//	65  original error        has         has         has
//	66  stack                 has         has         has
//	67  every error           has         has         has
//	68  goexit                has         has         has
//	69  freed                 has         has         has
//	84  nested submit         has         has         has
//	85  nested wait           has         has         has
//
//	(a) only executors make futures: one completed by hand would have no task to cancel
//	(b) a submit waits for its task: there is no queue to speak of
//	(c) a submit waits for its task, not for room
//	(d) it has no number of workers
//	(e) it runs one task at a time, whatever the number
//	(f) it keeps no worker: a goroutine runs what is queued and ends
//	(g) it keeps no worker: every task has a goroutine of its own
//	(h) it keeps no worker
//	(i) it keeps no worker, and has no settings
//	(j) goroutines share memory: what a worker would keep is captured by the task, or kept in a sync.Pool
//	(k) there is no initializer, see 30
//	(l) Go has no hook for it: Shutdown is its caller's
//	(m) its idle workers stay, unless Settings.Idle lets them go: a leak check finds it
//	(n) a submit waits for its task, so that a Map without a bound has run all before its first result
package executortest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/teapot-go/teapot/executor"
)

// Open makes a fresh executor with that many workers, under the same conventions as [executor.NewPool]: a negative number is
// refused. An executor without workers to choose ignores the number.
type Open func(workers int) (executor.Executor, error)

// A Check protects one row of the law. Run opens the executors that it needs and shuts them down; it returns what is wrong with
// them, also when they panic or hang in the calling goroutine, and ends soon after ctx is done.
type Check struct {
	Row  int
	Name string
	Law  string
	Run  func(ctx context.Context, open Open) error
}

// Checks returns all checks in the order of their rows.
func Checks() []Check {
	all := slices.Concat(futures, callbacks, submits, workers, settings, shutdowns, mapped, streams, waits, failures, nesting)
	for i := range all {
		all[i].Run = bounded(all[i].Run)
	}
	slices.SortStableFunc(all, func(a, b Check) int { return a.Row - b.Row })
	return all
}

// patience is far more than a check takes on a busy machine.
const patience = 10 * time.Second

// Test runs the checks one after another and joins their errors, each with its row, name and law. The rows in except are left
// out: except says for each why the executor cannot have it. An unknown row or an empty reason is an error too.
func Test(open Open, except map[int]string) error {
	var errs []error
	known := map[int]bool{}
	for _, c := range Checks() {
		known[c.Row] = true
		if except[c.Row] != "" {
			continue
		}
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		if err := c.Run(ctx, open); err != nil {
			errs = append(errs, fmt.Errorf("row %d, %s: %w\n\tlaw: %s", c.Row, c.Name, err, c.Law))
		}
		cancel()
	}
	for _, row := range slices.Sorted(maps.Keys(except)) {
		if !known[row] || except[row] == "" {
			errs = append(errs, fmt.Errorf("row %d is excepted with the reason %q: it has no check, or needs a reason", row, except[row]))
		}
	}
	return errors.Join(errs...)
}
