package cluster_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// plantedVariable names the bug that is on, in a test program that has them
// all.
const plantedVariable = "TEAPOT_PLANTED"

// bugs are the mistakes that an executor of this kind makes, each with the
// tests that must see it. A bug is a replacement in the source that asks
// bug(name).
var bugs = []struct {
	name           string
	file, old, new string
	seen           string // the tests
}{
	{
		"acknowledges before the result", "hand.go",
		"	switch took, claimed := h.claim(); {",
		"	if bug(`acknowledges before the result`) {\n\t\th.acknowledge()\n\t}\n" +
			"	switch took, claimed := h.claim(); {",
		"TestWorkerLost$/in_the_task",
	},
	{
		"has no limit per subject", "streams.go",
		"DiscardNewPerSubject: true, MaxMsgsPerSubject: 1,",
		"DiscardNewPerSubject: !bug(`has no limit per subject`), " +
			"MaxMsgsPerSubject: map[bool]int64{false: 1, true: -1}[bug(`has no limit per subject`)],",
		"TestWorkerLost$/cut_off_in_the_task,_for_long",
	},
	{
		"has claims that do not exclude each other", "hand.go",
		"	case reply.Error == nil:\n\t\t\treturn \"\", true\n",
		"	case reply.Error == nil || bug(`has claims that do not exclude each other`):\n" +
			"\t\t\treturn \"\", true\n",
		"TestOnce$/in_the_task",
	},
	{
		"does not say that a task is in progress", "share.go",
		"	var replies []string\n",
		"	if bug(`does not say that a task is in progress`) {\n\t\ts.mu.Unlock()\n\t\treturn\n\t}\n" +
			"	var replies []string\n",
		"TestLongTask$",
	},
	{
		"ends a future by the acknowledgement", "send.go",
		"	if f := e.flights[wire.Seq(m.Subject)]; f != nil {\n",
		"	if f := e.flights[wire.Seq(m.Subject)]; f != nil && bug(`ends a future by the acknowledgement`) {\n" +
			"		delete(e.flights, wire.Seq(m.Subject))\n		go fail(f.r, nil)\n" +
			"	} else if f != nil {\n",
		"TestMap$",
	},
	{
		"runs a task again that has a result", "hand.go",
		"	if _, err := s.stored(ctx, resultStream, s.run.Result(h.seq)); err == nil {",
		"	if _, err := s.stored(ctx, resultStream, s.run.Result(h.seq)); " +
			"err == nil && !bug(`runs a task again that has a result`) {",
		"TestWorkerLost$/between_result",
	},
	{
		"sends a task again that has been there", "care.go",
		"		case !has:\n", "		case !has || bug(`sends a task again that has been there`):\n",
		"TestLostAnswers$",
	},
	{
		"does not tell late workers what is cancelled", "care.go",
		"		if f.cancelled {\n",
		"		if f.cancelled && !bug(`does not tell late workers what is cancelled`) {\n",
		"TestCancel$/not_with_a_worker",
	},
	{
		"does not look for tasks that were given up", "care.go",
		"		e.giveUpLost()\n",
		"		if !bug(`does not look for tasks that were given up`) {\n\t\t\te.giveUpLost()\n\t\t}\n",
		"TestPoison$/3_true_false",
	},
	{
		"does not rejoin", "worker.go",
		"		if !s.isGone() || s.bury(ctx) {", "		if !s.isGone() || s.bury(ctx) || bug(`does not rejoin`) {",
		"TestCoordinatorGone$",
	},
	{
		"never purges", "care.go",
		"	if n <= keptResults {", "	if n <= keptResults || bug(`never purges`) {",
		"TestPurge$",
	},
}

const bugSource = `package cluster

import "os"

func bug(name string) bool { return os.Getenv("` + plantedVariable + `") == name }
`

// TestMutants builds the package once with all bugs in it, and has the tests
// see each.
func TestMutants(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the package once more")
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	sources := map[string]string{"planted.go": bugSource}
	for _, b := range bugs {
		if sources[b.file] == "" {
			text, err := os.ReadFile(b.file)
			if err != nil {
				t.Fatal(err)
			}
			sources[b.file] = string(text)
		}
		if n := strings.Count(sources[b.file], b.old); n != 1 {
			t.Fatalf("an executor that %s: %s has the text %d times, want once:\n%s", b.name, b.file, n, b.old)
		}
		sources[b.file] = strings.Replace(sources[b.file], b.old, b.new, 1)
	}
	replace := map[string]string{}
	for name, text := range sources {
		replace[filepath.Join(dir, name)] = filepath.Join(out, name)
		if err := os.WriteFile(filepath.Join(out, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(out, "overlay.json"), overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(out, "mutants.test")
	build := exec.CommandContext(t.Context(), "go", "test", "-c", "-vet=off", "-ldflags=-s -w",
		"-overlay", filepath.Join(out, "overlay.json"), "-o", binary, ".")
	if text, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	var all sync.WaitGroup
	for _, b := range bugs {
		all.Go(func() {
			for _, on := range []string{"", b.name} {
				cmd := exec.CommandContext(t.Context(), binary, "-test.run=^"+b.seen, "-test.timeout=5m", "-test.v")
				cmd.Env = append(os.Environ(), plantedVariable+"="+on)
				text, err := cmd.CombinedOutput()
				switch {
				case !strings.Contains(string(text), "--- "):
					t.Errorf("%s is no test, or does not end:\n%s", b.seen, text)
				case on == "" && err != nil:
					t.Errorf("%s without a bug:\n%s", b.seen, text)
				case on != "" && err == nil:
					t.Errorf("%s does not see an executor that %s", b.seen, b.name)
				case on != "" && !strings.Contains(string(text), "--- FAIL"):
					t.Errorf("%s does not end with an executor that %s:\n%s", b.seen, b.name, text)
				}
			}
		})
	}
	all.Wait()
}
