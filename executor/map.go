package executor

import (
	"context"
	"fmt"
	"iter"

	"github.com/teapot-go/teapot/executor/internal/gate"
)

// A Mapping says how [Map] works through its inputs. The zero value reads them
// all at once and makes each a task.
type Mapping struct {
	// Ahead is how many inputs may have been read whose results have not been
	// asked for; 0 means all. An infinite sequence needs a bound, and so does
	// one that is produced faster than the results are used.
	Ahead int

	// Chunk is how many inputs make one task, one after another; 0 means 1.
	// Where the function is quick, a chunk costs little more than a task. Never
	// more inputs than Ahead are in one.
	Chunk int
}

// Map calls f for every input of in, as tasks of ex, and returns an iterator
// over the results in the order of the inputs.
//
// Every input is read and submitted before Map returns, so the tasks run
// whether or not the results are asked for (and have all run by then on
// [NewSequential]'s). With a bound by [Mapping], of which at most one may be
// given, reading begins with the loop over the results and pauses while the
// bound is reached. The iterator waits for one result at a time; it gives
// exactly one pair for each input, an error stands at the position of its
// input, and the iterator goes on after it. When the loop over it ends early,
// the tasks that have not started are cancelled. When ctx is done they are
// cancelled too: results that are there still come, a cancelled task gives an
// error that wraps [ErrCancelled], and one that is still running an error that
// wraps [ErrUnfinished]. With a bound, no input is read any more. Running tasks
// are not stopped but through ctx, which is theirs. An error of f's own is none
// of this, whatever it wraps.
//
// The iterator can be used once and keeps no result that it has given. It is
// not for several goroutines. A negative bound panics.
func Map[K, T any](ctx context.Context, ex Executor, in iter.Seq[K], f func(context.Context, K) (T, error), how ...Mapping) iter.Seq2[T, error] {
	if f == nil {
		panic("executor: Map of a nil function")
	}
	h := only(how)
	m := newMapping[K, T](ctx, h)
	m.f = f
	if h.Ahead > 0 {
		return m.reading(in, h.Ahead, ex.Execute)
	}
	if p, ok := ex.(pool); !ok || m.size > 1 || !m.together(p, in) {
		m.submit(in, ex.Execute)
	}
	return m.results
}

// only returns the one Mapping that may be given.
func only(how []Mapping) (m Mapping) {
	if len(how) > 0 {
		m = how[0]
	}
	if m.Ahead < 0 || m.Chunk < 0 || len(how) > 1 {
		panic(fmt.Sprintf("executor: Map with %+v: want at most one, without negative numbers", how))
	}
	return m
}

// together makes all inputs one task of a pool, or reports false and reads none
// if tasks count there. They are in chunks of one.
func (m *mapping[In, Out]) together(p pool, in iter.Seq[In]) bool {
	if p.Counts() {
		return false
	}
	all := m.collect(in)
	b := &gate.Batch{Parts: int64(all.to)}
	b.Work = func(ctx context.Context, begin func() (int, bool)) {
		if ctx.Err() != nil {
			(&part[In, Out]{mapping: m, from: b.Cut(), to: all.to}).Run(ctx)
			return
		}
		w := walk[In, Out]{mapping: m, party: m.party(ctx)}
		for i, ok := begin(); ok; i, ok = begin() {
			s := m.shelves[i>>m.shift]
			w.along(s, &s.chunks[i-s.base], i, i+1)
		}
	}
	m.crowd = b
	if err := p.ExecuteAll(b); err != nil {
		all.refuse(err)
	}
	return true
}
