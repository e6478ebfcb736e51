package command

import (
	"fmt"

	"github.com/teapot-go/teapot/harness/bounds"
)

// shares is what an option that is a share takes.
const shares = "a share from 0 to 1, such as 0.1 or 10%"

// A share is an option that is a part of something: 0.05 or 5%. The zero value
// is none of it.
type share struct {
	of   float64
	text string
}

// UnmarshalText reads a share from the command line.
func (s *share) UnmarshalText(text []byte) error {
	x, is := bounds.ParseShare(string(text))
	if !is {
		return fmt.Errorf("%q: want %s", text, shares)
	}
	*s = share{x, string(text)}
	return nil
}

// check returns an error if the share is more than all.
func (s share) check(option string) error {
	if s.of > 1 {
		return fmt.Errorf("%s %s: want %s", option, s.text, shares)
	}
	return nil
}
