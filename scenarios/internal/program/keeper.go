package program

import (
	"crypto/rand"
	"os"
	"slices"
	"sync"
	"time"
)

// A Keeper knows the processes that programs start, and ends those that are
// left. Programs share one. It is opened before the first of them starts, and
// closed after the last has ended.
//
// How it knows a process that has left the group of its leader depends on the
// system:
//
//	a child in the group of its leader  | any Unix
//	one in a group or session of its own | Linux, by its environment, or by
//	                                       its parent, which is this process
//	                                       when its own has ended
//	all of them, if this process is killed | Unix by their group, Linux also
//	                                         by their environment
type Keeper struct {
	token string // in the environment of each process
	guard *guard // nil if there is none
	adopt bool   // this process became the parent of orphans
	known map[int]bool
	grace time.Duration // for which a process may outlive its leader

	mu      sync.Mutex
	leaders map[int]bool // that have been started and not waited for
	left    []string     // the names of processes that outlived their leader
	cut     bool         // a leader was told to end, and may not have had the time to clean up
}

// tokenName names the variable that a process and its children have.
const tokenName = "TEAPOT_PROGRAM"

// NewKeeper returns a Keeper, which the caller must close.
func NewKeeper() *Keeper {
	k := &Keeper{token: tokenName + "=" + rand.Text(), leaders: map[int]bool{}, grace: time.Second}
	k.adopt, k.known = adoptOrphans(), childrenNow()
	k.guard = startGuard(k.token)
	if k.guard != nil {
		k.known[k.guard.cmd.Process.Pid] = true
	}
	return k
}

// environment returns what a process needs in its environment to be known.
func (k *Keeper) environment() []string {
	if k == nil {
		return nil
	}
	return []string{k.token}
}

// started notes a leader.
func (k *Keeper) started(leader *os.Process) {
	if k == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.leaders[leader.Pid] = true
	k.guard.add(leader.Pid)
}

// ended notes that a leader is about to be waited for, and that its group has
// been killed. Afterwards its number may be another's.
func (k *Keeper) ended(leader *os.Process) {
	if k == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.leaders, leader.Pid)
	k.guard.remove(leader.Pid)
}

// interrupted notes that a leader is told to end.
func (k *Keeper) interrupted() {
	if k == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.cut = true
}

// linger waits for the rest of the group of a leader that has ended by itself,
// and notes the processes that do not end.
func (k *Keeper) linger(leader *os.Process) {
	if k == nil {
		return
	}
	members := func() []string { return namesOf(orphansIn(leader.Pid)) }
	if left := settled(members, k.grace); len(left) > 0 {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.left = append(k.left, left...)
	}
}

// Close waits for the processes that are left, ends them, and returns their
// names. sure reports whether every leader had the time to end them. Those
// whose names are ignored may go on.
func (k *Keeper) Close(ignored func(name string) bool) (left []string, sure bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	strays := func() []string { return slices.DeleteFunc(namesOf(k.strays()), ignored) }
	left = append(k.left, settled(strays, k.grace)...)
	for began := time.Now(); time.Since(began) < gracePeriod; <-time.After(time.Millisecond) {
		killed := false
		for _, p := range k.strays() {
			if name := nameOf(p); name != "" && !ignored(name) {
				killed = true
				_ = p.Kill()
			}
		}
		if k.reap(); !killed {
			break
		}
	}
	k.guard.close()
	if k.adopt {
		abandonOrphans()
	}
	if left = slices.DeleteFunc(left, ignored); len(left) == 0 {
		return nil, !k.cut
	}
	return left, !k.cut
}

// settled waits until names returns none, or for a time, and returns what it
// returned last.
func settled(names func() []string, most time.Duration) []string {
	for began, pause := time.Now(), time.Millisecond; ; pause = min(2*pause, 50*time.Millisecond) {
		all := names()
		if len(all) == 0 || time.Since(began) > most {
			return all
		}
		<-time.After(pause)
	}
}

// namesOf returns the names of those processes that have not ended since.
func namesOf(all []*os.Process) (names []string) {
	for _, p := range all {
		if name := nameOf(p); name != "" {
			names = append(names, name)
		}
	}
	return names
}
