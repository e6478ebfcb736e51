//go:build unix

package program

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/teapot-go/teapot/harness/record"
)

// sh is a program of the shell.
func sh(script string) Program {
	return Program{Args: []string{"sh", "-c", script, "sh", "{url}", "{key}", "{attempt}", "{task}", "{timeout}"}}
}

var job = Job{Key: "BR", URL: "http://127.0.0.1:1/flags/br/br.gif", Task: 7, Attempt: 2}

func TestRun(t *testing.T) {
	defer goleak.VerifyNone(t)
	for _, tt := range []struct {
		name, script string
		output       Output
		want         record.Seen
	}{
		{"success", "exit 0", "", record.Seen{Class: record.OK}},
		{"a listed status", "exit 22", "", record.Seen{Class: record.Status, Exit: 22, Error: "exit status 22"}},
		{
			"stderr", "echo connecting >&2; echo refused >&2; exit 22", "",
			record.Seen{Class: record.Status, Exit: 22, Error: "exit status 22: connecting | refused"},
		},
		{
			"a status without a class", "echo oops >&2; exit 7", "",
			record.Seen{Class: record.Failed, Exit: 7, Error: "exit status 7, which has no class in task.exit: oops"},
		},
		{"a signal", "kill -KILL $$", "", record.Seen{Class: record.Failed, Error: "signal: killed"}},
		{
			"a body", "printf tea", Body, record.Seen{
				Class: record.OK, Bytes: 3,
				Digest: "sha256:8e0a5e3f9a4c0f4b5d7a9e0a0b8b0f9d",
			},
		},
		{
			"a failure with a body", "printf te; exit 22", Body,
			record.Seen{Class: record.Status, Exit: 22, Error: "exit status 22"},
		},
		{
			"a report", `echo reading; echo '{"status": 404, "error": "no tea"}'; echo`, Report,
			record.Seen{Class: record.NotFound, Status: 404, Error: "no tea"},
		},
		{
			"a report of a failure", `echo '{"class": "timeout"}'; exit 1`, Report,
			record.Seen{Class: record.Timeout},
		},
		{
			"no report, but a status", "exit 22", Report,
			record.Seen{Class: record.Status, Exit: 22, Error: "exit status 22"},
		},
		{
			"no report", "exit 0", Report,
			record.Seen{Class: record.Failed, Error: `the command printed no report: want one as the last line of ` +
				`its output, such as {"status": 200, "bytes": 3208}`},
		},
		{
			"no report, but an error", "echo no tea >&2", Report,
			record.Seen{Class: record.Failed, Error: `the command printed no report: want one as the last line of ` +
				`its output, such as {"status": 200, "bytes": 3208}: no tea`},
		},
		{
			"a line that is no report", "echo tea; echo no tea >&2", Report,
			record.Seen{Class: record.Failed, Error: `the last line of its output: tea: invalid character 'e' in ` +
				`literal true (expecting 'r'): want one object such as {"status": 200, "bytes": 3208}: no tea`},
		},
		{
			"the words", `test "$*" = "http://127.0.0.1:1/flags/br/br.gif BR 2 7 1.5"`, "",
			record.Seen{Class: record.OK},
		},
		{"the environment", `test "$TEA:$HTTP_PROXY$http_proxy" = green:`, "", record.Seen{Class: record.OK}},
		{"a flood", "yes | head -c 30000000; yes teapot | head -c 3000000 >&2", Report, record.Seen{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("HTTP_PROXY", "http://127.0.0.1:9")
			t.Setenv("http_proxy", "http://127.0.0.1:9")
			p := sh(tt.script)
			p.Exit = map[int][]record.Class{0: {record.OK}, 22: {record.Status, record.NotFound}}
			p.Output, p.Timeout, p.Env = tt.output, 1500*time.Millisecond, []string{"TEA=green"}
			got := p.Run(t.Context(), job)
			if tt.output == Body && strings.HasPrefix(got.Digest, "sha256:") {
				tt.want.Digest = got.Digest
			}
			if tt.name == "a flood" {
				if got.Class != record.Failed || len(got.Error) > 1000 {
					t.Errorf("got %.2000v", got)
				}
			} else if got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

// TestBounds: a command that does not end is ended when its time is over or
// when it prints too much, and the error says so.
func TestBounds(t *testing.T) {
	for _, tt := range []struct {
		name, script, want string
		limit              time.Duration
	}{
		{
			"it hangs", "trap '' TERM; while :; do sleep 3600; done", "teapot ended the command after 20ms",
			20 * time.Millisecond,
		},
		{"it floods", "cat /dev/zero", "teapot ended the command: it printed 64 MiB", 0},
		{"it floods with errors", "exec yes >&2", "teapot ended the command: it printed 64 MiB: y | y", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			defer goleak.VerifyNone(t)
			p := sh(tt.script)
			p.Output, p.Limit = Report, tt.limit
			if got := p.Run(t.Context(), job); got.Class != record.Failed || !strings.HasPrefix(got.Error, tt.want) {
				t.Errorf("got %+v, want %s", got, tt.want)
			}
		})
	}
}

// TestScripts: a script that cannot be run has one clear error.
func TestScripts(t *testing.T) {
	dir := t.TempDir()
	for text, want := range map[string]string{
		"#!/no/such/sh\nexit 0\n":     "its first line, #!/no/such/sh, names no program",
		"#!/bin/sh\r\nexit 0\r\n":     `its first line, #!/bin/sh\r, names no program`,
		"#! /bin/sh -e\nexit 0\n":     "",
		"#!/usr/bin/env sh\nexit 0\n": "",
		"exit 0\n":                    "its first line names none: want a line such as #!/bin/sh",
	} {
		name := filepath.Join(dir, "script")
		if err := os.WriteFile(name, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
		p := Program{Args: []string{name}}
		if got := p.Run(t.Context(), job); want == "" && got.Class != record.OK || !strings.Contains(got.Error, want) {
			t.Errorf("%q: got %+v, want %q", text, got, want)
		}
	}
}

// TestMeans lists what an exit status may stand for.
func TestMeans(t *testing.T) {
	p := Program{Exit: map[int][]record.Class{22: {record.Status, record.NotFound}}}
	if classes, doubt := p.Means(record.Seen{Class: record.Status, Exit: 22}); len(classes) != 2 || doubt != "" {
		t.Errorf("got %v, %q", classes, doubt)
	}
	if classes, doubt := p.Means(record.Seen{Class: record.Failed, Exit: 7}); len(classes) != 9 ||
		doubt != "exit status 7 of the command has no class: add it to task.exit" {
		t.Errorf("got %v, %q", classes, doubt)
	}
	if classes, _ := p.Means(record.Seen{Class: record.Status, Status: 503}); classes != nil {
		t.Errorf("a report that says a status: got %v", classes)
	}
}

func TestFindsProgram(t *testing.T) {
	dir := t.TempDir()
	for name, mode := range map[string]os.FileMode{"fetch": 0o755, "plain": 0o644} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\nexit 0\n"), mode); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{
		"sh": "", "./fetch": "", filepath.Join(dir, "fetch"): "",
		"teapot-no-such": "no such program in PATH", "./nothing": "no such file", "./": "a folder",
		"./plain": "this user cannot run it",
	} {
		p := Program{Args: []string{name}, Dir: dir}
		if _, err := p.Find(); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", name, err, want)
		}
		if got := p.Run(t.Context(), job); want == "" && name != "sh" && got.Class != record.OK ||
			want != "" && got.Class != record.Failed {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

// await waits until a file has a text, which it returns.
func await(t *testing.T, name string) string {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		if text, err := os.ReadFile(name); err == nil && strings.HasSuffix(string(text), "\n") {
			return strings.TrimSpace(string(text))
		}
		select {
		case <-tick.C:
		case <-t.Context().Done():
			t.Fatalf("%s: it does not come", name)
		}
	}
}

// gone waits until a process has ended.
func gone(t *testing.T, pid string) {
	t.Helper()
	n, err := strconv.Atoi(pid)
	if err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !errors.Is(syscall.Kill(n, 0), syscall.ESRCH) && !zombie(pid) {
		select {
		case <-tick.C:
		case <-t.Context().Done():
			t.Fatalf("process %d goes on", n)
		}
	}
}

// zombie reports whether a process has ended, and waits for a parent that does
// not ask.
func zombie(pid string) bool {
	text, err := os.ReadFile("/proc/" + pid + "/stat")
	return err == nil && strings.Contains(string(text), ") Z ")
}

// TestGroup wants the children of a process to end with it: when its context is
// done, also if they ignore the signal, and when it has ended.
func TestGroup(t *testing.T) {
	for name, script := range map[string]string{
		"a process that waits":        `sleep 3600 & echo $! > pid; wait`,
		"one that ignores the signal": `trap '' TERM; sleep 3600 & echo $! > pid; while :; do wait; done`,
		"one that has ended":          `sleep 3600 & echo $! > pid`,
	} {
		t.Run(name, func(t *testing.T) {
			defer goleak.VerifyNone(t)
			p := sh(script)
			p.Dir = t.TempDir()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var running sync.WaitGroup
			var got record.Seen
			running.Go(func() { got = p.Run(ctx, job) })
			pid := await(t, filepath.Join(p.Dir, "pid"))
			want := record.OK
			if !strings.HasSuffix(script, "pid") {
				want = record.Lost
				cancel()
			}
			running.Wait()
			if gone(t, pid); got.Class != want {
				t.Errorf("got %+v, want %s", got, want)
			}
		})
	}
}

// echo answers each line in the order of its own choice.
const echo = `while read -r line; do
	task=${line##*\"task\":}; task=${task%%\}*}
	case $line in
	*'"key":"BR"'*) echo '{"key":"BR","status":200,"bytes":3}';;
	*'"key":"die"'*) echo 'no more tea' >&2; exit 3;;
	*'"key":"junk"'*) echo 'Fetching …';;
	*'"key":"twice"'*) echo "{\"task\":$task,\"status\":200}"; echo "{\"task\":$task,\"status\":200}";;
	*'"key":"other"'*) echo '{"key":"CN","status":200}';;
	*'"key":"flood"'*) head -c 3000000 /dev/zero; echo;;
	*) echo "{\"task\":$task,\"class\":\"truncated\"}";;
	esac
done
`

func TestSession(t *testing.T) {
	defer goleak.VerifyNone(t)
	s, err := sh(echo).Start()
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for n := range 200 {
		all.Go(func() {
			key := fmt.Sprint("key", n)
			if got := s.Run(t.Context(), Job{Key: key, Task: n + 1, Attempt: 1}); got.Class != record.Truncated {
				t.Errorf("%s: got %+v", key, got)
			}
		})
	}
	all.Wait()
	if got := s.Run(t.Context(), job); got != (record.Seen{Class: record.OK, Status: 200, Bytes: 3}) {
		t.Errorf("got %+v", got)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestBrokenSession has programs that do not keep to the lines: all jobs fail,
// with the reason.
func TestBrokenSession(t *testing.T) {
	for key, want := range map[string]string{
		"die":   "the command ended before it reported (exit status 3): no more tea",
		"junk":  "line 2 of its output: Fetching …: invalid character 'F'",
		"twice": "line 3 of its output: ",
		"other": `line 2 of its output: {"key":"CN","status":200}: no such task is waiting`,
		"flood": "line 2 of its output: longer than 1048576 bytes",
	} {
		t.Run(key, func(t *testing.T) {
			defer goleak.VerifyNone(t)
			s, err := sh(echo).Start()
			if err != nil {
				t.Fatal(err)
			}
			s.Run(t.Context(), job)
			if got := s.Run(t.Context(), Job{Key: key, Task: 8}); key != "twice" &&
				(got.Class != record.Failed || !strings.HasPrefix(got.Error, want)) {
				t.Errorf("got %+v, want %s", got, want)
			}
			<-s.over
			if got := s.Run(t.Context(), Job{Key: "CN", Task: 9}); got.Class != record.Failed ||
				!strings.HasPrefix(got.Error, want) {
				t.Errorf("after it: got %+v, want %s", got, want)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestStubbornSession ends a process that reads nothing and ignores the end of
// its input.
func TestStubbornSession(t *testing.T) {
	defer goleak.VerifyNone(t)
	s, err := sh(`trap '' TERM; echo '{"task": 1, "status": 200}'; while :; do sleep 3600; done`).Start()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for n := range 3 {
		all.Go(func() {
			if got := s.Run(ctx, Job{Key: strings.Repeat("x", 1<<17), Task: n + 2}); got.Class == record.OK {
				t.Errorf("got %+v", got)
			}
		})
	}
	cancel()
	all.Wait()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestRunAll has one process do all jobs.
func TestRunAll(t *testing.T) {
	jobs := []Job{{Key: "BR", Task: 1}, {Key: "CN", Task: 2}, {Key: "CN", Task: 3}}
	for _, tt := range []struct{ script, reported, want string }{
		{
			`test "$6" = 8 && cat >/dev/null; echo '{"key":"BR","status":200}'; echo '{"task":3,"class":"reset"}'`,
			"BR ok, CN reset", "",
		},
		{`echo '{"task":4,"status":200}'`, "", "is about task 4, which there is not: want a task from 1 to 3"},
		{
			`echo '{"task":4,"status":200}'; echo '{"key":"BR","status":200}'; echo no tea >&2; exit 3`,
			"BR ok", "line 1 of its output, {\"task\":4,\"status\":200}, is about task 4",
		},
		{`echo '{"task":1,"key":"CN","status":200}'`, "", `the key of another task: want the key of task 1, "BR"`},
		{`echo '{"task":-1,"status":200}'`, "", "line 1 of its output: task: -1: want a whole number from 1"},
		{`echo '{"task":1.5,"status":200}'`, "", "line 1 of its output: task: 1.5: want a whole number from 1"},
		{`echo '{"task":"1","status":200}'`, "", `line 1 of its output: task: "1": want a whole number from 1`},
		{`for t in 2 2; do echo "{\"task\":$t,\"status\":200}"; done`, "CN ok", "is about task 2 again"},
		{
			`for t in 1 1 2; do echo "{\"task\":$t,\"status\":200}"; done`,
			"BR ok, BR ok, CN ok", "", // a key of one task: the harness counts
		},
		{`echo '{"status":200}'`, "", "has neither a task nor a key"},
		{
			`echo; echo tea; echo no tea >&2; sleep 3600`, "",
			`line 2 of its output: tea: invalid character 'e' in literal true (expecting 'r'): want one object such ` +
				`as {"task": 7, "status": 200, "bytes": 3208}`,
		},
		{`head -c 3000000 /dev/zero`, "", "line 1 of its output: longer than 1048576 bytes"},
		{`echo '{"key":"BR","status":200}'; echo no tea >&2; exit 3`, "BR ok", "exit status 3: no tea"},
		{`exec <&-; exit 0`, "", "the program reported 0 of 2 keys (exit status 0)"},
		{`echo no tea >&2; echo '{"task":1,"status":200}'`, "BR ok", "1 of 2 keys (exit status 0: no tea)"},
	} {
		t.Run(tt.script, func(t *testing.T) {
			defer goleak.VerifyNone(t)
			p := sh(tt.script)
			p.Args = append(p.Args, "{workers}")
			var reported []string
			err := p.RunAll(t.Context(), jobs, 8, func(key string, s record.Seen) {
				reported = append(reported, key+" "+string(s.Class))
			})
			if got := strings.Join(reported, ", "); got != tt.reported || (err == nil) != (tt.want == "") ||
				err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %s, %v, want %s, %s", got, err, tt.reported, tt.want)
			}
		})
	}
}

// TestRunAllEnds ends a process that reads nothing when its context is done.
func TestRunAllEnds(t *testing.T) {
	defer goleak.VerifyNone(t)
	p := sh("trap '' TERM; sleep 3600 & echo $! > pid; wait; wait")
	p.Dir = t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var running sync.WaitGroup
	running.Go(func() {
		jobs := []Job{{Key: strings.Repeat("x", 1<<20), Task: 1}}
		if err := p.RunAll(ctx, jobs, 1, func(string, record.Seen) {}); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
	pid := await(t, filepath.Join(p.Dir, "pid"))
	cancel()
	running.Wait()
	gone(t, pid)
}
