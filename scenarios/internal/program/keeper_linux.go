package program

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// adoptOrphans makes this process the parent of processes whose parent has
// ended, and reports whether it was not before.
func adoptOrphans() bool {
	var is int32
	if unix.Prctl(unix.PR_GET_CHILD_SUBREAPER, uintptr(unsafe.Pointer(&is)), 0, 0, 0) != nil || is != 0 {
		return false
	}
	return unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == nil
}

// abandonOrphans undoes what adoptOrphans does.
func abandonOrphans() { _ = unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0) }

// A state is what the system says of a process.
type state struct {
	name   string
	zombie bool // it has ended, and its parent has not waited for it
	parent int
	group  int
}

// stateOf returns the state of a process.
func stateOf(pid int) (s state, ok bool) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	begin, end := bytes.IndexByte(text, '('), bytes.LastIndexByte(text, ')')
	if err != nil || begin < 0 || end < begin {
		return s, false
	}
	fields := strings.Fields(string(text[end+1:]))
	if len(fields) < 3 {
		return s, false
	}
	s.name, s.zombie = string(text[begin+1:end]), fields[0] == "Z" || fields[0] == "X"
	s.parent, _ = strconv.Atoi(fields[1])
	s.group, _ = strconv.Atoi(fields[2])
	return s, true
}

// childrenNow returns the numbers of the children of this process.
func childrenNow() map[int]bool {
	children := map[int]bool{}
	threads, _ := filepath.Glob("/proc/self/task/*/children")
	for _, thread := range threads {
		list, _ := os.ReadFile(thread)
		for field := range strings.FieldsSeq(string(list)) {
			if pid, err := strconv.Atoi(field); err == nil {
				children[pid] = true
			}
		}
	}
	return children
}

// orphansIn returns the processes of a group that this process has adopted, and
// that have not ended. It waits for those that have.
func orphansIn(group int) (all []*os.Process) {
	for pid := range childrenNow() {
		switch s, ok := stateOf(pid); {
		case !ok || pid == group || s.group != group:
		case s.zombie:
			_, _ = unix.Wait4(pid, nil, unix.WNOHANG, nil)
		default:
			all = append(all, handle(pid)...)
		}
	}
	return all
}

// strays returns the processes that leaders have left: those that have the
// token, and those that this process has adopted.
func (k *Keeper) strays() (all []*os.Process) {
	folders, _ := filepath.Glob("/proc/[0-9]*")
	for _, folder := range folders {
		pid, err := strconv.Atoi(filepath.Base(folder))
		if err != nil || k.leaders[pid] || pid == os.Getpid() || !k.has(pid) {
			continue
		}
		// The handle is of the process that has the token if that has it still.
		for _, p := range handle(pid) {
			if k.has(pid) {
				all = append(all, p)
			}
		}
	}
	return all
}

// has reports whether a process is one of the programs', and has not ended.
func (k *Keeper) has(pid int) bool {
	s, ok := stateOf(pid)
	if !ok || s.zombie || k.known[pid] {
		return false
	}
	environment, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/environ")
	if err == nil && bytes.Contains(environment, []byte(tokenName)) {
		return bytes.Contains(environment, []byte(k.token)) // or it is another keeper's
	}
	return k.adopt && s.parent == os.Getpid() && s.group != unix.Getpgrp()
}

// reap waits for the processes that this process has adopted and that have
// ended. Those in its own group are another's children.
func (k *Keeper) reap() {
	if !k.adopt {
		return
	}
	for pid := range childrenNow() {
		s, ok := stateOf(pid)
		if ok && s.zombie && !k.known[pid] && !k.leaders[pid] && s.group != unix.Getpgrp() {
			_, _ = unix.Wait4(pid, nil, unix.WNOHANG, nil)
		}
	}
}

// handle returns a process, if there is one of this number.
func handle(pid int) []*os.Process {
	p, err := os.FindProcess(pid)
	if err != nil {
		return nil
	}
	return []*os.Process{p}
}

// nameOf returns the name of a process; "" if it has ended.
func nameOf(p *os.Process) string {
	s, ok := stateOf(p.Pid)
	if !ok || s.zombie {
		return ""
	}
	return s.name
}
