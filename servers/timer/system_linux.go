package timer

import (
	"os"
	"sync"
	"syscall"
	"time"
	"unsafe"
)

// A timerfd is a timer of the kernel that is read like a file. The netpoller
// wakes for it within microseconds, and for the runtime's own timers within a
// millisecond.
type timerfd struct {
	file *os.File

	mu     sync.Mutex // held where fd is used
	fd     uintptr
	closed bool
}

const clockMonotonic = 1

// newSystemTimer returns nil if the kernel has no timer left.
func newSystemTimer() systemTimer {
	fd, _, errno := syscall.Syscall(syscall.SYS_TIMERFD_CREATE, clockMonotonic, syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if errno != 0 {
		return nil
	}
	return &timerfd{file: os.NewFile(fd, "timerfd"), fd: fd}
}

func (t *timerfd) set(d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return
	}
	spec := struct{ interval, value syscall.Timespec }{value: syscall.NsecToTimespec(int64(d))}
	// It cannot fail: the duration is above 0.
	_, _, _ = syscall.Syscall6(syscall.SYS_TIMERFD_SETTIME, t.fd, 0, uintptr(unsafe.Pointer(&spec)), 0, 0, 0)
}

func (t *timerfd) wait() bool {
	var expirations [8]byte
	_, err := t.file.Read(expirations[:])
	return err == nil
}

func (t *timerfd) close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return nil
	}
	t.closed = true
	return t.file.Close()
}
