package command

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/teapot-go/teapot/command/internal/cli"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/scenarios/explain"
)

type explainCommand struct {
	Key    string `arg:"" optional:"" name:"key" help:"A key, by its path (server.faults.kind) or the end of it (kind); a list of all keys, if none is given."`
	Schema bool   `help:"Print the JSON Schema of scenario files, for editors."`
}

// Help returns what teapot explain --help prints below the options.
func (explainCommand) Help() string {
	return `Examples:

  teapot explain                             all keys
  teapot explain server.faults.kind          what it means, what it takes, and an example
  teapot explain retry_after                 every key of that name
  teapot explain --schema > scenario.json    for an editor that reads JSON Schema`
}

// Run prints what a key of the scenario language means.
func (c *explainCommand) Run(to *cli.Console) error {
	if c.Schema {
		if c.Key != "" {
			return fmt.Errorf("--schema is of all keys: want it without %s", c.Key)
		}
		_, err := io.WriteString(to.Stdout, scenarios.Schema())
		return cli.UnlessClosed(err)
	}
	var text strings.Builder
	if c.Key == "" {
		listKeys(&text, to.Name)
	} else {
		found, near := explain.Find(c.Key)
		switch {
		case found == nil && slices.Contains(to.Vocabulary.TaskNames(), c.Key):
			near = []string{"workload.task"}
		case found == nil && slices.Contains(to.Vocabulary.ExecutorNames(), c.Key):
			near = []string{"executors.kind"}
		}
		if found == nil {
			return unknownKey(c.Key, near, to.Name)
		}
		for i, k := range found {
			if i > 0 {
				text.WriteString("\n")
			}
			explainKey(&text, k, to.Vocabulary)
		}
	}
	_, err := io.WriteString(to.Stdout, text.String())
	return cli.UnlessClosed(err)
}

func unknownKey(key string, near []string, program string) error {
	if len(near) > 0 {
		return fmt.Errorf("unknown key %q: did you mean %s?", key, strings.Join(near, " or "))
	}
	return fmt.Errorf("unknown key %q: want one of those that %s explain lists, such as server, workload, executors "+
		"or expect", key, program)
}

// width is how many columns the texts take at most.
const width = 80

// listKeys writes a line for each key: its name, below that of the mapping that
// it is of, and the beginning of its description.
func listKeys(text *strings.Builder, program string) {
	for _, k := range explain.Keys() {
		depth := strings.Count(k.Path, ".")
		name := fmt.Sprintf("%*s%s", 2*depth, "", k.Name())
		about := []rune(strings.TrimPrefix(k.About, k.Name()+" "))
		const column = 20
		if most := width - column; len(about) > most {
			about = append(about[:most-1], '…')
		}
		fmt.Fprintf(text, "%-*s%s\n", column, name, string(about))
	}
	fmt.Fprintf(text, "\n%s explain KEY says more, as of server.faults.kind or kind.\n", program)
}

// explainKey writes all that is known of a key.
func explainKey(text *strings.Builder, k explain.Key, v scenarios.Vocabulary) {
	accepts := k.Accepts
	switch k.Path { // what the program knows is not in the schema
	case "workload.task":
		accepts = strings.Join(v.TaskNames(), ", ") + `, or a command such as {command: [curl, --fail, "{url}"]}`
	case "executors.kind":
		accepts = strings.Join(v.ExecutorNames(), ", ")
	}
	without := k.Default
	if k.Required {
		without = "none: it is required"
	}
	fmt.Fprintf(text, "%s\n\n%s\n\n", k.Path, wrapped(k.About, ""))
	const indent = "           "
	fmt.Fprintf(text, "  takes    %s\n", wrapped(accepts, indent))
	if without != "" {
		fmt.Fprintf(text, "  default  %s\n", wrapped(without, indent))
	}
	fmt.Fprintf(text, "  example  %s\n", strings.ReplaceAll(k.Example, "\n", "\n"+indent))
}

// wrapped breaks a text into lines, all of which but the first begin with an
// indent.
func wrapped(text, indent string) string {
	var lines strings.Builder
	column := len(indent)
	for i, word := range strings.Fields(text) {
		n := len([]rune(word))
		switch {
		case i == 0:
		case column+1+n > width:
			lines.WriteString("\n" + indent)
			column = len(indent)
		default:
			lines.WriteString(" ")
			column++
		}
		lines.WriteString(word)
		column += n
	}
	return lines.String()
}
