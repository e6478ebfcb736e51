// Package record has what a run leaves behind: a [Recording] of [Sample]
// values, one a task, with what was planned for each, and the violations that
// checks found in it. Reports and checks read recordings and need nothing else.
//
// [NewIdeal] computes from the plan alone what an ideal executor would make of
// the same workload.
//
// Beside package search it imports the standard library alone.
package record
