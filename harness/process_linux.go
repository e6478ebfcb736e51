package harness

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// guardProcess notes which files and child processes the process has now. The
// function that it returns notes those that have come since, and that are still
// there when the grace is over.
func (r *run) guardProcess() func() {
	files, children, goneOn := openFiles(), childProcesses(), watchLeftovers()
	return func() {
		var newFiles, newChildren []string
		var conns []socket
		carried := r.carrying()
		r.settle(func() bool {
			newFiles, conns = r.leftOpen(files)
			conns = notCarried(conns, carried)
			newChildren = nil
			for c, name := range childProcesses() {
				if _, before := children[c]; !before && !r.trial.ignored(name) {
					newChildren = append(newChildren, name)
				}
			}
			return len(newFiles)+len(conns)+len(newChildren) == 0
		})
		add := r.held.add
		if len(newFiles)+len(conns)+len(newChildren) > 0 && goneOn() {
			add = func(_ bool, what, _ string) {
				r.held.add(false, what+", by this run or by an earlier one that was given up", runAlone)
			}
		}
		if n := len(newFiles); n > 0 {
			add(n >= several, plural(n, "file descriptor")+" left open ("+tally(newFiles)+")",
				"close it, open it before the run, or leaks: {ignore: ["+newFiles[0]+"]}")
		}
		r.judgeSockets(conns, add)
		if n := len(newChildren); n > 0 {
			add(true, plural(n, "child process")+" left ("+tally(newChildren)+")", "")
		}
	}
}

// leftOpen returns the kinds of the files that were not open before, and the
// connections to other hosts among them.
func (r *run) leftOpen(before map[int]string) (kinds []string, conns []socket) {
	all, sockets := openFiles(), map[int]string{}
	for fd, name := range all {
		kind, _, _ := strings.Cut(name, ":[") // without the number
		switch {
		case before[fd] == name || strings.HasPrefix(name, "anon_inode") || r.trial.ignored(kind) || splices(fd):
		case kind == "socket":
			sockets[fd] = name
		default:
			kinds = append(kinds, kind)
		}
	}
	conns, others := r.socketsAmong(sockets, all)
	return append(kinds, others...), conns
}

// splices reports whether a file is a pipe that the runtime keeps to copy
// between sockets.
func splices(fd int) bool {
	const size = 1 << 20 // that the runtime asks for
	got, err := unix.FcntlInt(uintptr(fd), unix.F_GETPIPE_SZ, 0)
	return err == nil && got == size
}

// openFiles returns the names of the open files by their descriptors: a path,
// or "socket:[123]".
func openFiles() map[int]string {
	const dir = "/proc/self/fd"
	files := map[int]string{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return files
	}
	own := fmt.Sprintf("/proc/%d/fd", os.Getpid())
	for _, e := range entries {
		name, err := os.Readlink(filepath.Join(dir, e.Name()))
		fd, number := strconv.Atoi(e.Name())
		if err != nil || number != nil || name == own {
			continue
		}
		files[fd] = name
	}
	return files
}

// childProcesses returns the names of the child processes.
func childProcesses() map[child]string {
	children := map[child]string{}
	eachChild(func(c child, name, _ string) { children[c] = name })
	return children
}

// stoppedChildren returns the child processes that a signal has stopped, but
// for those from before. A process that a debugger has stopped is not one.
func stoppedChildren(before map[child]string) (found []stopped) {
	eachChild(func(c child, name, state string) {
		if _, old := before[c]; !old && state == "T" {
			found = append(found, stopped{c, name})
		}
	})
	return found
}

// eachChild calls f with each child process, its name and its state.
func eachChild(f func(c child, name, state string)) {
	threads, _ := filepath.Glob("/proc/self/task/*/children")
	for _, thread := range threads {
		list, _ := os.ReadFile(thread)
		for pid := range strings.FieldsSeq(string(list)) {
			if stat, err := os.ReadFile(path.Join("/proc", pid, "stat")); err == nil {
				name, state, started := readStat(string(stat))
				f(child{pid, started}, name, state)
			}
		}
	}
}

// readStat reads the name of a process, its state and its start, in ticks since
// the system started, from its line as proc_pid_stat(5) has it: "7 (a name) S 1
// …". The start is its field 22.
func readStat(line string) (name, state, started string) {
	const fields = 22 - 3 // from the state, the field behind the name
	from, to := strings.IndexByte(line, '('), strings.LastIndexByte(line, ')')
	if from < 0 || to < from {
		return "", "", ""
	}
	if rest := strings.Fields(line[to+1:]); len(rest) > fields {
		state, started = rest[0], rest[fields]
	}
	return line[from+1 : to], state, started
}
