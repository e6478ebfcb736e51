package codec

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/teapot-go/teapot/executor"
)

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
