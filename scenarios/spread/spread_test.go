package spread

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/teapot-go/teapot/harness/record"
)

const ms = time.Millisecond

// TestSpread has four load generators with clocks that are an hour ahead or
// behind, over ways that take longer there than back. All begin at once, up to
// what the exchanges can tell, and what is told of their starts is right within
// its error.
func TestSpread(t *testing.T) {
	for _, ways := range [][2]time.Duration{{0, 0}, {3 * ms, 3 * ms}, {9 * ms, ms}, {ms, 9 * ms}} {
		t.Run(fmt.Sprint(ways), func(t *testing.T) {
			bubble(t, func(w *world) {
				var fakes []*fake
				for _, ahead := range []time.Duration{0, time.Hour, -time.Hour, 1820 * time.Microsecond} {
					f := &fake{tasks: 2003, every: 10 * ms}
					fakes = append(fakes, f)
					w.generator(f, &link{way: ways[0], back: ways[1]}, ahead)
				}
				recs, began, err := w.lead(w.life, 4, &link{})
				if err != nil || len(recs) != 4 {
					t.Fatalf("%d recordings, %v", len(recs), err)
				}
				half := (ways[0] + ways[1]) / 2
				ofPart := map[time.Time]int{}
				for k, rec := range recs {
					g := rec.Generators[0]
					if g.Lost != "" || g.Error < half || g.Error > half+ms || g.Drift < -1 || g.Drift > 1 {
						t.Errorf("generator %d: %+v", k+1, g)
					}
					if len(rec.Samples) != (2003+3-k)/4 || rec.Samples[0].Seq != k || g.Sent != len(rec.Samples) {
						t.Errorf("generator %d has sent %d of %d tasks", k+1, g.Sent, len(rec.Samples))
					}
					near := slices.ContainsFunc(fakes, func(f *fake) bool {
						return (f.began.Sub(began)-g.Offset).Abs() <= g.Error && f.began.Sub(began).Abs() <= g.Error
					})
					if !near {
						t.Errorf("generator %d is said to begin at %v ± %v", k+1, g.Offset, g.Error)
					}
					ofPart[began]++
				}
			})
		})
	}
}

// TestLost loses a generator before it has begun, while it sends, and after its
// last task. The run has a gap then, and says which.
func TestLost(t *testing.T) {
	for _, tt := range []struct {
		name string
		when time.Duration // after the leader begins
		want string        // "" for none
		err  string
	}{
		{"before the start", 100 * ms, "", "load generator"},
		{"at the start", 2 * time.Second, "nothing was heard from", ""},
		{"in the middle", 12 * time.Second, "nothing was heard from", ""},
		{"at the end", 21 * time.Second, "nothing was heard from", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(w *world) {
				other := &link{way: 10 * ms, back: 10 * ms}
				w.generator(&fake{tasks: 2000, every: 10 * ms}, other, 0)
				w.generator(&fake{tasks: 2000, every: 10 * ms}, &link{way: 10 * ms}, time.Minute)
				w.all.Go(func() {
					time.Sleep(tt.when)
					other.kill()
				})
				began := time.Now()
				recs, _, err := w.lead(w.life, 2, &link{})
				if tt.err != "" {
					if err == nil || !strings.Contains(err.Error(), tt.err) {
						t.Errorf("got %v, want an error with %q", err, tt.err)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				lost := 0
				for _, rec := range recs {
					g := rec.Generators[0]
					switch {
					case g.Lost == "" && len(rec.Samples) != 1000:
						t.Errorf("%d tasks of a generator that is not lost", len(rec.Samples))
					case g.Lost != "":
						lost++
						if !strings.Contains(g.Lost, tt.want) || len(rec.Samples) != 0 {
							t.Errorf("got %q with %d tasks, want %q", g.Lost, len(rec.Samples), tt.want)
						}
					}
				}
				if took := time.Since(began); lost != 1 || took > time.Minute {
					t.Errorf("%d are lost after %v", lost, took)
				}
			})
		})
	}
}

// TestStandstill has a generator, or the leader, hear and say nothing for three
// seconds, and go on. Nothing is lost.
func TestStandstill(t *testing.T) {
	for _, who := range []string{"a generator", "the leader"} {
		bubble(t, func(w *world) {
			theirs, ours := &link{way: ms, back: ms}, &link{way: ms, back: ms}
			w.generator(&fake{tasks: 2000, every: 10 * ms}, theirs, 0)
			w.generator(&fake{tasks: 2000, every: 10 * ms}, &link{}, 0)
			stops := map[string]*link{"a generator": theirs, "the leader": ours}[who]
			w.all.Go(func() {
				time.Sleep(8 * time.Second)
				stops.stop(3 * time.Second)
			})
			recs, _, err := w.lead(w.life, 2, ours)
			if err != nil {
				t.Fatalf("%s: %v", who, err)
			}
			for _, rec := range recs {
				if g := rec.Generators[0]; g.Lost != "" || len(rec.Samples) != 1000 {
					t.Errorf("%s: %d tasks of %+v", who, len(rec.Samples), g)
				}
			}
		})
	}
}

