//go:build unix

package executortest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"github.com/teapot-go/teapot/executor"
)

// StandIn makes an executor that runs defined tasks elsewhere fit for the
// checks of [Checks], which submit closures: each is run here, while a task of
// [Definitions] keeps a child busy for as long. So it is the executor that
// decides when a closure starts, how many run at once and which of them never
// do, and it counts as running from its real start in the child to its real
// end.
func StandIn(open Open) Open {
	return func(workers int) (executor.Executor, error) {
		ex, err := open(workers)
		if err != nil {
			return nil, err
		}
		dir, err := os.MkdirTemp("", "standin")
		if err != nil {
			return nil, errors.Join(err, ex.Shutdown(context.Background()))
		}
		l, err := net.Listen("unix", filepath.Join(dir, "s"))
		if err != nil {
			return nil, errors.Join(err, ex.Shutdown(context.Background()), os.RemoveAll(dir))
		}
		s := &standIn{ex: ex, dir: dir, l: l, waiting: map[int]executor.Task{}}
		s.all.Go(s.accept)
		return s, nil
	}
}

type standIn struct {
	ex  executor.Executor
	dir string
	l   net.Listener
	all sync.WaitGroup

	mu      sync.Mutex
	waiting map[int]executor.Task // closures that have not started
	last    int
}

var _ executor.Executor = (*standIn)(nil)

// A call says where a child is to report, and for whom.
type call struct {
	Address string
	ID      int
}

// procStandIn runs from when it has called until it is called back.
var procStandIn = executor.Define("executortest.standin", func(_ context.Context, c call) (int, error) {
	return 0, callBack(c)
})

// lines are the open lines of a child that no call uses, by their addresses.
var lines sync.Map

// callBack waits until the closure of a call has ended. It keeps the line for
// the next call, as a child runs thousands of tasks, one after another.
func callBack(c call) error {
	var line net.Conn
	if kept, some := lines.LoadAndDelete(c.Address); some {
		line = kept.(net.Conn)
	} else {
		var err error
		if line, err = net.Dial("unix", c.Address); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(line, c.ID)
	if err == nil {
		_, err = io.ReadFull(line, make([]byte, 1))
	}
	if err != nil {
		line.Close()
		if errors.Is(err, io.EOF) { // the closure has called runtime.Goexit
			return nil
		}
		return err
	}
	if other, some := lines.Swap(c.Address, line); some {
		other.(net.Conn).Close()
	}
	return nil
}

// Execute implements [executor.Executor].
func (s *standIn) Execute(t executor.Task) error {
	s.mu.Lock()
	s.last++
	id := s.last
	s.waiting[id] = t
	s.mu.Unlock()
	r := &refusal{Executor: s.ex}
	f := procStandIn.Submit(context.Background(), r, call{s.l.Addr().String(), id})
	if r.err != nil {
		s.take(id)
		return r.err
	}
	f.OnDone(func(f *executor.Future[int]) {
		if t := s.take(id); t != nil { // given up
			_, err := f.Result(context.Background())
			ctx, cancel := context.WithCancelCause(context.Background())
			cancel(err)
			t.Run(ctx)
		}
	})
	return nil
}

func (s *standIn) take(id int) executor.Task {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.waiting[id]
	delete(s.waiting, id)
	return t
}

func (s *standIn) accept() {
	for {
		line, err := s.l.Accept()
		if err != nil {
			return
		}
		s.all.Go(func() {
			defer line.Close()
			calls := bufio.NewReader(line)
			for {
				said, err := calls.ReadString('\n')
				if err != nil {
					return // the child has ended
				}
				id, _ := strconv.Atoi(said[:len(said)-1])
				if t := s.take(id); t != nil {
					t.Run(context.Background())
				}
				if _, err := line.Write([]byte{'\n'}); err != nil {
					return
				}
			}
		})
	}
}

// Shutdown implements [executor.Executor].
func (s *standIn) Shutdown(ctx context.Context) error {
	err := s.ex.Shutdown(ctx)
	if err == nil {
		s.l.Close()
		s.all.Wait()
		os.RemoveAll(s.dir)
	}
	return err
}
