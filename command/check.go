package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/teapot-go/teapot/command/internal/cli"
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
		if _, err := fmt.Fprintf(to.Stdout, "%s: %s: %s\n", s.File(), s.Name,
			cli.Plural(len(s.Cases()), "run")); err != nil {
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
		if err := replace(file, fixed); err != nil {
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

// replace writes a file in one step: it has the whole text, or what it had
// before. Its permissions stay, and so does a link to it.
func replace(name string, text []byte) (err error) {
	if name, err = filepath.EvalSymlinks(name); err != nil {
		return err
	}
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	part, err := os.CreateTemp(filepath.Dir(name), ".teapot-*") // hidden, so that it is no scenario
	if err != nil {
		return err
	}
	_, err = part.Write(text)
	err = errors.Join(err, part.Chmod(info.Mode().Perm()), part.Sync(), part.Close())
	if err == nil {
		err = os.Rename(part.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(part.Name()))
	}
	return nil
}
