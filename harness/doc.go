// Package harness runs a workload on an executor and records what happened to
// every task.
//
// A [Trial] names a workload, an executor and a clock. [Run] runs it and
// returns a [record.Recording]: one sample a task, beside what package oracle
// says should have happened to it. Package checks judges the recording.
//
// Under the virtual clock a run lives in a testing/synctest bubble: it is
// exact, it takes next to no time, and equal seeds give equal recordings.
package harness
