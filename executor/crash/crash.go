// Package crash reads what the Go runtime prints when it ends a process, and
// finds the ends for which the machine is to blame: it had no thread or no
// memory left.
//
// A [Reader] takes the standard error of one process, of any length, and keeps
// a line of it. Once the process is gone, its Exhausted method tells of such an
// end:
//
//	var end crash.Reader
//	cmd.Stderr = io.MultiWriter(os.Stderr, &end)
//	err := cmd.Run()
//	if spent := end.Exhausted(); err != nil && spent != nil {
//		// errors.Is(spent, syscall.EAGAIN): no thread was left
//	}
//
// What a program prints by itself looks the same only if it prints all of a
// crash, stacks too. The text of a panic never does: the runtime indents it.
package crash

import (
	"bytes"
	"io"
	"strings"
	"syscall"
)

// An Error is the end of a process that the machine had no more to give. It
// wraps [syscall.EAGAIN] if that was a thread, and [syscall.ENOMEM] if it was
// memory.
type Error struct {
	Line string // that the runtime has printed
	err  syscall.Errno
}

// Error returns the line.
func (e *Error) Error() string { return e.Line }

// Unwrap returns what the system calls it.
func (e *Error) Unwrap() error { return e.err }

// ends are the lines that begin a crash for want of something. The first is
// printed by C, where the runtime starts threads with its help. The runtime
// prints the second before it throws.
var ends = []struct {
	words string
	err   syscall.Errno
}{
	{"runtime/cgo: pthread_create failed", syscall.EAGAIN},
	{"runtime: failed to create new OS thread", syscall.EAGAIN},
	{"fatal error: newosproc", syscall.EAGAIN},
	{"fatal error: runtime.newosproc", syscall.EAGAIN},
	{"runtime: out of memory", syscall.ENOMEM},
	{"fatal error: out of memory", syscall.ENOMEM},
	{"fatal error: runtime: out of memory", syscall.ENOMEM},
	{"fatal error: runtime: cannot allocate memory", syscall.ENOMEM},
	{"fatal error: heapdump: out of memory", syscall.ENOMEM},
	{"fatal error: pageAlloc: out of memory", syscall.ENOMEM},
	{"fatal error: failed to reserve page summary memory", syscall.ENOMEM},
}

// A Reader reads the standard error of one process. The zero value is ready.
// What it has read is in one of these states:
//
//	state     invariant
//	nothing   no crash that the machine is to blame for has begun
//	begun     a line of ends has come, and is in spent
//	complete  as begun, and the stacks that the runtime prints have begun
//
//	from   line                                  to
//	any    one of ends                           begun
//	begun  a "fatal error: " of the same         begun, with the line before
//	begun  the head of stacks, or "SIGABRT: "    complete
//	any    a "panic: ", another "fatal error: "  nothing
type Reader struct {
	line     []byte // that has not ended, at most longest bytes of it
	spent    *Error
	complete bool
}

var _ io.Writer = (*Reader)(nil)

// longest is how many bytes of a line are looked at.
const longest = 512

// Write reads more. It never fails.
func (r *Reader) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		row, rest, ends := bytes.Cut(p, []byte("\n"))
		r.line = append(r.line, row[:min(len(row), longest-len(r.line))]...)
		if ends {
			r.read(string(r.line))
			r.line = r.line[:0]
		}
		p = rest
	}
	return n, nil
}

func (r *Reader) read(row string) {
	row = strings.TrimSuffix(row, "\r")
	for _, end := range ends {
		if !strings.HasPrefix(row, end.words) {
			continue
		}
		// The line before tells more than the fatal error that follows it.
		if r.spent == nil || r.complete || r.spent.err != end.err || !strings.HasPrefix(row, "fatal error: ") {
			r.spent = &Error{row, end.err}
		}
		r.complete = false
		return
	}
	switch {
	case strings.HasPrefix(row, "panic: "), strings.HasPrefix(row, "fatal error: "):
		r.spent, r.complete = nil, false
	case isHead(row):
		r.complete = true
	}
}

// isHead reports whether the row begins the stacks of a crash.
func isHead(row string) bool {
	if row == "runtime stack:" || strings.HasPrefix(row, "SIGABRT: ") {
		return true
	}
	n, is := strings.CutPrefix(row, "goroutine ")
	return is && n != "" && '0' <= n[0] && n[0] <= '9'
}

// Exhausted returns the error of a process that ended because the machine had
// no more to give, or nil. It is for a process that is gone, and has not ended
// with success.
func (r *Reader) Exhausted() *Error {
	if r.spent == nil || !r.complete {
		return nil
	}
	return r.spent
}
