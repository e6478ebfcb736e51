package executortest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/executortest"
)

// A mutant is a broken future, wait or Map: the package under test with one
// place changed. An executor can't break these rows, as it sees tasks and
// nothing else.
type mutant struct {
	row  int
	bug  string
	file string
	was  string // stands there once
	is   string // what stands there instead, while bug(row) is true
}

var mutants = []mutant{
	{2, "Result gives another value", "future.go", "	return f.val, f.err\n", "	if bug(2) {\n		var zero T\n		return zero, f.err\n	}\n	return f.val, f.err\n"},
	{3, "a wait that is over looks like a result", "future.go", "	if !f.await(ctx) {\n		var zero T\n", "	if !f.await(ctx) {\n		var zero T\n		if bug(3) {\n			return zero, nil\n		}\n"},
	{4, "a task's error is lost", "submit.go", "	val, err = fn((*inside[T])(f))\n", "	val, err = fn((*inside[T])(f))\n	if bug(4) && err != nil {\n		err = nil\n	}\n"},
	{5, "a cancellation looks like any error", "mapping.go", "func cancelled(cause error) error {\n", "func cancelled(cause error) error {\n	if bug(5) {\n		return errors.New(\"gone\")\n	}\n"},
	{6, "nobody hears of a cancellation", "future.go", "	f.settle(Cancelled, zero, cancelled(cause))\n", "	if bug(6) {\n		f.watchers = nil\n	}\n	f.settle(Cancelled, zero, cancelled(cause))\n"},
	{7, "a running task counts as cancelled", "future.go", "		return from == cancelling || from == Cancelled\n", "		return from == cancelling || from == Cancelled || bug(7)\n"},
	{9, "the string has no type", "future.go", "	return fmt.Sprintf(\"<Future %v %v>\", f.State(), reflect.TypeFor[T]())", "	if bug(9) {\n		return f.State().String()\n	}\n	return fmt.Sprintf(\"<Future %v %v>\", f.State(), reflect.TypeFor[T]())"},
	{11, "no callback hears of a cancellation", "future.go", "		case w.callback != nil:\n", "		case bug(11) && w.callback != nil && f.State() == Cancelled:\n		case w.callback != nil:\n"},
	{12, "the newest callback comes first", "future.go", "	contain.Each(calls, f.contain)\n", "	if bug(12) {\n		slices.Reverse(calls)\n	}\n	contain.Each(calls, f.contain)\n"},
	{13, "a callback that panics is the last", "future.go", "	contain.Each(calls, f.contain)\n", "	if bug(13) {\n		func() {\n			defer func() { recover() }()\n			for _, call := range calls {\n				call(f)\n			}\n		}()\n		return\n	}\n	contain.Each(calls, f.contain)\n"},
	{14, "a late callback is forgotten", "future.go", "		f.contain(call)\n	}\n}\n", "		if bug(14) {\n			return\n		}\n		f.contain(call)\n	}\n}\n"},
	{15, "a callback may not submit", "future.go", "	}()\n	call(f)\n", "	}()\n	if bug(15) {\n		guard.Lock()\n		defer guard.Unlock()\n	}\n	call(f)\n"},
	{15, "a callback may not submit", "submit.go", "	future := &Future[T]{ctx: ctx, fn: f}\n", "	if bug(15) {\n		guard.Lock()\n		defer guard.Unlock()\n	}\n	future := &Future[T]{ctx: ctx, fn: f}\n"},
	{21, "a task whose context is done is started", "submit.go", "		if c.Err() != nil {\n			f.cancel(", "		if c.Err() != nil && !bug(21) {\n			f.cancel("},
	{43, "a Map gives every second result early", "mapping.go", "	at := c.given - c.on.base\n", "	at := c.given - c.on.base\n	if bug(43) && at^1 < len(c.on.out) {\n		at ^= 1\n	}\n"},
	{44, "a Map gives nothing before all are done", "mapping.go", "	for all := m.read(); c.given < all; {\n", "	for s := m.first; bug(44) && s != nil; s = s.next {\n		for i := range min(len(s.chunks), m.read()-s.base) {\n			m.await(s, i)\n		}\n	}\n	for all := m.read(); c.given < all; {\n"},
	{46, "a Map reads no more than ten inputs", "mapping.go", "			if m.ctx.Err() != nil {\n				break\n", "			if m.ctx.Err() != nil || bug(46) && m.read() == 10 {\n				break\n"},
	{47, "a Map reads one input too many", "mapping.go", "			if m.read()-c.given == ahead &&", "			if bug(47) && m.read()-c.given == ahead {\n				continue\n			}\n			if m.read()-c.given >= ahead &&"},
	{48, "a Map ends with its context", "mapping.go", "		if !yield(c.next(m)) {\n			return\n		}\n	}\n}\n\n// A cursor", "		if bug(48) && m.ctx.Err() != nil || !yield(c.next(m)) {\n			return\n		}\n	}\n}\n\n// A cursor"},
	{49, "a Map takes a function's deadline for its own", "part.go", "	if err != nil {\n		w.fail(", "	if bug(49) && errors.Is(err, context.DeadlineExceeded) {\n		err = fmt.Errorf(\"%w: %w\", ErrUnfinished, err)\n	}\n	if err != nil {\n		w.fail("},
	{50, "an error of a Map stands at the next position", "mapping.go", "	m.errs[i] = err\n", "	if bug(50) {\n		i++\n	}\n	m.errs[i] = err\n"},
	{51, "a Map ends with an error", "part.go", "	if err != nil {\n		w.fail(", "	if bug(51) && err != nil {\n		w.stopped.Store(true)\n	}\n	if err != nil {\n		w.fail("},
	{52, "a Map that is stopped goes on", "mapping.go", "func (m *mapping[In, Out]) stop() {\n", "func (m *mapping[In, Out]) stop() {\n	if bug(52) {\n		return\n	}\n"},
	{53, "a panic ends its chunk", "part.go", "			w.ended(newPanicError(v))\n			return\n", "			w.ended(newPanicError(v))\n			for bug(53) && w.at < w.to {\n				w.ended(ErrGoexit)\n			}\n			return\n"},
	{54, "a Map keeps its results", "mapping.go", "	out, c.on.out[at] = c.on.out[at], out\n", "	if bug(54) {\n		return c.on.out[at], err\n	}\n	out, c.on.out[at] = c.on.out[at], out\n"},
	{55, "a wait for all is over with the first", "wait.go", "	switch until {\n", "	if bug(55) && until == AllDone {\n		return true\n	}\n	switch until {\n"},
	{56, "a wait for one is over with the last", "wait.go", "	switch until {\n", "	if bug(56) && until == FirstDone {\n		return false\n	}\n	switch until {\n"},
	{57, "a cancelled future ends a wait for an error", "wait.go", "		return f.State() == Finished && f.err != nil\n", "		return (f.State() == Finished || bug(57)) && f.err != nil\n"},
	{58, "a wait whose time is over gives nothing", "wait.go", "	for range pending {\n", "	if bug(58) {\n		defer func() {\n			if ctx.Err() != nil {\n				done, pending = nil, nil\n			}\n		}()\n	}\n	for range pending {\n"},
	{59, "a future counts as often as it is given", "wait.go", "		if _, again := seen[f]; !again {\n", "		if _, again := seen[f]; !again || bug(59) {\n"},
	{60, "AsCompleted gives the futures as they were given", "wait.go", "		for len(a.missing) > 0 {\n", "		for _, f := range pending {\n			if bug(60) && (!f.await(ctx) || !yield(f)) || bug(60) && f == pending[len(pending)-1] {\n				return\n			}\n		}\n		for len(a.missing) > 0 {\n"},
	{61, "AsCompleted does not end in time", "wait.go", "			if f := a.next(ctx); f == nil || !yield(f) {\n", "			if bug(61) {\n				ctx = context.Background()\n			}\n			if f := a.next(ctx); f == nil || !yield(f) {\n"},
	{62, "AsCompleted keeps the futures", "wait.go", "		futures = nil\n", "		if !bug(62) {\n			futures = nil\n		}\n		defer runtime.KeepAlive(futures)\n"},
	{63, "a future that ends while a wait begins is missed", "wait.go", "			a.ch <- f\n", "			if !bug(63) {\n				a.ch <- f\n			}\n"},
	{64, "nothing is run after a task that fails", "submit.go", "	f.run(fn)\n", "	if bug(64) && failed64.Load() {\n		f.settle(Cancelled, f.val, ErrCancelled)\n		return\n	}\n	f.run(fn)\n	if bug(64) && f.err != nil {\n		failed64.Store(true)\n	}\n"},
	{65, "an error is only its text", "submit.go", "	val, err = fn((*inside[T])(f))\n", "	val, err = fn((*inside[T])(f))\n	if bug(65) && err != nil {\n		err = errors.New(err.Error())\n	}\n"},
	{66, "a panic has no stack", "panic.go", "string { return e.stack.String() }", "string {\n	if bug(66) {\n		return \"\"\n	}\n	return e.stack.String()\n}"},
	{67, "only the first error is kept", "several.go", "	return zero, errors.Join(errs...)\n", "	if bug(67) {\n		return zero, errs[0]\n	}\n	return zero, errors.Join(errs...)\n"},
}

