package adapters_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alitto/pond/v2"
	"github.com/bytedance/gopkg/util/gopool"
	"github.com/gammazero/workerpool"
	"github.com/panjf2000/ants/v2"
	"github.com/sourcegraph/conc/pool"
	"github.com/teapot-go/teapot/adapters"
	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/executortest"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"
)

var update = flag.Bool("update", false, "rewrite the table in docs/executors.md")

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler)) // panics of callbacks are reported there, as they should be
	flag.Parse()
	os.Exit(m.Run())
}

// pools open each library's pool as its users do.
var pools = []struct {
	name string
	open executortest.Open
}{
	{"ants", func(workers int) (executor.Executor, error) {
		p, err := ants.NewPool(workers)
		if err != nil {
			return nil, err
		}
		return adapters.Ants(p), nil
	}},
	{"pond", func(workers int) (executor.Executor, error) { return adapters.Pond(pond.NewPool(workers)), nil }},
	{"conc", func(workers int) (executor.Executor, error) {
		if workers == 0 {
			return adapters.Conc(pool.New()), nil
		}
		return adapters.Conc(pool.New().WithMaxGoroutines(workers)), nil
	}},
	{"errgroup", func(workers int) (executor.Executor, error) {
		g := new(errgroup.Group)
		if workers != 0 {
			g.SetLimit(workers)
		}
		return adapters.Errgroup(g), nil
	}},
	{"semaphore", func(workers int) (executor.Executor, error) {
		return adapters.Semaphore(semaphore.NewWeighted(int64(workers))), nil
	}},
	{"workerpool", func(workers int) (executor.Executor, error) {
		return adapters.Workerpool(workerpool.New(workers)), nil
	}},
	{"gopool", func(workers int) (executor.Executor, error) {
		return adapters.Gopool(gopool.NewPool("", int32(workers), gopool.NewConfig())), nil
	}},
}

// queued puts executor.Queued in front of what is opened.
func queued(open executortest.Open) executortest.Open {
	return func(workers int) (executor.Executor, error) {
		ex, err := open(workers)
		if err != nil {
			return nil, err
		}
		return executor.Queued(ex), nil
	}
}

// A mark is what a cell of the table has.
type mark string

const (
	keeps  mark = "✓"
	behind mark = "queued" // keeps the row behind executor.Queued
	breaks mark = "–"
)

// A cell is one row on one pool.
type cell struct {
	check executortest.Check
	pool  int
}

// checks are those that an executor of two methods can keep.
func checks() []executortest.Check {
	settings := executortest.TwoMethods()
	delete(settings, 85)
	return slices.DeleteFunc(executortest.Checks(), func(c executortest.Check) bool { return settings[c.Row] != "" })
}

const page = "../docs/executors.md"

var section = regexp.MustCompile(`(?s)(<!-- adapters -->\n).*?(<!-- end -->)`)

