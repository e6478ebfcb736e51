package scenarios_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/scenarios/strict"
)

// TestPlaceholders: a placeholder that a field does not have is a mistake at
// its place, and braces of other programs are not.
func TestPlaceholders(t *testing.T) {
	const (
		task  = `task: {command: [sh, -c, %s]}`
		lines = `task: {command: [sh, -c, %s], lines: true}`
		batch = `batch: {command: [sh, -c, %s]}`
	)
	for _, tt := range []struct{ field, argument, want string }{
		{task, `"{url} {key} {attempt} {task} {timeout}"`, ""},
		{task, `"{ulr}"`, "5:28: workload.task.command[2]: {ulr}: unknown placeholder: want {url}, {key}"},
		{task, `"--url={URL}"`, "{URL}: unknown placeholder"},
		{task, `"{port}"`, "{port}: unknown placeholder"},
		{task, `"{workers}"`, "{workers}: unknown placeholder"},
		{task, `"${HOME} %{http_code} { print } {a,b} {1} {} {{.Name}}"`, ""},
		{lines, `"{timeout}"`, ""},
		{lines, `"{url}"`, "5:28: workload.task.command[2]: {url}: with lines each task comes as a line: want"},
		{lines, `"{ulr}"`, "{ulr}: unknown placeholder: want {timeout}"},
		{batch, `"{workers} {timeout}"`, ""},
		{batch, `"{worker}"`, "5:29: workload.batch.command[2]: {worker}: unknown placeholder: want {workers}, "},
		{batch, `"{task}"`, "{task}: tasks come as lines: want {workers}, {timeout}"},
	} {
		executor := "{kind: sequential}"
		if tt.field == batch {
			executor = "{kind: own, workers: 2}"
		}
		_, mistakes := scenarios.Vocabulary{}.Parse("x.yaml", fmt.Appendf(nil,
			"name: x\nclock: real\nserver: {}\nworkload:\n  "+tt.field+"\n  flags: [BR]\nexecutors: [%s]\n",
			tt.argument, executor))
		if said := fmt.Sprint(mistakes); (len(mistakes) > 0) != (tt.want != "") || !strings.Contains(said, tt.want) {
			t.Errorf(tt.field+": got %s, want %q", tt.argument, said, tt.want)
		}
	}
}

// TestNoProgram: an empty command is a mistake beside others.
func TestNoProgram(t *testing.T) {
	for _, workload := range []string{
		"task: {command: [], exit: 7}", "task: {command: [], lines: yes}", "batch: {command: [], proxy: yes}",
		`task: {command: [""]}`,
	} {
		_, mistakes := scenarios.Vocabulary{}.Parse("x.yaml", []byte("name: x\nclock: real\nserver: {}\nworkload: {"+
			workload+", flags: [BR]}\nexecutors: [{kind: own, workers: 2}]\n"))
		if said := fmt.Sprint(mistakes); !strings.Contains(said, "want a program and its arguments") {
			t.Errorf("%s: got %s", workload, said)
		}
	}
}

// TestTruth: other words for true and false have one right answer.
func TestTruth(t *testing.T) {
	for word, want := range map[string]string{
		"yes": "true", "On": "true", `"true"`: `"true"`, "no": "false", "'off'": "false", "1": "true", "maybe": "maybe",
	} {
		text := "name: x\nclock: real\nserver: {}\nworkload: {task: {command: [sh], lines: %s}, flags: [BR]}\n" +
			"executors: [{kind: sequential}]\n"
		got, _ := strict.Fix(fmt.Appendf(nil, text, word), func(source []byte) strict.Mistakes {
			_, mistakes := scenarios.Vocabulary{}.Parse("x.yaml", source)
			return mistakes
		})
		if string(got) != fmt.Sprintf(text, want) {
			t.Errorf("%s: got %s", word, got)
		}
	}
}
