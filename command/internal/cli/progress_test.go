package cli

import (
	"bytes"
	"strings"
	"testing"

	"github.com/vbauerster/cupwriter"
)

// TestLeftmost wants every picture of a bar, and the wiping of the one before,
// to begin at the first column, whatever was typed.
func TestLeftmost(t *testing.T) {
	var out bytes.Buffer
	bars := cupwriter.New(leftmost{&out}, true)
	for range 2 {
		bars.WriteString("bar\n")
		if err := bars.Flush(1); err != nil {
			t.Fatal(err)
		}
	}
	if err := bars.Flush(0); err != nil {
		t.Fatal(err)
	}
	const wipe = "\r\x1b[1A\x1b[J"
	if got, want := out.String(), "\rbar\n"+wipe+"bar\n"+wipe; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if n, err := (leftmost{&out}).Write([]byte("four")); n != 4 || err != nil {
		t.Errorf("%d bytes written (%v), want 4", n, err)
	}
	if n, err := (leftmost{writerFunc(func([]byte) (int, error) {
		return 0,
			strings.NewReader("").UnreadByte()
	})}).Write([]byte("four")); n != 0 || err == nil {
		t.Errorf("%d bytes written (%v), want 0 and an error", n, err)
	}
}

type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
