package process

import (
	"context"

	"github.com/teapot-go/teapot/executor"
)

// A sentRange is a range of one task's inputs that are sent or about to be.
type sentRange struct {
	r        executor.Remote
	from, to int
	whole    bool
	ctx      context.Context
	message  *tasksMessage
}

// job returns the range as a job, for inputs that come back.
func (s sentRange) job() job {
	r := s.r
	if s.to < r.Len() {
		r, _ = r.Split(s.to)
	}
	if s.from > 0 {
		_, r = r.Split(s.from)
	}
	return job{r, s.whole, s.ctx}
}

// A tasksMessage is a message with tasks that are not all answered.
type tasksMessage struct {
	c      *child
	number int
	def    int
	ctx    context.Context
	left   int         // inputs without an answer
	stop   func() bool // ends the watch on its context
}

// done records that n inputs have an answer. After the last one, it ends the
// watch on the context. The caller holds the
// executor's mu.
func (l *tasksMessage) done(n int) {
	if l.left -= n; l.left == 0 && l.stop != nil && l.stop() {
		l.c.cancels.Done()
	}
}
