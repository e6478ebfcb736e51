//go:build unix

package process_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/teapot-go/teapot/executor"
	ended "github.com/teapot-go/teapot/executor/crash"
	"github.com/teapot-go/teapot/executor/process"
)

// A last is how a child ends: it prints words, and then panics with others or
// exits.
type last struct {
	Prints, Panics string
	Exits          int
}

var lasts = executor.Define("lasts", func(_ context.Context, l last) (int, error) {
	os.Stderr.WriteString(l.Prints)
	if l.Panics != "" {
		go func() { panic(l.Panics) }()
		select {}
	}
	os.Exit(l.Exits)
	return 0, nil
})

// dying makes a child print its value and die before it calls Main.
const dying = "TEAPOT_TEST_DYING"

// diesEarly makes this process die as dying says.
func diesEarly() {
	if words := os.Getenv(dying); words != "" && os.Getenv("TEAPOT_PROCESS") != "" {
		os.Stderr.WriteString(words)
		os.Exit(2)
	}
}

const crashed8 = "\n\ngoroutine 8 gp=0x1 m=4 [running]:\nmain.work(0xc0)\n\t/home/me/pool.go:31 +0x9f\n"

// TestMachine tells children for which the machine had no more from those that
// only say so.
func TestMachine(t *testing.T) {
	const thread = "runtime: failed to create new OS thread (have 6 already; errno=11)\n" +
		"fatal error: newosproc" + crashed8
	const memory = "fatal error: runtime: out of memory" + crashed8
	for _, tt := range []struct {
		name string
		last last
		want error
	}{
		{"no thread", last{Prints: thread, Exits: 2}, syscall.EAGAIN},
		{"no memory", last{Prints: "working\n" + memory, Exits: 2}, syscall.ENOMEM},
		{"a panic with the words", last{Panics: memory}, nil},
		{"a panic after the words", last{Prints: memory, Panics: "ouch"}, nil},
		{"an exit after the words", last{Prints: memory, Exits: 3}, nil},
		{"the words alone", last{Prints: "fatal error: newosproc\n", Exits: 2}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ctx := within(t)
			var printed bytes.Buffer
			ex := start(t, process.Config{Workers: 1, Stderr: &printed})
			_, err := lasts.Submit(ctx, ex, tt.last).Result(ctx)
			spent, found := errors.AsType[*ended.Error](err)
			broken := errors.Is(err, executor.ErrBroken)
			if !broken || found != (tt.want != nil) || found && !errors.Is(spent, tt.want) {
				t.Errorf("got %v, want one of %v", err, tt.want)
			}
			if err := ex.Shutdown(ctx); err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(printed.String(), tt.last.Prints) {
				t.Errorf("what the child has printed is lost")
			}
		})
	}
	t.Run("before Main", func(t *testing.T) {
		t.Setenv(dying, thread)
		ctx := within(t)
		_, err := double.Submit(ctx, start(t, process.Config{Workers: 1, Stderr: io.Discard}), 1).Result(ctx)
		if !errors.Is(err, syscall.EAGAIN) {
			t.Errorf("got %v, want %v", err, syscall.EAGAIN)
		}
	})
}
