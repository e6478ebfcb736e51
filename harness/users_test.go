package harness_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/arrivals"
	"github.com/teapot-go/teapot/harness/record"
)

var _ harness.Users = arrivals.Users{}

// ofUsers is a trial of users, each of whose tasks has a key of its own.
func ofUsers(clock record.Clock, users arrivals.Users, workers int) harness.Trial {
	tr := trial(clock)
	tr.Kind, tr.Workers, tr.Users, tr.Keys = "async", workers, users, numbers(users.Len()*users.Most())
	tr.Executor = func() (executor.Executor, error) { return executor.NewAsync(workers) }
	switch workers {
	case 1:
		tr.Kind, tr.Executor = "sequential", func() (executor.Executor, error) { return executor.NewSequential(), nil }
	case 2:
		tr.Kind, tr.Executor = "pool", func() (executor.Executor, error) { return executor.NewPool(2) }
	}
	return tr
}

// heldToUsers holds a recording to what is so of every run of users: each does
// one task at a time, with the keys and the thinking of the plan, and as many
// as there are.
func heldToUsers(t *testing.T, tr harness.Trial, users arrivals.Users, rec *record.Recording) {
	t.Helper()
	done, ended := make([]int, users.Len()), make([]time.Duration, users.Len())
	for seq, s := range rec.Samples {
		user := s.User - 1
		task := done[user]
		number := task*users.Len() + user
		due, ok := users.Next(user, task, ended[user])
		if !ok || s.Due != due || s.Think != due-ended[user] || s.Key != tr.Keys[number] || s.Task() != number+1 {
			t.Errorf("task %d of user %d is %+v: want %s due at %v", task, user, s, tr.Keys[number], due)
		}
		if s.Submitted < s.Due || s.Started < s.Submitted || s.Seq != seq {
			t.Errorf("task %d: due %v, submitted %v, started %v", seq, s.Due, s.Submitted, s.Started)
		}
		done[user]++
		ended[user] = s.Finished
	}
	for user, n := range done {
		if due, more := users.Next(user, n, ended[user]); more {
			t.Errorf("user %d did %d tasks: want another at %v", user, n, due)
		}
	}
}

// thinking are five users who think from this long to twice as long.
func thinking(think time.Duration) arrivals.Users {
	return arrivals.Users{From: 5, To: 5, Seed: 7, Think: func(src rand.Source) time.Duration {
		return think + time.Duration(src.Uint64()%uint64(think))
	}}
}

// TestUsers runs users on executors with room for all and for some of them,
// under both clocks. Under the virtual clock each task is where the ideal
// schedule has it.
func TestUsers(t *testing.T) {
	for name, change := range map[string]func(unit time.Duration, u *arrivals.Users){
		"tasks":     func(_ time.Duration, u *arrivals.Users) { u.Tasks = 4 },
		"a time":    func(unit time.Duration, u *arrivals.Users) { u.For = 20 * unit },
		"both":      func(unit time.Duration, u *arrivals.Users) { u.For, u.Tasks = 15*unit, 3 },
		"no think":  func(_ time.Duration, u *arrivals.Users) { u.Think, u.Tasks = nil, 4 },
		"a ramp up": func(unit time.Duration, u *arrivals.Users) { u.From, u.Ramp, u.For = 1, 10*unit, 20*unit },
		"a ramp down": func(unit time.Duration, u *arrivals.Users) {
			u.To, u.Ramp, u.For = 0, 10*unit, 10*unit
		},
	} {
		for _, clock := range []record.Clock{record.Virtual, record.Real} {
			for _, workers := range []int{0, 1, 2} {
				t.Run(fmt.Sprint(name, "/", clock, "/", workers), func(t *testing.T) {
					unit := time.Second
					if clock == record.Real {
						unit = 2 * time.Millisecond
					}
					users := thinking(unit)
					change(unit, &users)
					if err := users.Check(); err != nil {
						t.Fatal(err)
					}
					tr := ofUsers(clock, users, workers)
					rec, got := caught(t, tr)
					if got != "" || len(rec.Samples) < 5 || rec.Users != 5 || rec.Limit != "" {
						t.Fatalf("%d samples of %d users, %s, caught by %q", len(rec.Samples), rec.Users, rec.Limit,
							got)
					}
					heldToUsers(t, tr, users, rec)
					for _, s := range rec.Samples {
						is := [2]time.Duration{s.Started, s.Finished}
						ideal := [2]time.Duration{s.IdealStarted, s.IdealFinished}
						if clock == record.Virtual && is != ideal {
							t.Errorf("%s from and to %v: ideally %v", s.Key, is, ideal)
						}
					}
				})
			}
		}
	}
}

// TestUsersAgain has equal seeds give equal recordings, byte for byte, however
// many processors there are. All tasks end at one time, so that only the order
// of the users tells them apart.
func TestUsersAgain(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, workers := range []int{0, 1, 2} {
		var first string
		for i := range 6 {
			runtime.GOMAXPROCS(1 + i%2)
			users := arrivals.Users{From: 8, To: 8, Tasks: 5}
			rec, err := harness.Run(t.Context(), ofUsers(record.Virtual, users, workers))
			if err != nil {
				t.Fatal(err)
			}
			text, err := json.Marshal(rec)
			if err != nil {
				t.Fatal(err)
			}
			if first == "" {
				first = string(text)
			} else if string(text) != first {
				t.Fatalf("%d workers, run %d differs:\n%s\n%s", workers, i, first, text)
			}
		}
	}
}

