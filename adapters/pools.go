package adapters

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/alitto/pond/v2"
	"github.com/bytedance/gopkg/util/gopool"
	"github.com/gammazero/workerpool"
	"github.com/panjf2000/ants/v2"
	"github.com/sourcegraph/conc/pool"
	"github.com/teapot-go/teapot/executor"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"
)

// refusal returns the error of a pool as an executor's: closed is that of a
// closed pool.
func refusal(err, closed error) error {
	if errors.Is(err, closed) {
		return fmt.Errorf("%w: %w", executor.ErrShutdown, err)
	}
	return err
}

// Ants makes an executor of a pool of github.com/panjf2000/ants. Execute waits
// for a worker, unless the pool has the option Nonblocking: then it refuses
// tasks with ants.ErrPoolOverload.
func Ants(p *ants.Pool) executor.Executor {
	return adapt(
		func(f func()) error { return refusal(p.Submit(f), ants.ErrPoolClosed) },
		func() error { return p.ReleaseContext(context.Background()) },
	)
}

// Pond makes an executor of a pool of github.com/alitto/pond. Execute does not
// wait, unless the pool has a bounded queue.
func Pond(p pond.Pool) executor.Executor {
	return adapt(
		func(f func()) error { return refusal(p.Go(f), pond.ErrPoolStopped) },
		func() error { p.StopAndWait(); return nil },
	)
}

// Conc makes an executor of a pool of github.com/sourcegraph/conc. Execute
// waits for a goroutine, if the pool has a limit.
func Conc(p *pool.Pool) executor.Executor {
	return adapt(
		func(f func()) error { p.Go(f); return nil },
		func() error { p.Wait(); return nil },
	)
}

// Errgroup makes an executor of a group of golang.org/x/sync/errgroup. Execute
// waits for room, if the group has a limit.
func Errgroup(g *errgroup.Group) executor.Executor {
	return adapt(func(f func()) error {
		g.Go(func() error { f(); return nil })
		return nil
	}, g.Wait)
}

// Semaphore makes an executor of a semaphore of golang.org/x/sync/semaphore: a
// goroutine for each task, which holds a weight of 1. Execute waits for that.
func Semaphore(s *semaphore.Weighted) executor.Executor {
	var all sync.WaitGroup
	return adapt(func(f func()) error {
		if err := s.Acquire(context.Background(), 1); err != nil {
			return err
		}
		all.Go(func() {
			defer s.Release(1)
			f()
		})
		return nil
	}, func() error { all.Wait(); return nil })
}

// Workerpool makes an executor of a pool of github.com/gammazero/workerpool.
// Execute does not wait.
func Workerpool(p *workerpool.WorkerPool) executor.Executor {
	return adapt(
		func(f func()) error { return refusal(p.Do(f), workerpool.ErrStopped) },
		func() error { p.StopWait(); return nil },
	)
}

// Gopool makes an executor of a pool of
// github.com/bytedance/gopkg/util/gopool. Execute does not wait. Such a pool
// cannot be closed, and its goroutines end when they have nothing to do.
func Gopool(p gopool.Pool) executor.Executor {
	var all sync.WaitGroup
	return adapt(func(f func()) error {
		all.Add(1)
		p.Go(func() {
			defer all.Done()
			f()
		})
		return nil
	}, func() error { all.Wait(); return nil })
}
