package command

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/command/internal/cli"
	"github.com/teapot-go/teapot/scenarios"
)

// calling runs the command line of teapot itself.
func calling(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return run(ctx, &cli.Console{
		Stdin: stdin, Stdout: stdout, Stderr: stderr, Name: "teapot", Self: started().self(), Args: args,
		Vocabulary: equipped(scenarios.Vocabulary{}), Definitions: defined(),
	})
}

// teapotReading runs the command line with a text on the standard input.
func teapotReading(t *testing.T, stdin string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	status = calling(t.Context(), args, strings.NewReader(stdin), &out, &err)
	return status, out.String(), err.String()
}