// TestUsersSlow has an executor that is slow make users do less in their time,
// and not the ideal slow.
func TestUsersSlow(t *testing.T) {
	users := arrivals.Users{From: 3, To: 3, For: 30 * time.Second}
	tr := ofUsers(record.Virtual, users, 0)
	right, _ := caught(t, tr)
	tr.Executor = func() (executor.Executor, error) {
		ex, err := executor.NewAsync(0)
		return slow{ex}, err
	}
	late, got := caught(t, tr)
	if right.Efficiency() != 1 || len(right.Samples) != 90 || got != "" {
		t.Errorf("%d tasks at %v, caught by %q", len(right.Samples), right.Efficiency(), got)
	}
	if n := len(late.Samples); n != 45 || late.Efficiency() != 0.5 {
		t.Errorf("%d tasks at %v: want half as many, at half the speed", n, late.Efficiency())
	}
}

// A slow executor lets a second pass before it takes up a task.
type slow struct{ executor.Executor }

func (s slow) Execute(task executor.Task) error {
	return s.Executor.Execute(lateTask{task})
}

type lateTask struct{ executor.Task }

func (l lateTask) Run(ctx context.Context) {
	time.Sleep(time.Second)
	l.Task.Run(ctx)
}

// TestUsersPlanted runs users on executors that break their promise, and of
// keys that do not suffice.
func TestUsersPlanted(t *testing.T) {
	four := arrivals.Users{From: 4, To: 4, Tasks: 3}
	for _, tt := range []struct {
		name  string
		users arrivals.Users
		spoil func(tr *harness.Trial)
		want  string // the checks that complain
		limit string
	}{
		{"refuses some", four, func(tr *harness.Trial) {
			tr.Executor = every(3, func(executor.Executor, executor.Task) error { return errors.New("planted") })
		}, "classification", ""},
		{"drops some", four, func(tr *harness.Trial) {
			tr.Executor = every(12, func(executor.Executor, executor.Task) error { return nil })
		}, "deadlock", ""},
		{"runs some twice", four, func(tr *harness.Trial) {
			tr.Executor = every(3, func(ex executor.Executor, task executor.Task) error {
				return errors.Join(ex.Execute(task), ex.Execute(task))
			})
		}, "runs", ""},
		{"panics", four, func(tr *harness.Trial) {
			tr.Executor = every(3, func(executor.Executor, executor.Task) error { panic("planted") })
		}, "classification", ""},
		{
			"too few keys",
			arrivals.Users{From: 2, To: 2, For: time.Hour},
			func(tr *harness.Trial) { tr.Keys = numbers(7) }, "limits",
			"a user has made 3 tasks",
		},
		{
			"no time passes",
			arrivals.Users{From: 2, To: 2, For: time.Second},
			func(tr *harness.Trial) {
				tr.Keys, tr.Workload = numbers(2000), sleeper(constant(0), nil)
			}, "limits", "a user has made 1000 tasks",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tr := ofUsers(record.Virtual, tt.users, 0)
			tt.spoil(&tr)
			rec, got := caught(t, tr)
			if !strings.Contains(rec.Limit, tt.limit) || (rec.Limit == "") != (tt.limit == "") {
				t.Errorf("limit %q, want %q", rec.Limit, tt.limit)
			}
			if tt.limit == "" && !strings.Contains(got, tt.want) {
				t.Errorf("caught by %q, want %s", got, tt.want)
			}
		})
	}
	tr := ofUsers(record.Virtual, four, 0)
	tr.Users = panicking{four}
	if _, err := harness.Run(t.Context(), tr); err == nil || !strings.Contains(err.Error(), "panic: planted") {
		t.Errorf("a panic in the users: got %v", err)
	}
	tr.Pacer = everySecond(5)
	const want = "want an executor and no pacer"
	if _, err := harness.Run(t.Context(), tr); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("a pacer and users: got %v", err)
	}
}

type panicking struct{ arrivals.Users }

func (p panicking) Next(user, task int, ended time.Duration) (time.Duration, bool) {
	if task > 0 {
		panic("planted")
	}
	return p.Users.Next(user, task, ended)
}

// every returns an executor without a limit that does otherwise with every Nth
// task.
func every(n int, otherwise func(executor.Executor, executor.Task) error) func() (executor.Executor, error) {
	return func() (executor.Executor, error) {
		ex, err := executor.NewAsync(0)
		return &everyNth{Executor: ex, n: n, otherwise: otherwise}, err
	}
}

type everyNth struct {
	executor.Executor
	n, seen   int
	otherwise func(executor.Executor, executor.Task) error
}

// Execute is called by one goroutine.
func (e *everyNth) Execute(task executor.Task) error {
	if e.seen++; e.seen%e.n == 0 {
		return e.otherwise(e.Executor, task)
	}
	return e.Executor.Execute(task)
}