// TestMutants builds the package once with all bugs in it, and has each row's
// check try the one that is planted for it.
func TestMutants(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the package anew")
	}
	binary := mutated(t)
	if out, err := tryRow(t, binary, 0, 2); err != nil {
		t.Fatalf("without a bug: %v\n%s", err, out)
	}
	var all sync.WaitGroup
	room := make(chan struct{}, 4)
	for _, m := range mutants {
		all.Go(func() {
			room <- struct{}{}
			defer func() { <-room }()
			if out, err := tryRow(t, binary, m.row, m.row); err == nil {
				t.Errorf("row %d: the check does not see that %s\n%s", m.row, m.bug, out)
			} else if !bytes.Contains(out, []byte("row "+strconv.Itoa(m.row)+" fails: ")) {
				t.Errorf("row %d, %s: the check did not end: %v\n%s", m.row, m.bug, err, out)
			}
		})
	}
	all.Wait()
}

func tryRow(t *testing.T, binary string, bug, row int) ([]byte, error) {
	cmd := exec.CommandContext(t.Context(), binary, "-test.run=^TestRow$", "-test.timeout=1m")
	cmd.Env = append(os.Environ(), "PLANTED="+strconv.Itoa(bug), "ROW="+strconv.Itoa(row))
	return cmd.CombinedOutput()
}

