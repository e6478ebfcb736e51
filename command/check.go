package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/teapot-go/teapot/command/internal/cli"
	"github.com/teapot-go/teapot/harness/files"
	"github.com/teapot-go/teapot/reports/text"
	"github.com/teapot-go/teapot/scenarios/strict"
)

type checkCommand struct {
	Paths []string `arg:"" name:"path" help:"A scenario file, a folder of them, or - for the standard input."`
	Fix   bool     `help:"Mend the mistakes that have one right answer, such as a misspelled key, in the files, and print what was changed. Comments and all else stay as they are."`
}

// Run checks the files and lists what they hold.
func (c *checkCommand) Run(ctx context.Context, to *cli.Console) error {
	return cli.UntilDone(ctx, to, c.check)
}

func (c *checkCommand) check(to *cli.Console) error {
	loaded, err := to.Load(c.Paths)
	if err != nil && c.Fix {
		if err := c.fix(to, err); err != nil {
			return err
		}
		loaded, err = to.Load(c.Paths)
	}
	if err != nil {
		return err
	}
	for _, s := range loaded {
		line := fmt.Sprintf("%s: %s: %s\n", s.File(), s.Name, cli.Plural(len(s.Cases()), "run"))
		if _, err := io.WriteString(to.Stdout, text.Inert(line)); err != nil {
			return cli.UnlessClosed(err)
		}
		for _, warning := range s.Warnings() {
			key, _, _ := strings.Cut(warning, ":")
			to.Notef("%s:%d: warning: %s", s.File(), s.Line(key), warning)
		}
	}
	_, err = fmt.Fprintf(to.Stdout, "%s, no mistake\n", cli.Plural(len(loaded), "scenario"))
	return cli.UnlessClosed(err)
}

// fix mends the files that have the mistakes of an error.
func (c *checkCommand) fix(to *cli.Console, mistaken error) error {
	for _, file := range filesOf(mistaken) {
		if file == "-" {
			return errors.Join(mistaken, errors.New("--fix: the standard input cannot be written: want a file"))
		}
		source, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		fixed, changes := strict.Fix(source, func(source []byte) strict.Mistakes {
			_, mistakes := to.Vocabulary.Parse(file, source)
			return mistakes
		})
		if len(changes) == 0 {
			continue
		}
		if err := files.Write(file, fixed); err != nil {
			return err
		}
		for _, change := range changes {
			if _, err := fmt.Fprintf(to.Stdout, "fixed %s:%s\n", file, change); err != nil {
				return cli.UnlessClosed(err)
			}
		}
	}
	return nil
}

// filesOf returns the files whose mistakes an error has, in order.
func filesOf(err error) (files []string) {
	if mistakes, ok := err.(strict.Mistakes); ok {
		for _, m := range mistakes {
			if len(files) == 0 || files[len(files)-1] != m.File {
				files = append(files, m.File)
			}
		}
		return files
	}
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		for _, err := range several.Unwrap() {
			files = append(files, filesOf(err)...)
		}
	}
	return files
}
