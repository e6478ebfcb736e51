// Package harness runs a workload on an executor, records what happened to
// every task, and judges the recording against what should have happened.
//
// A [Trial] names a workload, an executor and a clock. [Run] plays it and
// returns a [Recording]: one [Sample] a task. [Foresee] computes an [Oracle]
// from the plan alone: the class of every task, and the schedule of an ideal
// first-in, first-out executor with the same number of workers. A [Check] is a
// pure function that holds the one against the other; [Judge] turns what it
// finds into violations with the place of the expectation and the command that
// reproduces them.
//
// Under the virtual clock a run lives in a testing/synctest bubble: it is
// exact, it takes next to no time, and equal seeds give equal recordings.
package harness
