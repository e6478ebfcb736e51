package process

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/executor"
)

func FuzzMessages(f *testing.F) {
	f.Add(message(results, 1, 1, value, 1, 2))
	f.Add(append(message(tasks, 0, 0, 1, 1, 0, 0, 0, value, 1, 2), message(recall)...))
	f.Add([]byte{tasks, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		r := bufio.NewReader(bytes.NewReader(b))
		for {
			kind, body, err := readMessage(r, nil)
			if err != nil {
				return
			}
			if len(body) > len(b) {
				t.Fatalf("a body of %d bytes from %d", len(body), len(b))
			}
			if m := message(kind, body...); !bytes.Contains(b, body) || len(m) < len(body)+2 {
				t.Fatalf("%x became %x", b, m)
			}
			c := cursor{rest: body}
			outcome(c.byte(), c.bytes(), nil)
		}
	})
}

func TestSeal(t *testing.T) {
	b := []byte("before")
	for _, n := range []int{0, 1, 127, 128, 1 << 16} {
		at := len(b)
		b = append(b, make([]byte, header+n)...)
		b = seal(b, at, tasks)
		kind, body, err := readMessage(bufio.NewReader(bytes.NewReader(b[at:])), nil)
		if kind != tasks || len(body) != n || err != nil {
			t.Errorf("%d bytes: got %d of kind %d, %v", n, len(body), kind, err)
		}
	}
}

type tree struct {
	Name  string
	Below []*tree
}

func TestCodec(t *testing.T) {
	var e encoder
	var d decoder
	for i := range 3 {
		in := tree{fmt.Sprint(i), []*tree{{Name: "leaf"}}}
		b, err := e.append(nil, value, &in)
		if err != nil {
			t.Fatal(err)
		}
		if fresh := b[0]&fresh != 0; fresh != (i == 0) {
			t.Errorf("value %d begins a stream: %t", i, fresh)
		}
		c := cursor{rest: b}
		var out tree
		if err := d.decode(c.byte(), c.bytes(), &out); err != nil || out.Name != in.Name || out.Below[0].Name != "leaf" {
			t.Errorf("got %+v, %v", out, err)
		}
	}
}

func TestOutcome(t *testing.T) {
	own := errors.New("own")
	for _, err := range []error{io.EOF, fmt.Errorf("a: %w", own), executor.ErrGoexit, errors.Join(own, io.EOF)} {
		c := cursor{rest: appendOutcome(nil, err, []error{own})}
		got := outcome(c.byte(), c.bytes(), []error{own})
		for _, kind := range []error{own, io.EOF, executor.ErrGoexit} {
			if errors.Is(got, kind) != errors.Is(err, kind) {
				t.Errorf("%v became %v, which is %v: %t", err, got, kind, errors.Is(got, kind))
			}
		}
		if got.Error() != err.Error() {
			t.Errorf("%q became %q", err, got)
		}
	}
	if err := outcome(failure, []byte{200}, nil); !errors.Is(err, errGarbled) {
		t.Errorf("got %v", err)
	}
}

func TestProtocolNamesTheProgram(t *testing.T) {
	if !strings.HasPrefix(protocol(), "teapot.process/1 go") {
		t.Errorf("got %q", protocol())
	}
}
