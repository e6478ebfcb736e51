package servers

import (
	"fmt"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/servers/fault"
)

// TestRounds wants a plan of tasks that take the keys in turn to be that of
// their list.
func TestRounds(t *testing.T) {
	for keyed := 1; keyed < 6; keyed++ {
		for tasks := keyed; tasks < 4*keyed; tasks++ {
			var keys []string
			for i := range tasks {
				keys = append(keys, fmt.Sprint(i%keyed))
			}
			listed := Plan{Positions: Positions(keys), Faults: []Fault{{Kind: fault.Reset, Every: 3}}}
			rounds := listed
			rounds.Positions, rounds.Rounds = Positions(keys[:keyed]), tasks
			if err := rounds.Check(); err != nil {
				t.Fatal(err)
			}
			p, q := listed.positions(), rounds.positions()
			for _, key := range append(keys[:keyed:keyed], "another") {
				if p.of(key) != q.of(key) {
					t.Errorf("%d keys, %d tasks: %s has %d, want %d", keyed, tasks, key, q.of(key), p.of(key))
				}
				for i := range p.of(key) {
					if p.at(key, i) != q.at(key, i) {
						t.Errorf("%d keys, %d tasks: task %d of %s is %d, want %d", keyed, tasks, i, key, q.at(key, i),
							p.at(key, i))
					}
					r := fault.Request{Key: key, Occurrence: i + 1, Attempt: 1}
					if listed.FateOf(r) != rounds.FateOf(r) {
						t.Errorf("%d keys, %d tasks: task %d of %s meets another fate", keyed, tasks, i, key)
					}
				}
				for position := range tasks + 3 {
					i, is := p.find(key, position)
					if j, found := q.find(key, position); found != is || is && i != j {
						t.Errorf("%d keys, %d tasks: position %d is task %d of %s: %v, want %d, %v", keyed, tasks,
							position, j, key, found, i, is)
					}
				}
			}
		}
	}
	for _, wrong := range []Plan{
		{Rounds: 3, Positions: Positions([]string{"a", "b", "a"})},
		{Rounds: 1, Positions: Positions([]string{"a", "b"})},
	} {
		if err := wrong.Check(); err == nil || !strings.Contains(err.Error(), "one position of each key") {
			t.Errorf("%+v: got %v", wrong, err)
		}
	}
}
