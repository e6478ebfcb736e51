package flags

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Top20 returns the codes of the 20 most populous countries, CN to FR. The
// order is fixed: it does not follow the next census.
func Top20() []string {
	return strings.Fields("CN IN US ID BR PK NG BD RU JP MX PH VN ET EG DE IR TR CD FR")
}

// Every returns the 676 pairs of letters, AA to ZZ, most of which are no
// country.
func Every() []string {
	var all []string
	for c := 'A'; c <= 'Z'; c++ {
		all = append(all, column(c)...)
	}
	return all
}

// Expand turns words from a command line into codes. A word is a two-letter
// code or one letter, which stands for every code that begins with it (B means
// BA to BZ), in upper or lower case. The codes are sorted, each stands once,
// and need not be countries. The error names every word that is neither.
func Expand(names ...string) ([]string, error) {
	var codes []string
	var errs []error
	for _, name := range names {
		up := strings.ToUpper(name)
		switch {
		case !letters(name) || len(name) > 2:
			errs = append(errs, fmt.Errorf("%q is not a country: give two letters (BR) or one (B for BA to BZ)", name))
		case len(name) == 1:
			codes = append(codes, column(rune(up[0]))...)
		default:
			codes = append(codes, up)
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	slices.Sort(codes)
	return slices.Compact(codes), nil
}

// column lists the 26 codes that begin with c.
func column(c rune) []string {
	codes := make([]string, 0, 26)
	for d := 'A'; d <= 'Z'; d++ {
		codes = append(codes, string([]rune{c, d}))
	}
	return codes
}

// letters reports whether s is made of ASCII letters alone, and of one at
// least. Other letters are refused before upper-casing can make them look like
// these.
func letters(s string) bool {
	for _, b := range []byte(s) {
		if b |= 0x20; b < 'a' || b > 'z' {
			return false
		}
	}
	return s != ""
}
