package record

import "time"

// A Cost is what a run took of the machine from its first submission until its
// executor had shut down: of the whole process, so that the client, the server
// and the harness are all in it, and of child processes that ended in that
// time. The zero Cost is of nothing.
type Cost struct {
	CPU        time.Duration `json:"cpu_ns"`      // of all processors, user and system together; 0 where the system does not say
	Allocs     uint64        `json:"allocs"`      // objects that were allocated on the heap of this process
	AllocBytes uint64        `json:"alloc_bytes"` // and their bytes
}
