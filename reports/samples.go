package reports

import (
	"errors"

	json "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/teapot-go/teapot/harness/record"
)

// block is how many samples are read before they are put with the others: a
// long list that grows would be held twice.
const block = 4096

// strictly reads recordings, and collects what is wrong with their keys. It
// takes little memory: the same words come up in every sample, and are kept
// once.
func strictly(k *keys) json.Options {
	known := map[string]string{}
	return json.WithUnmarshalers(json.JoinUnmarshalers(
		json.UnmarshalFromFunc(k.read),
		json.UnmarshalFromFunc(samplesFrom),
		json.UnmarshalFromFunc(func(in *jsontext.Decoder, to *string) error { return wordFrom(in, to, known) }),
		json.UnmarshalFromFunc(func(in *jsontext.Decoder, to *record.Class) error { return wordFrom(in, to, known) }),
	))
}

// samplesFrom reads a list of samples.
func samplesFrom(in *jsontext.Decoder, to *[]record.Sample) error {
	if in.PeekKind() != '[' {
		return errors.ErrUnsupported // as any other value is read
	}
	if _, err := in.ReadToken(); err != nil {
		return err
	}
	var blocks [][]record.Sample
	count := 0
	for in.PeekKind() != ']' {
		if count%block == 0 {
			blocks = append(blocks, make([]record.Sample, block))
		}
		if err := json.UnmarshalDecode(in, &blocks[count/block][count%block]); err != nil {
			return err
		}
		count++
	}
	*to = make([]record.Sample, 0, count)
	for i, some := range blocks {
		*to = append(*to, some[:min(block, count-i*block)]...)
		blocks[i] = nil
	}
	_, err := in.ReadToken()
	return err
}

// What wordFrom keeps once: short words, and not too many.
const (
	longestWord = 64
	mostWords   = 4096
)

// wordFrom reads a string.
func wordFrom[S ~string](in *jsontext.Decoder, to *S, known map[string]string) error {
	if in.PeekKind() != '"' {
		return errors.ErrUnsupported
	}
	token, err := in.ReadToken()
	if err != nil {
		return err
	}
	word := token.String()
	if len(word) <= longestWord {
		if same, is := known[word]; is {
			word = same
		} else if len(known) < mostWords {
			known[word] = word
		}
	}
	*to = S(word)
	return nil
}
