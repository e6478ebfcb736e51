package program

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/teapot-go/teapot/harness/record"
)

// none ignores no process.
func none(string) bool { return false }

// leaving are the ways in which a script leaves a process that notes its
// number. Those that the environment does not tell of are known by their parent
// alone.
var leaving = []struct {
	name, script string
	ends, clean  bool
}{
	{name: "in its group", script: `sh -c 'echo $$ > pid; exec sleep 3600' &`},
	{name: "in a session of its own", script: `setsid sh -c 'echo $$ > pid; exec sleep 3600' &`},
	{name: "that holds no output", script: `setsid sh -c 'echo $$ > pid; exec sleep 3600' >/dev/null 2>&1 &`},
	{name: "whose parent has ended", script: `(setsid sh -c 'sh -c "echo \$\$ > pid; exec sleep 3600" & exit 0') &`},
	{
		name: "without its environment", clean: true,
		script: `env -i setsid /bin/sh -c 'echo $$ > pid; exec /bin/sleep 3600' &`,
	},
	{name: "that ends", script: `setsid sh -c 'echo $$ > pid; sleep 0.05' >/dev/null 2>&1 &`, ends: true},
}

// TestKeeper: a process that outlives its leader is ended, and told of unless
// it ends by itself.
func TestKeeper(t *testing.T) {
	for _, tt := range leaving {
		t.Run(tt.name, func(t *testing.T) {
			defer goleak.VerifyNone(t)
			p := sh(tt.script + ` while ! test -s pid; do sleep 0.01; done`)
			p.Dir, p.Keeper = t.TempDir(), NewKeeper()
			if !tt.ends {
				p.Keeper.grace = 20 * time.Millisecond
			}
			if got := p.Run(t.Context(), job); got.Class != record.OK {
				t.Errorf("got %+v", got)
			}
			left, sure := p.Keeper.Close(none)
			if want := map[bool]string{false: "sleep", true: ""}[tt.ends]; strings.Join(left, ", ") != want || !sure {
				t.Errorf("got %v, %v, want %s", left, sure, want)
			}
			gone(t, await(t, filepath.Join(p.Dir, "pid")))
		})
	}
}

// TestKeeperDoubts: a command that teapot ends may not have had the time to end
// its processes, and one may be left on purpose.
func TestKeeperDoubts(t *testing.T) {
	p := sh(`setsid sh -c 'echo $$ > pid; exec sleep 3600' & wait`)
	p.Dir, p.Keeper = t.TempDir(), NewKeeper()
	p.Keeper.grace = 20 * time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		await(t, filepath.Join(p.Dir, "pid"))
		cancel()
	}()
	p.Run(ctx, job)
	if left, sure := p.Keeper.Close(func(name string) bool { return name == "sh" }); len(left) != 1 || sure {
		t.Errorf("got %v, %v, want sleep and a doubt", left, sure)
	}
	gone(t, await(t, filepath.Join(p.Dir, "pid")))

	p = sh(`sleep 3600 >/dev/null 2>&1 & echo $! > pid`)
	p.Dir, p.Keeper = t.TempDir(), NewKeeper()
	p.Keeper.grace = 20 * time.Millisecond
	p.Run(t.Context(), job)
	sleeps := func(name string) bool { return name == "sleep" || name == "sh" } // which is about to be sleep
	if left, sure := p.Keeper.Close(sleeps); left != nil || !sure {
		t.Errorf("got %q, %v, want nothing that is ignored", left, sure)
	}
}

// TestNamesOfEnded has a process end between two looks at it: it is not left.
func TestNamesOfEnded(t *testing.T) {
	cmd := exec.Command("true")
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	if got := namesOf([]*os.Process{{Pid: cmd.Process.Pid}}); got != nil {
		t.Errorf("got %q, want none", got)
	}
}

// TestKilled: when this process is killed, the processes of its programs are
// ended.
func TestKilled(t *testing.T) {
	const variable = "TEAPOT_TEST_DIR"
	if dir := os.Getenv(variable); dir != "" { // the process that is killed
		p := sh(os.Getenv("TEAPOT_TEST_SCRIPT"))
		p.Dir, p.Keeper = dir, NewKeeper()
		p.Run(t.Context(), job)
		return
	}
	for _, tt := range leaving {
		if tt.clean || tt.ends {
			continue
		}
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			cmd := exec.Command(os.Args[0], "-test.run=^TestKilled$")
			cmd.Env = append(os.Environ(), variable+"="+dir,
				"TEAPOT_TEST_SCRIPT="+tt.script+" echo $$ > leader; while :; do sleep 3600; done")
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			pids := []string{await(t, filepath.Join(dir, "pid")), await(t, filepath.Join(dir, "leader"))}
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait()
			for _, pid := range pids {
				gone(t, pid)
			}
		})
	}
}
