// Package wire encodes the messages between the coordinator of a run and its
// workers, and names the subjects and streams that they travel on.
//
//	tp.<run>.t.<seq>   coordinator → stream T → one worker: a task
//	tp.<run>.r.<seq>   worker → stream R → coordinator: a result
//	tp.<run>.s.<seq>   worker → stream S: a claim to run a task once
//	tp.here            a worker looks for runs; coordinators beat at once
//	tp.<run>.beat      the coordinator lives
//	tp.<run>.hello     a worker joins: Hello, answered by Welcome
//	tp.<run>.alive     a worker lives: Alive
//	tp.<run>.took      a worker has a task that another one had: Took
//	tp.<run>.cancel    the context of a task is done: AppendCancel
//	tp.<run>.stop      the run is over
//
// Each stream holds at most one message a subject and refuses a second one, so
// that a task has at most one result and one claim, however often it is run.
package wire

import (
	"strconv"
	"strings"
)

// Here is the subject on which workers look for runs, and Beats matches the
// beats of all runs.
const (
	Here  = "tp.here"
	Beats = "tp.*.beat"
)

// Prefix begins the names of all streams.
const Prefix = "TP_"

// A Run is the name of one run, which is the same on no two coordinators.
type Run string

// Stream returns the name of a stream of the run: T, R or S.
func (r Run) Stream(which string) string { return Prefix + string(r) + "_" + which }

// Subject returns a subject of the run.
func (r Run) Subject(what string) string { return "tp." + string(r) + "." + what }

// Task returns the subject of a task.
func (r Run) Task(seq uint64) string { return r.numbered(".t.", seq) }

// Result returns the subject of the result of a task.
func (r Run) Result(seq uint64) string { return r.numbered(".r.", seq) }

// Claim returns the subject of the claim of a task that runs once.
func (r Run) Claim(seq uint64) string { return r.numbered(".s.", seq) }

func (r Run) numbered(what string, seq uint64) string {
	b := make([]byte, 0, 48)
	b = append(append(append(b, "tp."...), r...), what...)
	return string(strconv.AppendUint(b, seq, 10))
}

// Seq returns the number at the end of a subject, or 0.
func Seq(subject string) uint64 {
	n, _ := strconv.ParseUint(subject[strings.LastIndexByte(subject, '.')+1:], 10, 64)
	return n
}

// RunOf returns the run of a subject, or of a stream.
func RunOf(name string) Run {
	if own, ok := strings.CutPrefix(name, Prefix); ok {
		own, _, _ = strings.Cut(own, "_")
		return Run(own)
	}
	_, own, _ := strings.Cut(name, ".")
	own, _, _ = strings.Cut(own, ".")
	return Run(own)
}
