package cli

import (
	"os"

	"github.com/teapot-go/teapot/reports"
	"golang.org/x/term"
)

// Screen returns what the standard output is written for: the width of a
// terminal, and whether it has colours.
func (c *Console) Screen() reports.Screen {
	width, terminal := 0, false
	if f, ok := c.Stdout.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		terminal = true
		if w, _, err := term.GetSize(int(f.Fd())); err == nil {
			width = w
		}
	}
	return reports.Screen{Width: width, Colour: coloured(terminal, os.Getenv)}
}

// coloured reports whether colours are written, as https://no-color.org and
// https://bixense.com/clicolors have it: to a terminal, unless it can have none
// or NO_COLOR is set, and elsewhere where CLICOLOR_FORCE is.
func coloured(terminal bool, getenv func(string) string) bool {
	switch force := getenv("CLICOLOR_FORCE"); {
	case getenv("NO_COLOR") != "":
		return false
	case force != "" && force != "0":
		return true
	}
	return terminal && getenv("TERM") != "dumb" && getenv("CLICOLOR") != "0"
}
