package harness

import (
	"fmt"
	"maps"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// guardProcess notes which files and child processes the process has now. The
// function that it returns notes those that have come since, and that are still
// there when the grace is over.
func (r *run) guardProcess() func() {
	files, children := openFiles(), childProcesses()
	return func() {
		var newFiles, newChildren []string
		r.settle(func() bool {
			newFiles, newChildren = nil, nil
			for fd, name := range openFiles() {
				kind, _, _ := strings.Cut(name, ":[") // without the number
				if files[fd] != name && !r.mayKeep(fd, kind) {
					newFiles = append(newFiles, kind)
				}
			}
			for pid, name := range childProcesses() {
				if children[pid] != name && !r.trial.ignored(name) {
					newChildren = append(newChildren, name)
				}
			}
			return newFiles == nil && newChildren == nil
		})
		if n := len(newFiles); n > 0 {
			r.held.add(n >= several, plural(n, "file descriptor")+" left open ("+tally(newFiles)+")",
				"close it, open it before the run, or leaks: {ignore: ["+newFiles[0]+"]}")
		}
		if n := len(newChildren); n > 0 {
			r.held.add(true, plural(n, "child process")+" left ("+tally(newChildren)+")", "")
		}
	}
}

// mayKeep reports whether a descriptor may outlive the run: it is the runtime's
// own, the trial ignores it, or it is of a connection to the run's server,
// which [run.findConnections] judges.
func (r *run) mayKeep(fd int, name string) bool {
	if strings.HasPrefix(name, "anon_inode") || r.trial.ignored(name) {
		return true
	}
	if name != "socket" || r.workload == nil || r.workload.Server == nil {
		return false
	}
	at, err := url.Parse(r.workload.Server.URL())
	if err != nil {
		return false
	}
	var port int
	switch peer, _ := syscall.Getpeername(fd); peer := peer.(type) {
	case *syscall.SockaddrInet4:
		port = peer.Port
	case *syscall.SockaddrInet6:
		port = peer.Port
	}
	return strconv.Itoa(port) == at.Port()
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

// tally lists names, each with how often it occurs.
func tally(names []string) string {
	counts := map[string]int{}
	for _, name := range names {
		counts[name]++
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%d × %s", counts[name], name))
	}
	const most = 5
	if len(parts) > most {
		parts = append(parts[:most:most], "…")
	}
	return strings.Join(parts, ", ")
}
