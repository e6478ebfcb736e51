package record

import "time"

// A Cost is the CPU time and the memory that a run used from its first
// submission until its executor had shut down. It covers the whole process,
// which is client, server and harness together, and the child processes that
// ended in that time.
type Cost struct {
	// CPU time on all processors, user and system together; 0 if the system
	// does not report it
	CPU        time.Duration `json:"cpu_ns"`
	Allocs     uint64        `json:"allocs"`      // objects allocated on the heap of this process
	AllocBytes uint64        `json:"alloc_bytes"` // bytes of these objects
	// the share of the time of all processors in which they worked, for this
	// process or any other, from 0 to 1; only of an open workload, and 0 if the
	// system does not report it
	Busy float64 `json:"busy,omitempty"`
}
