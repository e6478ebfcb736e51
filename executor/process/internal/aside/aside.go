// Package aside calls code of others, which may panic or end its goroutine.
package aside

import (
	"fmt"

	"github.com/teapot-go/teapot/executor"
)

// Run runs what may end its goroutine.
func Run(f func()) {
	over := make(chan struct{})
	go func() {
		defer close(over)
		f()
	}()
	<-over
}

// Contain runs what may panic or end its goroutine, and makes an error of that.
func Contain(f func() error) error {
	over := make(chan error, 1)
	go func() {
		err := executor.ErrGoexit
		defer func() {
			if v := recover(); v != nil {
				err = fmt.Errorf("panic: %v", v)
			}
			over <- err
		}()
		err = f()
	}()
	return <-over
}
