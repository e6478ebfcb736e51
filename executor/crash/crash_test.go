package crash_test

import (
	"errors"
	"strings"
	"syscall"
	"testing"

	"github.com/teapot-go/teapot/executor/crash"
)

const stack = "\n\ngoroutine 8 gp=0x1 m=4 [running]:\nmain.work(0xc0)\n\t/home/me/pool.go:31 +0x9f\n"

var crashes = []struct {
	name, printed, line string
	want                error
}{
	{
		"no thread, of C", "runtime/cgo: pthread_create failed: Resource temporarily unavailable\n" +
			"SIGABRT: abort\nPC=0x7f m=0 sigcode=18446744073709551610\n" + stack,
		"runtime/cgo: pthread_create failed: Resource temporarily unavailable", syscall.EAGAIN,
	},
	{
		"no thread", "hello\nruntime: failed to create new OS thread (have 6 already; errno=11)\n" +
			"runtime: may need to increase max user processes (ulimit -u)\nfatal error: newosproc\n" +
			"\nruntime stack:\nruntime.throw(0x1)\n",
		"runtime: failed to create new OS thread (have 6 already; errno=11)", syscall.EAGAIN,
	},
	{
		"no memory", "runtime: out of memory: cannot allocate 4194304-byte block (66977792 in use)\n" +
			"fatal error: out of memory" + stack,
		"runtime: out of memory: cannot allocate 4194304-byte block (66977792 in use)", syscall.ENOMEM,
	},
	{
		"no memory of the system", "fatal error: runtime: out of memory" + stack,
		"fatal error: runtime: out of memory", syscall.ENOMEM,
	},
	{
		"no memory, in words of its own", "fatal error: out of memory allocating allArenas" + stack,
		"fatal error: out of memory allocating allArenas", syscall.ENOMEM,
	},
	{
		"after a panic that was contained", "panic: no: tea\n\nfatal error: runtime: cannot allocate memory" + stack,
		"fatal error: runtime: cannot allocate memory", syscall.ENOMEM,
	},
	{
		"many stacks", "fatal error: runtime: out of memory\n" + strings.Repeat(stack, 1000),
		"fatal error: runtime: out of memory", syscall.ENOMEM,
	},

	{"nothing", "", "", nil},
	{"a panic with the words", "panic: fatal error: runtime: out of memory" + stack, "", nil},
	{
		"a panic with the words on a line", "panic: ouch:\n\tfatal error: runtime: out of memory" + stack,
		"", nil,
	},
	{"a panic after the words", "fatal error: runtime: out of memory\npanic: ouch" + stack, "", nil},
	{"a panic after a crash", "fatal error: runtime: out of memory" + stack + "panic: ouch" + stack, "", nil},
	{"the words alone", "fatal error: runtime: out of memory\n", "", nil},
	{"the words within a line", "it said fatal error: runtime: out of memory" + stack, "", nil},
	{"another end", "fatal error: concurrent map writes" + stack, "", nil},
	{
		"another end after the words",
		"fatal error: newosproc\nfatal error: all goroutines are asleep - deadlock!" + stack,
		"", nil,
	},
	{"a goroutine of words", "fatal error: newosproc\ngoroutine eight\n", "", nil},
}

// TestExhausted reads crashes in one write, and in writes of a byte.
func TestExhausted(t *testing.T) {
	for _, tt := range crashes {
		t.Run(tt.name, func(t *testing.T) {
			var whole, bytewise crash.Reader
			whole.Write([]byte(tt.printed))
			for i := range tt.printed {
				bytewise.Write([]byte{tt.printed[i]})
			}
			for _, r := range []*crash.Reader{&whole, &bytewise} {
				got := r.Exhausted()
				if (got != nil) != (tt.want != nil) {
					t.Fatalf("got %v, want %v", got, tt.want)
				}
				if got != nil && (!errors.Is(got, tt.want) || got.Error() != tt.line) {
					t.Errorf("got %q, which is %v, want %q, which is %v", got, got.Unwrap(), tt.line, tt.want)
				}
			}
		})
	}
}

// TestLongLine keeps a bounded part of a line that does not end.
func TestLongLine(t *testing.T) {
	var r crash.Reader
	long := []byte("fatal error: runtime: out of memory" + strings.Repeat("!", 1<<20))
	for range 10 {
		if n, err := r.Write(long); n != len(long) || err != nil {
			t.Fatal(n, err)
		}
	}
	r.Write([]byte("\ngoroutine 1 [running]:\n"))
	if got := r.Exhausted(); got == nil || len(got.Line) > 1<<10 {
		t.Errorf("got %v", got)
	}
}