// TestGone has a leader that is gone. Its generators leave the run, and take
// part in another one.
func TestGone(t *testing.T) {
	bubble(t, func(w *world) {
		said := w.generator(&fake{tasks: 100_000, every: 10 * ms}, &link{way: ms, back: ms}, 0)
		gone := &link{way: ms, back: ms}
		lead := w.leader(1, gone)
		ctx, cancel := context.WithCancel(w.life)
		defer cancel()
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_, _ = lead.lead(ctx, func(time.Time) {}) // which hears of nothing
		}()
		time.Sleep(10 * time.Second)
		gone.kill()
		time.Sleep(goneAfter + 5*time.Second)
		synctest.Wait()
		if lines := strings.Join(said(), "\n"); !strings.Contains(lines, "left") {
			t.Errorf("the generator says\n%s", lines)
		}
		lead.nc.Close()
		cancel()
		<-ended
	})
}

// TestTwoRuns has two runs that want three generators of four each, and then of
// six. A generator has a part in one run at a time.
func TestTwoRuns(t *testing.T) {
	bubble(t, func(w *world) {
		for range 6 {
			w.generator(&fake{tasks: 300, every: 10 * ms}, &link{way: ms, back: ms}, 0)
		}
		done := make(chan string, 2)
		for range 2 {
			go func() {
				recs, _, err := w.lead(w.life, 3, &link{})
				said := []any{err}
				for _, rec := range recs {
					said = append(said, len(rec.Samples), rec.Generators[0].Lost)
				}
				done <- fmt.Sprint(said...)
			}()
		}
		for range 2 {
			if got := <-done; got != "<nil> 100100100" {
				t.Errorf("got %s", got)
			}
		}
	})
}

// TestRefused has runs that cannot begin.
func TestRefused(t *testing.T) {
	for _, tt := range []struct {
		name, build, want string
	}{
		{"no generator", "", "0 of 1 load generators have joined within 30s: start more"},
		{"another build", "b", "was refused: the worker is build b, the run a"},
	} {
		bubble(t, func(w *world) {
			if w.build = tt.build; tt.build != "" {
				said := w.generator(&fake{}, &link{}, 0)
				defer func() {
					if lines := said(); len(lines) != 1 || !strings.Contains(lines[0], "is build b, the run a") {
						t.Errorf("the generator says %q", lines)
					}
				}()
			}
			if _, _, err := w.lead(w.life, 1, &link{}); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
			}
		})
	}
}

// TestInterrupt interrupts a run, which then has what there was.
func TestInterrupt(t *testing.T) {
	bubble(t, func(w *world) {
		for range 2 {
			w.generator(&fake{tasks: 2000, every: 10 * ms}, &link{way: ms, back: ms}, 0)
		}
		ctx, cancel := context.WithTimeout(w.life, 7*time.Second)
		defer cancel()
		recs, _, err := w.lead(ctx, 2, &link{})
		if err != nil || len(recs) != 2 {
			t.Fatal(len(recs), err)
		}
		for _, rec := range recs {
			if g := rec.Generators[0]; !rec.Interrupted || g.Sent == 0 || g.Sent == 1000 || g.Lost != "" {
				t.Errorf("interrupted %v: %+v", rec.Interrupted, g)
			}
		}
	})
}

// TestMessages hands rows and pieces to a leader doubled and in any order. What
// comes of them is the same. A piece that is missing or is of another
// recording, and counts that do not add up, are a loss, and never a hole that
// is passed over.
func TestMessages(t *testing.T) {
	whole := &record.Recording{Scenario: "s", Source: strings.Repeat("x", pieceSize)}
	for seq := range 20_000 {
		whole.Samples = append(whole.Samples, record.Sample{Seq: seq, Key: fmt.Sprint("key-", seq*seq), Finished: -1})
	}
	pieces, sum, err := cut(whole)
	if err != nil || len(pieces) < 2 {
		t.Fatal(len(pieces), err)
	}
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 2))
		spoil := []string{"", "missing", "another", "counts", "ended"}[seed%5]
		l := newLeader(nil, 1, "a")
		l.admit(hello{"w", "a"})
		var messages []func()
		rows := []row{
			{Phase: preparing},
			{Phase: ready},
			{Phase: running, Sent: 7},
			{Phase: running, Sent: 20_000},
			{Phase: sending, Sent: 20_000},
			{Phase: done, Sent: 20_000},
		}
		switch spoil {
		case "counts":
			rows = append(rows, row{Phase: done, Sent: 20_001})
		case "ended":
			rows = append(rows, row{Phase: done, Sent: 20_000, Ended: 1})
		}
		for _, told := range rows {
			messages = append(messages, func() { l.tell(&nats.Msg{Data: pack(told)}) })
		}
		for i := range pieces {
			m := envelope("run", 0, pieces, i, sum)
			if spoil == "missing" && i == len(pieces)-1 {
				continue
			}
			if spoil == "another" && i == 1 {
				m.Data = append([]byte{}, m.Data...)
				m.Data[100]++
			}
			messages = append(messages, func() { l.piece(m) })
		}
		messages = append(messages, messages...)
		r.Shuffle(len(messages), func(i, j int) { messages[i], messages[j] = messages[j], messages[i] })
		for _, deliver := range messages {
			deliver()
		}
		rec := l.recordings(0)[0]
		g := rec.Generators[0]
		switch {
		case spoil == "" && (g.Lost != "" || len(rec.Samples) != 20_000 || rec.Samples[77].Key != "key-5929"):
			t.Errorf("seed %d: %d tasks, %q", seed, len(rec.Samples), g.Lost)
		case spoil != "" && (g.Lost == "" || len(rec.Samples) != 0):
			t.Errorf("seed %d, %s: nothing is lost", seed, spoil)
		}
	}
}
