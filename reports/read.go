package reports

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	json "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	jsonv1 "github.com/go-json-experiment/json/v1"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/text"
)

// maxFile is the most that [Read] reads, of what is compressed as well: a
// recording of a million samples has about 700 MB.
const maxFile = 8 << 30

// maxValue is the most that a single value of a file may take: the text of a
// scenario, a stack or an error.
const maxValue = 16 << 20

// Read reads a report that [JSON] wrote, which may be compressed by gzip or
// zstd. It refuses a report of another format than teapot.recording/1, one with
// keys that are unknown, missing, null or there twice, and one that no run can
// have written: the error has all problems that [record.Recording.Validate]
// finds. It holds no more in memory than it returns, and what the reader holds
// of a single value, of which it takes 16 MiB at most.
func Read(r io.Reader) (Host, []*record.Recording, error) {
	d, err := readDocument(r, maxFile)
	if err != nil {
		return Host{}, nil, err
	}
	if err := d.keys.err(); err != nil {
		return Host{}, nil, fmt.Errorf("a recording that no run can have written:\n%w", err)
	}
	problems := d.Host.validate()
	for i, run := range d.Runs {
		if found, joined := run.Validate().(interface{ Unwrap() []error }); joined {
			for _, err := range found.Unwrap() {
				problems = append(problems, fmt.Errorf("runs[%d], %w", i, err))
			}
		}
	}
	if len(problems) > 0 {
		return Host{}, nil, fmt.Errorf("a recording that no run can have written:\n%w", errors.Join(problems...))
	}
	return d.Host, d.Runs, nil
}

// Begins reports whether a file begins as [JSON] writes it, compressed or not:
// whether it says within its first thousand bytes that it is a recording. One
// that cannot be unpacked may be one.
func Begins(r io.Reader) bool {
	plain, err := unpacked(bufio.NewReader(r))
	if err != nil {
		return true
	}
	defer plain.Close()
	head := make([]byte, 1000)
	n, err := io.ReadFull(plain, head)
	return bytes.Contains(head[:n], []byte(`"teapot.recording/`)) ||
		err != nil && err != io.EOF && err != io.ErrUnexpectedEOF
}

// readDocument reads the JSON of a report, at most limit bytes.
func readDocument(r io.Reader, limit int64) (d document, err error) {
	plain, err := unpacked(bufio.NewReader(r))
	if err != nil {
		return d, fmt.Errorf("not a recording: %w", err)
	}
	defer plain.Close()
	limited := &limitedReader{from: plain, limit: limit, left: limit}
	in := bufio.NewReaderSize(limited, 1<<16)
	if err = begins(in); err != nil {
		return d, cmp.Or(unreadable(limited.failed), err)
	}
	short := &shortReader{from: in, limit: maxValue}
	decoder := jsontext.NewDecoder(short, jsonv1.FormatDurationAsNano(true), jsontext.AllowInvalidUTF8(true),
		strictly(&d.keys))
	switch err = d.decode(decoder); {
	case short.failed != nil:
		return d, unreadable(fmt.Errorf("after %s: %w", path(decoder.StackPointer()), short.failed))
	case limited.failed != nil:
		return d, unreadable(limited.failed)
	}
	return d, err
}

// unreadable says of a file that it is too large, or fails. It is nil for nil.
func unreadable(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("not a recording that can be read here: %w", err)
}

// begins reads up to the first byte of a JSON object. It stops where there is
// another: a device may have no end.
func begins(in *bufio.Reader) error {
	first, err := in.ReadByte()
	for err == nil && strings.IndexByte(" \t\r\n", first) >= 0 {
		first, err = in.ReadByte()
	}
	switch {
	case err == io.EOF:
		return errors.New("not a recording: it is empty")
	case err != nil:
		return fmt.Errorf("not a recording: %w", err)
	case first != '{':
		return fmt.Errorf("not a recording: it begins with %q, want a JSON object", first)
	}
	return in.UnreadByte()
}

// decode reads the document. The keys of another format could be of any type,
// so that nothing else is wrong with one.
func (d *document) decode(in *jsontext.Decoder) error {
	_, err := in.ReadToken() // the brace
	t := d.keys.of(reflect.TypeFor[document]())
	has := uint64(0)
	for err == nil && in.PeekKind() == '"' {
		var key jsontext.Token
		if key, err = in.ReadToken(); err != nil {
			break
		}
		if m, known := t.by[key.String()]; known {
			has |= 1 << m.number
		}
		switch key.String() {
		case "format":
			if err = json.UnmarshalDecode(in, &d.Format); err == nil {
				err = d.known()
			}
		case "host":
			err = d.told(json.UnmarshalDecode(in, &d.Host))
		case "runs":
			err = d.told(json.UnmarshalDecode(in, &d.Runs))
		default:
			d.keys.unknown(in, t)
			err = in.SkipValue()
		}
	}
	if err == nil {
		_, err = in.ReadToken() // the brace
		d.keys.missing(in, t, has)
	}
	if err == nil {
		err = ended(in)
	}
	if err == nil {
		err = d.known()
	}
	if _, wrong := errors.AsType[*jsontext.SyntacticError](err); wrong || err == io.ErrUnexpectedEOF {
		return fmt.Errorf("not a recording: %w", err)
	}
	return err
}

// known is an error unless the document is of the format that is read here.
func (d *document) known() error {
	if d.Format != format {
		return fmt.Errorf("not a recording that can be read here: its format is %q, want %q",
			text.Clip(d.Format, 80), format)
	}
	return nil
}

// told is the error of a value in a document that says of which format it is.
func (d *document) told(err error) error {
	if semantic, wrong := errors.AsType[*json.SemanticError](err); wrong && d.Format == format {
		return fmt.Errorf("not a recording: %w", mistyped(semantic))
	}
	return err
}

// ended is an error if something follows the document.
func ended(in *jsontext.Decoder) error {
	switch _, err := in.ReadToken(); {
	case err == nil:
		return errors.New("not a recording: more than one JSON value")
	case err != io.EOF:
		return err
	}
	return nil
}
