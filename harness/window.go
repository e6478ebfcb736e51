package harness

import (
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness/record"
)

// take takes the samples of the first tasks out of the window of a stream, no
// more than most of them, which had ended for good before a time. It also
// returns a time before which none of the others has started.
func (r *recorder) take(most int, before time.Duration) (ended []record.Sample, begun time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, -1
	}
	n := 0
	for n < min(most, len(r.samples)) && r.endedBefore(n, before) {
		n++
	}
	ended = slices.Clone(r.samples[:n])
	for i := range ended {
		ended[i].Misrun = r.turns[i].misrun()
	}
	clear(r.samples[:n]) // which hold texts
	r.samples, r.turns, r.base = r.samples[n:], r.turns[n:], r.base+n
	for len(r.begun) > 0 && r.begun[0] < r.base {
		r.begun = r.begun[1:]
	}
	if begun = before; len(r.begun) > 0 {
		begun = min(begun, r.at(r.begun[0]).Started)
	}
	if r.real { // where two starts may be noted in the other order
		begun -= tolerated
	}
	return ended, begun
}

// endedBefore reports whether nothing more can happen to a task in the window,
// unless its executor breaks its promise.
func (r *recorder) endedBefore(i int, at time.Duration) bool {
	s, t := &r.samples[i], &r.turns[i]
	over := s.Delivered >= 0 && t.inside == 0 && (t.accepted || t.refused)
	return over && s.Delivered <= at && s.Finished <= at
}

// longestInWindow returns how long a task has taken at most whose sample was
// not taken.
func (r *recorder) longestInWindow() (longest time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.samples {
		switch s := &r.samples[i]; {
		case s.Started < 0:
		case s.Finished < 0:
			longest = max(longest, time.Since(r.start)-s.Started)
		default:
			longest = max(longest, s.Latency())
		}
	}
	return longest
}

// noteStart notes the order of starts, if samples are taken. The caller holds
// mu.
func (r *recorder) noteStart(seq int) {
	if r.streamed {
		r.begun = append(r.begun, seq)
	}
}

// noteAgain notes that a task runs again whose sample was taken.
func (r *recorder) noteAgain(seq int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if seq < r.base && !r.closed {
		r.again++
	}
}

// ranAgain says what is wrong about tasks that ran again when their samples had
// been taken, as a recording's Misrun does.
func (r *recorder) ranAgain() string {
	if r.again == 0 {
		return ""
	}
	return plural(r.again, "task") + " run when the results were there: run once, before that"
}
