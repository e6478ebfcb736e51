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
	files, children := openFiles(), childProcesses()
	return func() {
		var newFiles, newChildren []string
		var conns []socket
		carried := r.carrying()
		r.settle(func() bool {
			newFiles, conns = r.leftOpen(files)
			conns = notCarried(conns, carried)
			newChildren = nil
			for pid, name := range childProcesses() {
				if children[pid] != name && !r.trial.ignored(name) {
					newChildren = append(newChildren, name)
				}
			}
			return len(newFiles)+len(conns)+len(newChildren) == 0
		})
		if n := len(newFiles); n > 0 {
			r.held.add(n >= several, plural(n, "file descriptor")+" left open ("+tally(newFiles)+")",
				"close it, open it before the run, or leaks: {ignore: ["+newFiles[0]+"]}")
		}
		r.judgeSockets(conns)
		if n := len(newChildren); n > 0 {
			r.held.add(true, plural(n, "child process")+" left ("+tally(newChildren)+")", "")
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

// childProcesses returns the names of the child processes by their numbers.
func childProcesses() map[int]string {
	children := map[int]string{}
	threads, _ := filepath.Glob("/proc/self/task/*/children")
	for _, thread := range threads {
		list, _ := os.ReadFile(thread)
		for pid := range strings.FieldsSeq(string(list)) {
			number, err := strconv.Atoi(pid)
			name, gone := os.ReadFile(path.Join("/proc", pid, "comm"))
			if err == nil && gone == nil {
				children[number] = strings.TrimSpace(string(name))
			}
		}
	}
	return children
}
