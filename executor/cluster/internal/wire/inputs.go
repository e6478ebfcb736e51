package wire

import (
	"encoding/binary"
	"fmt"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/internal/codec"
	"github.com/teapot-go/teapot/executor/internal/contain"
)

// AppendInputs appends the inputs of a task. One that cannot be encoded becomes
// its failure, which the worker hands back as it is. bad is the error of the
// only input.
func AppendInputs(b []byte, r executor.Remote) (_ []byte, bad error) {
	n := r.Len()
	b = binary.AppendUvarint(b, uint64(n))
	var e codec.Encoder
	for i := range n {
		in := r.Input(i)
		at := len(b)
		var err error
		if codec.Plain(in) {
			b, err = e.Append(b, codec.Value, in)
		} else {
			err = contain.Call(func() (err error) {
				b, err = e.Append(b, codec.Value, in)
				return err
			})
		}
		if err != nil {
			err = fmt.Errorf("cluster: the input of %q cannot be encoded: %w", r.Definition().Name(), err)
			b = codec.AppendOutcome(b[:at], err, nil)
			if n == 1 {
				bad = err
			}
		}
	}
	return b, bad
}

// Settle ends every input of a task with its answer. lost makes the error of a
// task whose worker was lost. It returns only after the last one, unless a
// callback ends the goroutine: then done tells how many have ended.
func (r *Result) Settle(t executor.Remote, done *int, lost func(bytes []byte) error) {
	def := t.Definition()
	var d codec.Decoder
	for *done < t.Len() {
		i := *done
		*done++
		how, data := r.Answers.Byte(), r.Answers.Bytes()
		if r.Answers.Bad || r.Count != t.Len() {
			t.End(i, codec.ErrGarbled)
			continue
		}
		t.End(i, answer(&d, def, t.Output(i), how, data, lost))
	}
}

// answer decodes one answer into out, or returns the error that it is.
func answer(d *codec.Decoder, def executor.Definition, out any, how byte, data []byte, lost func([]byte) error) error {
	switch how &^ codec.Fresh {
	case Lost:
		return lost(data)
	case codec.Value:
	default:
		return codec.Outcome(how, data, def.Kinds())
	}
	var err error
	if codec.Plain(out) {
		err = d.Decode(how, data, out)
	} else {
		err = contain.Call(func() error { return d.Decode(how, data, out) })
	}
	if err != nil {
		err = fmt.Errorf("cluster: the result of %q cannot be decoded: %w", def.Name(), err)
	}
	return err
}
