package reports

import (
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// TestShortReader has values of eight bytes and of nine, in reads of any size.
func TestShortReader(t *testing.T) {
	for in, wrong := range map[string]bool{
		`{"a": "1234567", "b": 12345678, "c": [true, -1.5e+10]}`: false,
		`["1234567","1234567","1234567"]`:                        false,
		`                                     [1]`:               false,
		`{"a": "1234567\"", "b": 1}`:                             true,
		`{"a": "12345\"", "b": "\\\\\\"}`:                        false,
		`{"a": "12345678", "b": 1}`:                              false, // the quote that ends it is not counted
		`{"a": "123456789", "b": 1}`:                             true,
		`{"123456789": 1}`:                                       true,
		`{"a": 123456789}`:                                       true,
		`{"a": nonsense!}`:                                       true,
		`"[,:]{}  `:                                              false,
		`"[,:]{}   `:                                             true,
	} {
		for name, from := range map[string]io.Reader{
			"whole": strings.NewReader(in), "by bytes": iotest.OneByteReader(strings.NewReader(in)),
			"by halves": iotest.HalfReader(strings.NewReader(in)),
		} {
			s := &shortReader{from: from, limit: 8}
			got, err := io.ReadAll(s)
			if (err != nil) != wrong || (s.failed != nil) != wrong || !wrong && string(got) != in {
				t.Errorf("%s, %s: got %q and the error %v", in, name, got, err)
			}
		}
	}
}

// TestLongValue names the place of a value that is too long, and reads no more
// of it than that takes.
func TestLongValue(t *testing.T) {
	const start = `{"format":"teapot.recording/1","host":{"cpus":1,"go":"`
	rest := &counted{from: endless("a")}
	_, _, err := Read(io.MultiReader(strings.NewReader(start), rest))
	const want = "not a recording that can be read here: " +
		"after host.go: a value of more than 16777216 bytes: want a shorter one"
	if err == nil || err.Error() != want || rest.n > maxValue+1<<20 {
		t.Errorf("got error %v of %d bytes, want %s", err, rest.n, want)
	}
}

// counted counts what is read.
type counted struct {
	from io.Reader
	n    int
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	c.n += n
	return n, err
}
