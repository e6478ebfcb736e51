//go:build unix

package harness

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"syscall"
)

// openLimit describes how many files the process may have open.
func openLimit() string {
	var files syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files) != nil {
		return "all files that the process may have open are"
	}
	return fmt.Sprintf("the process may have %d files open, and each connection to the server takes two", files.Cur)
}

// systemFiles describes how many files the system has open.
func systemFiles() string {
	counts := strings.Fields(contents("/proc/sys/fs/file-nr"))
	if len(counts) != 3 {
		return "all files that the system may have open are"
	}
	return fmt.Sprintf("the system may have %s files open, and %s are", counts[2], counts[0])
}

// freePorts describes the ports for outgoing connections.
func freePorts() string {
	ports := strings.Fields(contents("/proc/sys/net/ipv4/ip_local_port_range"))
	if len(ports) != 2 {
		return "all ports for outgoing connections are taken"
	}
	return fmt.Sprintf("the ports for outgoing connections are %s to %s, and all are taken, some of them for a minute "+
		"after their connection has closed", ports[0], ports[1])
}

// memory describes how much memory there is.
func memory() string {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	text := fmt.Sprintf("teapot's own process has %d MB", m.Sys>>20)
	var space syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_AS, &space) == nil && space.Cur < 1<<62 {
		text += fmt.Sprintf(", each process may have %d MB of addresses", space.Cur>>20)
	}
	if _, row, found := strings.Cut(contents("/proc/meminfo"), "\nMemAvailable:"); found {
		var free int
		if n, _ := fmt.Sscanf(row, "%d kB", &free); n == 1 {
			text += fmt.Sprintf(", and %d MB of the machine are free", free>>10)
		}
	}
	return text
}

// processLimit describes how many processes the user may have.
func processLimit() string {
	for row := range strings.Lines(contents("/proc/self/limits")) {
		if limit, is := strings.CutPrefix(row, "Max processes"); is && len(strings.Fields(limit)) > 0 {
			n := strings.Fields(limit)[0]
			return fmt.Sprintf("this user may have %s processes and threads, and all of them run", n)
		}
	}
	return "this user may have no more processes, and all that it may have run"
}

func contents(file string) string {
	text, _ := os.ReadFile(file)
	return string(text)
}
