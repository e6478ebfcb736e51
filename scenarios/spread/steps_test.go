package spread

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/record"
)

// TestSteps reads the steps that were written, whatever is in them, and of a
// message that is cut off or changed no more than there is.
func TestSteps(t *testing.T) {
	type step struct {
		harness.Step
		record.Sample
	}
	var all, read []step
	var log stepLog
	for seq := range 10_000 {
		s := record.Sample{
			Seq: seq, Due: time.Duration(seq) * time.Millisecond, Held: 1, Submitted: time.Hour, Started: -1,
			Finished: -1, Delivered: -1,
		}
		for i, one := range told {
			if i == 2 {
				s.Started, s.Finished, s.Class = time.Hour+1, time.Hour+time.Second, record.OK
			}
			all = append(all, step{one, s})
			log.add(one, s)
		}
	}
	log.add(harness.Delivered, record.Sample{}) // which is not told
	log.add(harness.Finished, record.Sample{Seen: record.Seen{Class: record.Class(strings.Repeat("x", 100))}})
	messages := log.take()
	for _, m := range messages {
		readSteps(m, func(one harness.Step, s record.Sample) { read = append(read, step{one, s}) })
		if len(m) > stepsSize+200 {
			t.Errorf("a message has %d bytes", len(m))
		}
	}
	same := func(a, b step) bool {
		return a.Step == b.Step && a.Seq == b.Seq && a.Due == b.Due && a.Held == b.Held && a.Submitted == b.Submitted &&
			a.Started == b.Started && a.Finished == b.Finished && a.Delivered == b.Delivered && a.Class == b.Class
	}
	if len(messages) < 2 || len(log.take()) != 0 || !slices.EqualFunc(read, all, same) {
		t.Fatalf("%d messages, %d steps of %d", len(messages), len(read), len(all))
	}
	m := messages[0][:2000]
	for cut := range m {
		steps := 0
		readSteps(m[:cut], func(harness.Step, record.Sample) { steps++ })
		if steps > cut/8 {
			t.Errorf("%d steps of %d bytes", steps, cut)
		}
		changed := slices.Clone(m)
		changed[cut] ^= 0xff
		readSteps(changed, func(_ harness.Step, s record.Sample) {
			if len(s.Class) > len(m) {
				t.Errorf("a class of %d bytes", len(s.Class))
			}
		})
	}
}

// TestStepsAreBounded writes more steps than wait to be sent.
func TestStepsAreBounded(t *testing.T) {
	var log stepLog
	for seq := range 1 << 20 {
		log.add(harness.Submitted, record.Sample{Seq: seq})
	}
	size := 0
	for _, m := range log.take() {
		size += len(m)
	}
	if most := mostSteps * (stepsSize + 100); size > most || size < most/2 {
		t.Errorf("%d bytes wait, want up to %d", size, most)
	}
}

// TestTold tells the leader of the tasks while they run, each once, though the
// way to it takes long.
func TestTold(t *testing.T) {
	bubble(t, func(w *world) {
		for range 3 {
			w.generator(&fake{tasks: 900, every: 10 * ms}, &link{way: 40 * ms}, time.Hour)
		}
		lead := w.leader(3, &link{})
		defer lead.nc.Close()
		finished, early := map[int]int{}, 0
		var began time.Time
		lead.told = func(step harness.Step, s record.Sample) {
			if step == harness.Finished {
				finished[s.Seq]++
			}
			if time.Since(began) < 5*time.Second {
				early++
			}
			if s.Due != time.Duration(s.Seq)*10*ms || time.Since(began) > s.Submitted+every+100*ms {
				t.Errorf("told of %+v after %v", s, time.Since(began))
			}
		}
		if _, err := lead.lead(w.life, func(at time.Time) { began = at }); err != nil {
			t.Fatal(err)
		}
		if len(finished) != 900 || early < 700 {
			t.Errorf("told of %d tasks, %d steps in the first half", len(finished), early)
		}
		for seq, n := range finished {
			if n != 1 {
				t.Errorf("task %d has ended %d times", seq, n)
			}
		}
	})
}

// FuzzSteps reads any bytes: what is read of them can be written, and reads the
// same.
func FuzzSteps(f *testing.F) {
	var log stepLog
	log.add(harness.Finished, record.Sample{Seq: 7, Due: 3, Held: -1, Seen: record.Seen{Class: record.OK}})
	f.Add(log.take()[0])
	f.Add([]byte{0, 2, 4, 6, 8, 10, 12, 2, 'x'})
	f.Fuzz(func(t *testing.T, b []byte) {
		var log stepLog
		var read, again []record.Sample
		readSteps(b, func(step harness.Step, s record.Sample) {
			if len(s.Class) <= longestClass {
				log.add(step, s)
				read = append(read, s)
			}
		})
		for _, m := range log.take() {
			readSteps(m, func(_ harness.Step, s record.Sample) { again = append(again, s) })
		}
		if !reflect.DeepEqual(read, again) {
			t.Errorf("read %v, then %v", read, again)
		}
	})
}
