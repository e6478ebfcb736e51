package harness

import (
	"encoding/binary"
	"io"
	"testing"
	"testing/synctest"
	"time"
)

// TestLatenessOfAReader has bytes that came late, one of them by a minute.
func TestLatenessOfAReader(t *testing.T) {
	l := &lateness{began: time.Now().Add(-time.Hour), most: make(chan time.Duration, 1)}
	from, to := io.Pipe()
	go l.read(from)
	for _, late := range []time.Duration{0, time.Minute, time.Second} {
		if err := binary.Write(to, binary.LittleEndian, time.Since(l.began)-late); err != nil {
			t.Fatal(err)
		}
	}
	_ = to.Close() // a pipe in memory
	if got := <-l.most; got < time.Minute || got > time.Hour {
		t.Errorf("a minute late, got %v", got)
	}
}

// TestLatenessInABubble has a caller whose test is in a bubble, though the run
// is under the real clock: its clock goes on.
func TestLatenessInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := watchLateness()
		time.Sleep(time.Second)
		if late := l.end(); late != 0 {
			t.Errorf("%v late by a clock that is exact", late)
		}
	})
}
