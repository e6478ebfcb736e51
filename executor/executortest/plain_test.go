package executortest_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/executortest"
)

// plain is what a user might write: a queue, workers that start as they are
// needed, and the two methods.
type plain struct {
	mu         sync.Mutex
	more       sync.Cond
	queue      []executor.Task
	shut       bool
	room, idle int
	all        sync.WaitGroup
}

func openPlain(workers int) (executor.Executor, error) {
	if workers < 0 {
		return nil, errors.New("a negative number of workers")
	}
	if workers == 0 {
		workers = executor.DefaultWorkers()
	}
	p := &plain{room: workers}
	p.more.L = &p.mu
	return p, nil
}

func (p *plain) Execute(t executor.Task) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shut {
		return executor.ErrShutdown
	}
	p.queue = append(p.queue, t)
	if p.idle < len(p.queue) && p.room > 0 {
		p.room--
		p.all.Go(p.work)
	}
	p.more.Signal()
	return nil
}

func (p *plain) work() {
	for {
		p.mu.Lock()
		for len(p.queue) == 0 && !p.shut {
			p.idle++
			p.more.Wait()
			p.idle--
		}
		if len(p.queue) == 0 {
			p.mu.Unlock()
			return
		}
		t := p.queue[0]
		p.queue[0] = nil
		p.queue = p.queue[1:]
		p.mu.Unlock()
		over := make(chan struct{})
		go func() { // which t may end
			defer close(over)
			t.Run(context.Background())
		}()
		<-over
	}
}

func (p *plain) Shutdown(ctx context.Context) error {
	p.mu.Lock()
	p.shut = true
	p.more.Broadcast()
	p.mu.Unlock()
	over := make(chan struct{})
	go func() {
		p.all.Wait()
		close(over)
	}()
	select {
	case <-over:
		return nil
	default:
	}
	select {
	case <-over:
		return nil
	case <-ctx.Done():
	}
	p.mu.Lock()
	given := p.queue
	p.queue = nil
	p.mu.Unlock()
	for _, t := range given {
		t.Run(ctx)
	}
	return context.Cause(ctx)
}

// An executor of two methods keeps all rows but those that ask for more.
func TestTwoMethods(t *testing.T) {
	executortest.Run(t, openPlain, executortest.TwoMethods(),
		executortest.Except{26: "a goroutine for each task, which may end it"})
}
