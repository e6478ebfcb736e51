package wire

import (
	"bufio"
	"bytes"
	"testing"

	"github.com/teapot-go/teapot/executor/internal/codec"
)

func FuzzMessages(f *testing.F) {
	f.Add(Message(Results, 1, 1, codec.Value, 1, 2))
	f.Add(append(Message(Tasks, 0, 0, 1, 1, 0, 0, 0, codec.Value, 1, 2), Message(Recall)...))
	f.Add([]byte{Tasks, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		r := bufio.NewReader(bytes.NewReader(b))
		for {
			kind, body, err := Read(r, nil)
			if err != nil {
				return
			}
			if len(body) > len(b) {
				t.Fatalf("a body of %d bytes from %d", len(body), len(b))
			}
			if m := Message(kind, body...); !bytes.Contains(b, body) || len(m) < len(body)+2 {
				t.Fatalf("%x became %x", b, m)
			}
			c := codec.Cursor{Rest: body}
			codec.Outcome(c.Byte(), c.Bytes(), nil)
		}
	})
}

func TestSeal(t *testing.T) {
	b := []byte("before")
	for _, n := range []int{0, 1, 127, 128, 1 << 16} {
		at := len(b)
		b = append(b, make([]byte, Header+n)...)
		b = Seal(b, at, Tasks)
		kind, body, err := Read(bufio.NewReader(bytes.NewReader(b[at:])), nil)
		if kind != Tasks || len(body) != n || err != nil {
			t.Errorf("%d bytes: got %d of kind %d, %v", n, len(body), kind, err)
		}
	}
}
