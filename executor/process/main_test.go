//go:build unix

package process_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"testing"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/executortest"
	"github.com/teapot-go/teapot/executor/internal/codec"
	"github.com/teapot-go/teapot/executor/process"
	"github.com/teapot-go/teapot/executor/process/internal/wire"
)

var errOwn = errors.New("own")

var (
	double = executor.Define("double", func(_ context.Context, n int) (int, error) { return 2 * n, nil })
	whoami = executor.Define("whoami", func(context.Context, struct{}) (int, error) { return os.Getpid(), nil })
	echo   = executor.Define("echo", func(_ context.Context, b []byte) ([]byte, error) { return b, nil })
	nest   = executor.Define("nest", func(ctx context.Context, n int) (int, error) {
		ex, err := process.New(process.Config{})
		if err != nil {
			return 0, err
		}
		return double.Submit(ctx, ex, n).Result(ctx)
	})
	fails = executor.Define("fails", func(_ context.Context, which string) (int, error) {
		switch which {
		case "eof":
			return 0, fmt.Errorf("eof: %w", io.EOF)
		case "canceled":
			return 0, fmt.Errorf("canceled: %w", context.Canceled)
		case "panic":
			panic(errOwn)
		case "exit":
			os.Exit(3)
		}
		return 0, fmt.Errorf("own: %w", errOwn)
	}, errOwn)
	waits = executor.Define("waits", func(ctx context.Context, _ int) (int, error) {
		<-ctx.Done()
		return 0, context.Cause(ctx)
	})
	holds = executor.Define("holds", func(ctx context.Context, hold bool) (int, error) {
		if hold {
			<-ctx.Done()
		}
		return 0, nil
	})
	sometimes = executor.Define("sometimes", func(_ context.Context, n int) (int, error) {
		switch n {
		case 1:
			return 0, errOwn
		case 2:
			panic(errOwn)
		case 3:
			runtime.Goexit()
		}
		return n, nil
	})
	prints = executor.Define("prints", func(_ context.Context, n int) (int, error) {
		fmt.Println(n)
		fmt.Fprintln(os.Stderr, "!")
		return n, nil
	})
)

// forgetful makes a test program that is something else than a child.
const forgetful = "TEAPOT_TEST_FORGETFUL"

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler)) // panics of callbacks are reported there, as they should be
	diesEarly()
	how := os.Getenv(forgetful)
	switch how {
	case "parent", "removed", "forbidden", onPool, onProcess:
		os.Unsetenv(forgetful) // its children are children
		fallthrough
	case "":
		process.Main(append(hoarders(executortest.Definitions()), double, whoami, echo, nest, fails, waits,
			holds, sometimes, prints, block, took, isPrime,
			spills, spillsBytes, stalls, lasts)...)
	}
	switch how {
	case "":
		os.Exit(m.Run())
	case "parent":
		parent()
	case "removed", "forbidden":
		if err := robbed(how); err != nil {
			fmt.Println(err)
			os.Exit(7)
		}
		os.Exit(0)
	case onPool, onProcess:
		isolated(how)
		os.Exit(0)
	case "ends":
		os.Exit(0)
	case "hangs":
		io.Copy(io.Discard, os.NewFile(3, ""))
	case "is another":
		hi := codec.AppendBytes(make([]byte, wire.Header), "teapot.process/0")
		os.NewFile(4, "").Write(wire.Seal(hi, 0, wire.Hello))
		io.Copy(io.Discard, os.NewFile(3, ""))
	case "speaks":
		fmt.Fprintln(os.NewFile(4, ""), "Hello, world")
		io.Copy(io.Discard, os.NewFile(3, ""))
	case "submits":
		ex, _ := process.New(process.Config{})
		if _, err := double.Submit(context.Background(), ex, 1).Result(context.Background()); errors.Is(err,
			process.ErrNested) {
			os.Exit(4)
		}
	}
	os.Exit(5)
}

var block = executor.Define("block", func(context.Context, struct{}) (int, error) {
	fmt.Println(os.Getpid())
	for { // not even listening to a context
		runtime.Gosched()
	}
})

// parent keeps two children busy until it is killed.
func parent() {
	ex, err := process.New(process.Config{Workers: 2})
	if err != nil {
		os.Exit(6)
	}
	f, g := block.Submit(context.Background(), ex, struct{}{}), block.Submit(context.Background(), ex, struct{}{})
	f.Result(context.Background())
	g.Result(context.Background())
}

// open is what the tests of executortest hold to the law.
func open(o executortest.Options) (executor.Executor, error) {
	return process.New(process.Config{Workers: o.Workers, TasksPerChild: o.TasksPerChild, Initializer: o.Initializer})
}
