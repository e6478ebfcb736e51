package harness

import (
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing/synctest"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/harness/share"
	"github.com/teapot-go/teapot/servers/interleave"
)

// submitter is the name of the goroutine that hands tasks over.
const submitter = "submitter"

// takeTurns has what is the harness's own take turns, and the server and the
// executor, if that is one of package executor. It is called before any task is
// submitted.
func (r *run) takeTurns(w *Workload, ex executor.Executor) {
	if r.trial.Clock != record.Virtual {
		return
	}
	r.turns = interleave.New(r.trial.Interleave, r.trial.Seed, r.trial.tasks(), synctest.Wait)
	if r.turns == nil {
		return
	}
	if w.Server != nil {
		w.Server.Interleave(r.turns)
	}
	r.recorder.order = r.turns
	let(r.turns.Yield, share.Part{}, ex)
}

// workers are the goroutines of an executor that have stopped. Each is named by
// the order of their first stops: the runtime's numbers differ from run to run.
type workers struct {
	mu    sync.Mutex
	names map[string]string // by the number of the goroutine
}

// name returns the name of the calling goroutine.
func (w *workers) name() string {
	var buf [32]byte
	_, id, _ := strings.Cut(string(buf[:runtime.Stack(buf[:], false)]), " ")
	id, _, _ = strings.Cut(id, " ")
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.names == nil {
		w.names = map[string]string{}
	}
	if w.names[id] == "" {
		w.names[id] = "worker " + strconv.Itoa(len(w.names))
	}
	return w.names[id]
}

// yield lets others go on before a task does. A start is noted before its
// yield, and an end after it, so that the executor is not blamed for the time.
func (r *recorder) yield(seq int) {
	if r.order == nil {
		return
	}
	s := r.sample(seq)
	r.order.Yield("task " + s.Key + " " + strconv.Itoa(s.Task()))
}
