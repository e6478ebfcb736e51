package cluster

import (
	"context"

	"github.com/teapot-go/teapot/executor/internal/contain"
)

// serve runs the loops until the executor is shut down and no task is left, and
// then removes what it has made.
func (e *Executor) serve() {
	e.loops.Go(e.sendLoop)
	e.loops.Go(e.settleLoop)
	e.loops.Go(e.beatLoop)
	e.loops.Go(e.careLoop)
	e.loops.Go(e.intake.loop)
	<-e.idle
	e.close()
	close(e.over)
}

// close ends what open has started, also if open has failed.
func (e *Executor) close() {
	if e.nc != nil {
		_ = e.nc.Publish(e.run.Subject("stop"), nil)
	}
	e.end()
	if e.here != nil {
		e.here.leave()
	}
	e.loops.Wait()
	if e.js != nil {
		ctx, cancel := context.WithTimeout(context.Background(), e.config.AckWait)
		deleteStreams(ctx, e.js, e.run)
		cancel()
	}
	if e.nc != nil {
		e.nc.Close()
	}
	if e.server != nil {
		_ = e.server.stop() // a folder that stays harms nothing
	}
}

// Shutdown implements [executor.Executor]: it returns when the streams of the
// run are deleted and the workers have been told that it is over.
func (e *Executor) Shutdown(ctx context.Context) error {
	e.mu.Lock()
	e.shut = true
	e.checkIdle()
	e.mu.Unlock()
	select {
	case <-e.over:
		return nil
	default:
	}
	select {
	case <-e.over:
		return nil
	case <-ctx.Done():
	}
	e.mu.Lock()
	dropped := e.drain()
	e.checkIdle()
	e.mu.Unlock()
	contain.Each(dropped, func(j *job) { j.r.Run(ctx) })
	return context.Cause(ctx)
}

// drain empties the queue. The caller holds mu.
func (e *Executor) drain() (dropped []*job) {
	for e.queued > 0 {
		j, ok := e.queue.Take()
		if !ok {
			break
		}
		e.queued--
		dropped = append(dropped, j)
	}
	return dropped
}

// breakWith ends all tasks, each with a separate error. The first reason is
// kept.
func (e *Executor) breakWith(why error) {
	e.mu.Lock()
	if e.broken == nil {
		e.broken = e.nc.Explain(why)
	}
	queued := e.drain()
	var begun []*flight
	for seq, f := range e.flights {
		if f.ctx != nil { // else sendLoop ends it
			begun = append(begun, f)
		}
		delete(e.flights, seq)
		e.unwatch(f)
	}
	e.mu.Unlock()
	_ = e.nc.Publish(e.run.Subject("stop"), nil)
	contain.Run(func() {
		contain.Each(begun, func(f *flight) { fail(f.r, e.breakage()) })
	})
	contain.Run(func() {
		contain.Each(queued, func(j *job) {
			if _, ok := j.r.Begin(); ok {
				fail(j.r, e.breakage())
			}
		})
	})
	e.mu.Lock()
	e.checkIdle()
	e.mu.Unlock()
}
