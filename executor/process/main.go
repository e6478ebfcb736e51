package process

import (
	"fmt"
	"os"
	"os/signal"
	"reflect"
	"runtime"
	"strconv"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/process/internal/worker"
)

// stateVariable is set in the environment of a child: to beforeMain until the
// child calls Main, and then to its process id.
const (
	stateVariable = "TEAPOT_PROCESS"
	beforeMain    = "beforeMain"
)

// inChild reports whether this process is a child, before and after Main. A
// process that a task has started is not a child.
func inChild() bool {
	v := os.Getenv(stateVariable)
	return v == beforeMain || v == strconv.Itoa(os.Getpid())
}

// Main turns the process into a child if an [Executor] has started it: it runs
// the tasks that are sent to it, which must be among the definitions given,
// and never returns. In any other process it returns at once.
//
// Call it first thing in main, or in TestMain: what comes before it is run by
// each child too. Two definitions with one name panic.
func Main(definitions ...executor.Definition) {
	known := map[string]bool{}
	for _, d := range definitions {
		if known[d.Name()] {
			panic(fmt.Sprintf("process: two definitions are named %q", d.Name()))
		}
		known[d.Name()] = true
	}
	if os.Getenv(stateVariable) != beforeMain {
		return
	}
	// A process that a task starts must not take itself for a child, nor keep
	// the pipes open when this process is gone.
	os.Setenv(stateVariable, strconv.Itoa(os.Getpid()))
	// Reads block: a blocked thread is woken sooner than one that polls, and an
	// idle child needs no other. Writes do not: other goroutines may have work
	// while one waits for room in the pipe.
	inheritFD(3, true)
	inheritFD(4, false)
	// An interrupt from the keyboard goes to the children too, but the parent
	// decides whether they end.
	signal.Notify(make(chan os.Signal, 1), os.Interrupt)

	if err := worker.Serve(protocol(), definitions, os.NewFile(3, "tasks"), os.NewFile(4, "results")); err != nil {
		fmt.Fprintln(os.Stderr, "process: child:", err)
		os.Exit(2)
	}
	os.Exit(0)
}

// protocol returns a string that differs for two builds of a program. Beside
// the versions it has a distance that changes with almost every build.
func protocol() string {
	distance := reflect.ValueOf(Main).Pointer() - reflect.ValueOf(fmt.Sprint).Pointer()
	return fmt.Sprintf("teapot.process/1 %s %s/%s %x", runtime.Version(), runtime.GOOS, runtime.GOARCH, distance)
}
