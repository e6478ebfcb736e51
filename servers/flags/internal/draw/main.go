// Command draw draws the flags of flags.txt, one GIF for each line, into a
// folder:
//
//	go run ./internal/draw gif
//
// The same table gives the same pictures, pixel for pixel, on every platform.
package main

import (
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

//go:embed flags.txt
var source string

// A flag is one line of the table.
type flag struct {
	wide, high int64 // the ratio of the sides
	layers     []layer
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: draw DIR")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "draw:", err)
		os.Exit(1)
	}
}

// write draws every flag of the table into a file of dir, br.gif for BR. Other
// files stay.
func write(dir string) error {
	flags, err := parse("flags.txt", source)
	if err != nil {
		return err
	}
	for code, f := range flags {
		name := filepath.Join(dir, strings.ToLower(code)+".gif")
		if err := os.WriteFile(name, encode(f.draw()), 0o644); err != nil {
			return err
		}
	}
	return nil
}
