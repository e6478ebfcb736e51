package process

import "time"

// SetLateEnd sets how long e waits for a retired child before it kills it, and
// for the output of a child that has ended. It must be called before the first
// task.
func SetLateEnd(e *Executor, d time.Duration) { e.lateEnd = d }
