package arrivals_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/arrivals"
)

func think(d time.Duration) func(rand.Source) time.Duration {
	return func(rand.Source) time.Duration { return d }
}

// tasks returns when the tasks of a user fall due, each of which takes so long.
func tasks(u arrivals.Users, user int, takes time.Duration) (due []time.Duration) {
	ended := time.Duration(0)
	for task := range 100 {
		at, ok := u.Next(user, task, ended)
		if !ok {
			break
		}
		due, ended = append(due, at), at+takes
	}
	return due
}

// TestUsersTimes has users whose tasks take a second, and think for another.
func TestUsersTimes(t *testing.T) {
	const s = time.Second
	for _, tt := range []struct {
		name  string
		users arrivals.Users
		want  [][]time.Duration // of each user
		most  int
	}{
		{"tasks", arrivals.Users{From: 2, To: 2, Tasks: 3}, [][]time.Duration{{0, 2 * s, 4 * s}, {0, 2 * s, 4 * s}}, 3},
		{"the end is outside", arrivals.Users{From: 1, To: 1, For: 4 * s}, [][]time.Duration{{0, 2 * s}}, 4},
		{"both", arrivals.Users{From: 1, To: 1, For: 3 * s, Tasks: 9}, [][]time.Duration{{0, 2 * s}}, 9},
		{
			"a ramp up",
			arrivals.Users{From: 1, To: 3, Ramp: 4 * s, For: 6 * s},
			[][]time.Duration{{0, 2 * s, 4 * s}, {s, 3 * s, 5 * s}, {3 * s, 5 * s}},
			6,
		},
		{
			"a ramp up from 0",
			arrivals.Users{To: 2, Ramp: 4 * s, For: 4 * s},
			[][]time.Duration{{s, 3 * s}, {3 * s}},
			3,
		},
		{
			"a ramp down",
			arrivals.Users{From: 3, To: 1, Ramp: 4 * s, For: 6 * s},
			[][]time.Duration{{0, 2 * s, 4 * s}, {0, 2 * s}, {0}},
			6,
		},
		{
			"a ramp down to 0",
			arrivals.Users{From: 2, Ramp: 4 * s, Tasks: 2},
			[][]time.Duration{{0, 2 * s}, {0}},
			2,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.users.Think = think(s)
			if err := tt.users.Check(); err != nil {
				t.Fatal(err)
			}
			for user, want := range tt.want {
				if got := tasks(tt.users, user, s); !slices.Equal(got, want) {
					t.Errorf("user %d: got %v, want %v", user, got, want)
				}
			}
			if tt.users.Len() != len(tt.want) || tt.users.Most() != tt.most {
				t.Errorf("%d users of at most %d tasks, want %d of %d", tt.users.Len(), tt.users.Most(), len(tt.want),
					tt.most)
			}
		})
	}
}

// TestUsersThink has what a user thinks depend on the seed, the user and the
// task, and on nothing else.
func TestUsersThink(t *testing.T) {
	u := arrivals.Users{From: 3, To: 3, Tasks: 4, Seed: 1, Think: func(src rand.Source) time.Duration {
		return time.Duration(src.Uint64() >> 32)
	}}
	seen := map[time.Duration]bool{}
	for seed := range uint64(3) {
		u.Seed = seed
		for user := range 3 {
			if first, _ := u.Next(user, 0, time.Hour); first != 0 {
				t.Errorf("user %d begins at %v, want 0", user, first)
			}
			for task := 1; task < 4; task++ {
				at, _ := u.Next(user, task, 0)
				later, _ := u.Next(user, task, time.Hour)
				if later-at != time.Hour || seen[at] {
					t.Errorf("seed %d, user %d, task %d: thinks %v and %v", seed, user, task, at, later-time.Hour)
				}
				seen[at] = true
			}
		}
	}
}

// TestUsersMost has users who do not think be bounded.
func TestUsersMost(t *testing.T) {
	for users, want := range map[int]int{1: arrivals.Limit, 3: arrivals.Limit / 3, arrivals.Limit: 1} {
		if got := (arrivals.Users{From: users, To: users, For: time.Second}).Most(); got != want {
			t.Errorf("%d users: at most %d tasks, want %d", users, got, want)
		}
	}
}

// TestUsersRefused has users who do nothing, or contradict themselves.
func TestUsersRefused(t *testing.T) {
	s := time.Second
	for _, tt := range []struct {
		users arrivals.Users
		want  string
	}{
		{arrivals.Users{For: s}, "want at least one"},
		{arrivals.Users{From: -1, To: 1, For: s, Ramp: s}, "want at least one"},
		{arrivals.Users{From: arrivals.Limit + 1, To: arrivals.Limit + 1, For: s}, "want at most 1000000"},
		{arrivals.Users{From: 1, To: 1}, "want a number of tasks, or a time"},
		{arrivals.Users{From: 1, To: 1, Tasks: -1, For: s}, "want a number of tasks, or a time"},
		{arrivals.Users{From: 1, To: 1, For: -s}, "want a number of tasks, or a time"},
		{arrivals.Users{From: 1, To: 2, For: s}, "want a ramp if they differ"},
		{arrivals.Users{From: 2, To: 2, For: s, Ramp: s}, "none if not"},
		{arrivals.Users{From: 1000, To: 1000, Tasks: 1001}, "want at most 1000000 together"},
	} {
		if err := tt.users.Check(); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: got %v, want %q", tt.users, err, tt.want)
		}
	}
	if got := (arrivals.Users{From: 1, To: 5, Ramp: s, Tasks: 2, For: 2 * s}).String(); got !=
		"users from 1 to 5 in 1s, 2 tasks each for 2s" {
		t.Error(got)
	}
}
