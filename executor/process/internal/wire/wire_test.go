package wire

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/teapot-go/teapot/executor"
)

func FuzzMessages(f *testing.F) {
	f.Add(Message(Results, 1, 1, Value, 1, 2))
	f.Add(append(Message(Tasks, 0, 0, 1, 1, 0, 0, 0, Value, 1, 2), Message(Recall)...))
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
			c := Cursor{Rest: body}
			Outcome(c.Byte(), c.Bytes(), nil)
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

type tree struct {
	Name  string
	Below []*tree
}

func TestCodec(t *testing.T) {
	var e Encoder
	var d Decoder
	for i := range 3 {
		in := tree{fmt.Sprint(i), []*tree{{Name: "leaf"}}}
		b, err := e.Append(nil, Value, &in)
		if err != nil {
			t.Fatal(err)
		}
		if fresh := b[0]&Fresh != 0; fresh != (i == 0) {
			t.Errorf("value %d begins a stream: %t", i, fresh)
		}
		c := Cursor{Rest: b}
		var out tree
		if err := d.Decode(c.Byte(), c.Bytes(), &out); err != nil || out.Name != in.Name ||
			out.Below[0].Name != "leaf" {
			t.Errorf("got %+v, %v", out, err)
		}
	}
}

func TestOutcome(t *testing.T) {
	own := errors.New("own")
	for _, err := range []error{io.EOF, fmt.Errorf("a: %w", own), executor.ErrGoexit, errors.Join(own, io.EOF)} {
		c := Cursor{Rest: AppendOutcome(nil, err, []error{own})}
		got := Outcome(c.Byte(), c.Bytes(), []error{own})
		for _, kind := range []error{own, io.EOF, executor.ErrGoexit} {
			if errors.Is(got, kind) != errors.Is(err, kind) {
				t.Errorf("%v became %v, which is %v: %t", err, got, kind, errors.Is(got, kind))
			}
		}
		if got.Error() != err.Error() {
			t.Errorf("%q became %q", err, got)
		}
	}
	if err := Outcome(Failure, []byte{200}, nil); !errors.Is(err, ErrGarbled) {
		t.Errorf("got %v", err)
	}
}
