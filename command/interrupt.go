package command

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/teapot-go/teapot/command/internal/cli"
)

// again is how long after an interrupt another one is taken for the same. GNU
// timeout sends one to its child, and at once another to the child's group.
const again = time.Second

// grace is how long the commands have to remove what is half written, when the
// program ends at once.
const grace = 500 * time.Millisecond

// A stop is how a process is asked to end: by one interrupt to end with what it
// has, by a later one to end at once.
type stop struct {
	soft, hard         context.Context
	endSoft, endAtOnce context.CancelFunc
}

func newStop() *stop {
	s := new(stop)
	s.soft, s.endSoft = context.WithCancel(context.Background())
	s.hard, s.endAtOnce = context.WithCancel(context.Background())
	return s
}

// interrupts returns a stop that follows SIGINT and SIGTERM, and ends the
// process at the one that is to end it at once.
func interrupts() *stop {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	s := newStop()
	go func() {
		s.follow(signals)
		<-time.After(grace)
		removeFolders()
		os.Exit(cli.StatusInterrupted)
	}()
	return s
}

// follow returns when a signal asks for the end at once.
func (s *stop) follow(signals <-chan os.Signal) {
	<-signals
	first := time.Now()
	s.endSoft()
	for range signals {
		if time.Since(first) >= again {
			break
		}
	}
	s.endAtOnce()
}

// removeFolders removes the temporary folders that this process has left. Their
// names hold its number.
func removeFolders() {
	left, _ := filepath.Glob(filepath.Join(os.TempDir(), fmt.Sprintf("teapot-*-%d-*", os.Getpid())))
	for _, folder := range left {
		_ = os.RemoveAll(folder) // it is the end, and there is nothing else to try
	}
}
