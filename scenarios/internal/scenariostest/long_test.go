package scenarios_test

import (
	"regexp"
	"strings"
	"testing"
)

// TestLongValues puts long texts in the place of every value of the good files,
// and wants no message to lose what is wrong, or what is accepted.
func TestLongValues(t *testing.T) {
	long := func(text string, n int) string { return strings.Repeat(text, n) }
	texts := []string{
		long("x", 5000), long("9", 5000), long("-", 1) + long("9", 5000), long("1s", 3000), long("茶", 3000),
		"list(" + long("1s, ", 20_000) + "1s)", "list(" + long("1s, ", 5000), "list(1s, " + long("x", 5000) + ")",
		"uniform(" + long("1s, ", 1000) + "1s)", "uniform(" + long("0", 3000) + "2s, 1s)", long("y", 3000) + "(1s)",
		"<= " + long("1", 3000), ">= " + long("1", 3000), "1" + long("0", 3000) + "KB", "a/" + long("b", 3000),
		"uniform(" + long("9", 3000) + "KB, 1KB)", "uniform(" + long("0", 3000) + "2KB, 1KB)",
	}
	value := regexp.MustCompile(`(?m)^( *(?:- )?[a-z_0-9]+: |\s+- )([^\s#&{\[|>][^#\n]*)$`)
	for _, file := range filesIn(t, "../../testdata/good") {
		source := string(contents(t, file))
		for _, at := range value.FindAllStringSubmatchIndex(source, -1) {
			for _, text := range texts {
				changed := source[:at[4]] + "'" + text + "'" + source[at[5]:]
				_, mistakes := registered.Parse(file, []byte(changed))
				for _, m := range mistakes {
					if strings.Contains(m.Message, "want ") && !strings.HasSuffix(m.Message, "…") &&
						len([]rune(m.Message)) < 1000 {
						continue
					}
					t.Errorf("%s: %.40q: %s", source[at[0]:at[5]], text, m.Message)
				}
			}
		}
	}
}
