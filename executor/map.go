package executor

import (
	"context"
	"fmt"
	"iter"

	"github.com/teapot-go/teapot/executor/internal/sched"
)

// MapOptions tell [Map] how to read its inputs and make tasks of them. The zero
// value reads them all at once and makes each a task.
type MapOptions struct {
	// Ahead is how many inputs may have been read whose results have not been
	// asked for; 0 means all. An infinite sequence needs a limit, and so does
	// one that is produced faster than the results are used.
	Ahead int

	// Chunk is how many inputs make one task, one after another; 0 means 1.
	// If the function is fast, a chunk costs little more than one input. A
	// chunk never has more inputs than Ahead.
	Chunk int
}

// Map calls f for every input of in, as tasks of ex, and returns an iterator
// over the results in the order of the inputs.
//
// Every input is read and submitted before Map returns, so the tasks run
// whether or not the caller asks for the results. If Ahead is set, reading
// begins with the loop over the results, and pauses when Ahead inputs have been
// read. At most one MapOptions may be given.
//
// The iterator waits for one result at a time and gives exactly one pair for
// each input. An error comes in the position of its input, and the iterator
// goes on after it. When the loop over the iterator ends early, the tasks that
// have not started are cancelled.
//
// When ctx is done they are cancelled too. Results that are there still come; a
// cancelled task gives an error that wraps [ErrCancelled], and one that is
// still running an error that wraps [ErrUnfinished]. If Ahead is set, no more
// input is read. A running task stops only if f heeds its context. The errors
// that f returns have no such effects, whatever they wrap.
//
// The iterator can be used once and keeps no result that it has given. It must
// not be used by several goroutines. Map panics if an option is negative.
func Map[K, T any](ctx context.Context, ex Executor, in iter.Seq[K], f func(context.Context, K) (T, error),
	how ...MapOptions,
) iter.Seq2[T, error] {
	if f == nil {
		panic("executor: Map of a nil function")
	}
	h := only(how)
	m := newMapping[K, T](ctx, h)
	m.f = f
	if h.Ahead > 0 {
		return m.readAhead(in, h.Ahead, ex.Execute)
	}
	if p := poolOf(ex); p == nil || m.size > 1 || !m.submitBatch(p, in) {
		m.submit(in, ex.Execute)
	}
	return m.results
}

// only returns the one MapOptions that may be given.
func only(how []MapOptions) (m MapOptions) {
	if len(how) > 0 {
		m = how[0]
	}
	if m.Ahead < 0 || m.Chunk < 0 || len(how) > 1 {
		panic(fmt.Sprintf("executor: Map with %+v: want at most one MapOptions, without negative numbers", how))
	}
	return m
}

// submitBatch makes all inputs one task of a pool, in chunks of one. It reports
// false, and reads no input, if the pool's queue has a limit: then each input
// must count as a task.
func (m *mapping[In, Out]) submitBatch(p *sched.Pool, in iter.Seq[In]) bool {
	if p.Bounded() {
		return false
	}
	all := m.collect(in)
	b := &sched.Batch{Parts: int64(all.to)}
	b.Work = func(ctx context.Context, next func() (int, bool)) {
		if ctx.Err() != nil {
			(&part[In, Out]{m: m, from: b.Stop(), to: all.to}).Run(ctx)
			return
		}
		r := runner[In, Out]{m: m, run: m.newRun(ctx)}
		for i, ok := next(); ok; i, ok = next() {
			b := m.blocks[i>>m.shift]
			r.runChunk(b, &b.chunks[i-b.base], i, i+1)
		}
	}
	m.batch = b
	if err := p.ExecuteBatch(b); err != nil {
		all.refuse(err)
	}
	return true
}