// Every row has a bug of its own: an executor that breaks it and little else,
// or a mutant.
func TestEveryRowHasItsBug(t *testing.T) {
	own := map[int]bool{
		16: true, // the compiler checks the types
		17: true,
	}
	for _, m := range mutants {
		own[m.row] = true
	}
	for _, p := range planted {
		for _, row := range p.rows {
			own[row] = own[row] || len(p.rows) <= 4
		}
	}
	for _, c := range executortest.Checks() {
		if !own[c.Row] {
			t.Errorf("row %d, %s: no bug is planted for it", c.Row, c.Name)
		}
	}
}

// TestRow holds a pool to one row, in a process of its own.
func TestRow(t *testing.T) {
	row, err := strconv.Atoi(os.Getenv("ROW"))
	if err != nil {
		t.Skip("TestMutants calls it")
	}
	for _, c := range executortest.Checks() {
		if c.Row != row {
			continue
		}
		patience := 10 * time.Second
		if os.Getenv("PLANTED") != "0" {
			patience = 300 * time.Millisecond
		}
		for range 50 { // a race is won now and then
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			err := c.Run(ctx, executor.NewPool)
			cancel()
			if err != nil {
				t.Fatalf("row %d fails: %v", row, err)
			}
		}
		return
	}
	t.Fatalf("no check for row %d", row)
}

// mutated is a test binary of this package, with every bug in the package under
// test.
func mutated(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	sources := map[string]string{"planted.go": "package executor\n\nimport (\n\t\"os\"\n\t\"strconv\"\n\t\"sync\"\n\t\"sync/atomic\"\n)\n\n" +
		"var (\n\tguard sync.Mutex\n\tfailed64 atomic.Bool\n)\n\n" +
		"var planted, _ = strconv.Atoi(os.Getenv(\"PLANTED\"))\n\nfunc bug(row int) bool { return planted == row }\n"}
	for _, m := range mutants {
		if sources[m.file] == "" {
			source, err := os.ReadFile(filepath.Join(dir, m.file))
			if err != nil {
				t.Fatal(err)
			}
			sources[m.file] = string(source)
		}
	}
	for _, m := range mutants {
		if n := strings.Count(sources[m.file], m.was); n != 1 {
			t.Fatalf("row %d: %s has %d times\n%s", m.row, m.file, n, m.was)
		}
		sources[m.file] = strings.Replace(sources[m.file], m.was, m.is, 1)
	}
	out := t.TempDir()
	replace := map[string]string{}
	for name, source := range sources {
		replace[filepath.Join(dir, name)] = filepath.Join(out, name)
		if err := os.WriteFile(filepath.Join(out, name), []byte(withImports(source)), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(out, "overlay.json"), overlay, 0o666); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(out, "mutants.test")
	build := exec.CommandContext(t.Context(), "go", "test", "-c", "-vet=off", "-overlay", filepath.Join(out, "overlay.json"), "-o", binary, ".")
	if text, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return binary
}

// withImports adds what bugs need and the source does not import.
func withImports(source string) string {
	code := regexp.MustCompile(`//.*`).ReplaceAllString(source, "")
	for _, path := range []string{"context", "errors", "fmt", "runtime", "slices"} {
		if strings.Contains(code, path+".") && !strings.Contains(code, "\t\""+path+"\"\n") {
			source = strings.Replace(source, "import (\n", "import (\n\t\""+path+"\"\n", 1)
		}
	}
	return source
}