// TestTable holds each adapter to the table in docs/executors.md: to the rows
// that it keeps, and to those that it breaks.
func TestTable(t *testing.T) {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	shown := marks(section.FindString(string(text)))
	try := func(c cell) mark { return found(t.Context(), c, shown(c), time.Minute) }
	if *update {
		try = func(c cell) mark { return measured(t.Context(), c) }
	}
	got := map[string]mark{}
	var alone []cell
	room := 16 // as those that break a row wait for its deadline
	if *update {
		room = 6 // a busy machine would break rows too
	}
	abreast, err := executor.NewAsync(room)
	if err != nil {
		t.Fatal(err)
	}
	var futures []*executor.Future[mark]
	var cells []cell
	for _, check := range checks() {
		for i := range pools {
			c := cell{check, i}
			if slices.Contains([]int{27, 54, 62, 69}, check.Row) { // goroutines are counted, or garbage is collected
				alone = append(alone, c)
				continue
			}
			cells = append(cells, c)
			futures = append(futures, executor.Submit(t.Context(), abreast, func(context.Context) (mark, error) {
				return try(c), nil // not with this context, whose waits are those of a task of abreast
			}))
		}
	}
	abreast.Shutdown(t.Context())
	for i, f := range futures {
		m, err := f.Result(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got[cells[i].String()] = m
	}
	for _, c := range alone {
		got[c.String()] = try(c)
	}
	want := section.ReplaceAllString(string(text), "${1}"+table(got)+"${2}")
	switch {
	case want == string(text):
	case *update:
		if err := os.WriteFile(page, []byte(want), 0o666); err != nil {
			t.Fatal(err)
		}
	default:
		for _, c := range append(cells, alone...) {
			if m := got[c.String()]; m != shown(c) {
				t.Errorf("%v: the page has %s, got %s", c, shown(c), m)
			}
		}
		t.Errorf("the table of %s is not what the adapters do: go -C adapters test . -update", page)
	}
}

func (c cell) row() string { return fmt.Sprint(c.check.Row, " ", c.check.Name) }

func (c cell) String() string { return c.row() + " of " + pools[c.pool].name }

// marks returns what a table has of each cell. Every pool keeps the rows that
// are not in it.
func marks(table string) func(cell) mark {
	lines := map[string][]string{}
	for line := range strings.Lines(table) {
		fields := strings.Split(strings.Trim(line, "|\n "), "|")
		for row := range strings.SplitSeq(fields[0], ",") {
			lines[strings.TrimSpace(row)] = fields[1:]
		}
	}
	return func(c cell) mark {
		fields := lines[c.row()]
		if len(fields) != len(pools) {
			return keeps
		}
		return mark(strings.TrimSpace(fields[c.pool]))
	}
}

// found tries one row until it is what the page has, or is not: a row that is
// kept is kept the first time, and one that is broken breaks in one of several
// tries. patience is for a row that is kept.
func found(ctx context.Context, c cell, shown mark, patience time.Duration) mark {
	switch open := pools[c.pool].open; {
	case !holds(ctx, c, queued(open), shown != breaks, patience):
		return breaks
	case holds(ctx, c, open, shown == keeps, patience):
		return keeps
	default:
		return behind
	}
}

// holds reports whether a row is kept. How patient it is depends on what it
// expects.
func holds(ctx context.Context, c cell, open executortest.Open, expected bool, patience time.Duration) bool {
	if expected {
		return once(ctx, c, open, patience) == nil
	}
	for range 20 { // a race is lost now and then
		if once(ctx, c, open, 300*time.Millisecond) != nil {
			return false
		}
	}
	return true
}

// measured finds out whether a row is kept, without knowing what to expect.
func measured(ctx context.Context, c cell) mark {
	kept := func(open executortest.Open) bool {
		for range 5 {
			if once(ctx, c, open, 3*time.Second) != nil {
				return false
			}
		}
		return true
	}
	switch open := pools[c.pool].open; {
	case !kept(queued(open)):
		return breaks
	case kept(open):
		return keeps
	default:
		return behind
	}
}

func once(ctx context.Context, c cell, open executortest.Open, patience time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return c.check.Run(ctx, open)
}

// table shows the rows that not all pools keep as they are. Those of which the
// pools make the same stand in one line.
func table(marks map[string]mark) string {
	var lines []string            // the marks of one line
	rows := map[string][]string{} // those of a line
	kept, keptQueued := make([]int, len(pools)), make([]int, len(pools))
	for _, check := range checks() {
		line := ""
		for i := range pools {
			m := marks[cell{check, i}.String()]
			if m == keeps {
				kept[i]++
			}
			if m != breaks {
				keptQueued[i]++
			}
			line += fmt.Sprintf(" %s |", m)
		}
		if rows[line] == nil {
			lines = append(lines, line)
		}
		rows[line] = append(rows[line], cell{check: check}.row())
	}
	all := strings.Repeat(fmt.Sprintf(" %s |", keeps), len(pools))
	var text strings.Builder
	text.WriteString("\n| row |")
	for _, p := range pools {
		fmt.Fprintf(&text, " %s |", p.name)
	}
	fmt.Fprintf(&text, "\n|---|%s\n", strings.Repeat("---|", len(pools)))
	for _, line := range lines {
		if line != all {
			fmt.Fprintf(&text, "| %s |%s\n", strings.Join(rows[line], ", "), line)
		}
	}
	fmt.Fprintf(&text, "| rows kept as it is |%s\n", counts(kept))
	fmt.Fprintf(&text, "| rows kept behind `executor.Queued` |%s\n", counts(keptQueued))
	fmt.Fprintf(&text, "\nAll of them keep the other %d of %d rows. The rows of `Tune` are not counted, as no adapter "+
		"has settings.\n\n", len(rows[all]), len(checks()))
	return text.String()
}

func counts(of []int) (cells string) {
	for _, n := range of {
		cells += fmt.Sprintf(" %d |", n)
	}
	return cells
}

// TestPlanted has the table find an adapter that breaks a row, and one that
// keeps a row which it is said to break.
func TestPlanted(t *testing.T) {
	var failing executortest.Check
	for _, c := range checks() {
		if c.Row == 64 {
			failing = c
		}
	}
	c := cell{check: failing}
	for said, wants := range map[mark]mark{keeps: behind, behind: behind, breaks: behind} {
		if got := found(t.Context(), c, said, time.Second); got != wants {
			t.Errorf("ants, which waits for room, said to be %s: got %s, want %s", said, got, wants)
		}
	}
	lines := marks("| 5 any, 64 failing task | – | queued | ✓ | ✓ | ✓ | ✓ | ✓ |\n")
	for i, want := range []mark{breaks, behind, keeps} {
		if got := lines(cell{failing, i}); got != want {
			t.Errorf("got the mark %s, want %s", got, want)
		}
	}
}

// TestRefusal holds adapters to the two errors that a caller has to tell apart.
func TestRefusal(t *testing.T) {
	for _, p := range pools {
		ex, err := p.open(1)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := ex.Shutdown(t.Context()); err != nil {
				t.Errorf("%s: Shutdown: %v", p.name, err)
			}
		}
		f := executor.Submit(t.Context(), ex, func(context.Context) (int, error) { return 1, nil })
		if _, err := f.Result(t.Context()); !errors.Is(err, executor.ErrShutdown) {
			t.Errorf("%s: after Shutdown: got %v", p.name, err)
		}
	}
}
