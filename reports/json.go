package reports

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/text"
)

// format names what JSON writes. Keys may be added under the same number;
// another number means that a key changed.
const format = "teapot.recording/1"

// document is the whole of a JSON report.
type document struct {
	Format string              `json:"format"` // the name and number of this format: teapot.recording/1
	Host   Host                `json:"host"`   // where and when the runs were made
	Runs   []*record.Recording `json:"runs"`   // one for each scenario on each executor, in the order they ran
}

// JSON reports the recordings in the format teapot.recording/1. The host has a
// line of its own, and so has every sample, so that two reports can be compared
// with diff.
func JSON(host Host, recs []*record.Recording) Reporter {
	return func(w io.Writer) error {
		return buffered(w, func(w io.Writer) error {
			h, err := encode(host, "")
			if err != nil {
				return fmt.Errorf("host: %w", err)
			}
			fmt.Fprintf(w, "{\"format\": %q,\n\"host\": %s,\n\"runs\": [", format, h)
			for i, r := range recs {
				if i > 0 {
					io.WriteString(w, ",")
				}
				io.WriteString(w, "\n")
				if err := writeRun(w, r); err != nil {
					return fmt.Errorf("scenario %s on %s: %w", r.Scenario, r.Name(), err)
				}
			}
			_, err = io.WriteString(w, "]}\n")
			return err
		})
	}
}

// writeRun writes the recording with one key a line, and then its samples, one
// a line.
func writeRun(w io.Writer, r *record.Recording) error {
	head := *r
	head.Samples = []record.Sample{}
	if head.Violations == nil {
		head.Violations = []record.Violation{}
	}
	if head.Outcomes == nil {
		head.Outcomes = map[record.Outcome]int{}
	}
	if head.Classes == nil {
		head.Classes = map[record.Class]int{}
	}
	if head.Percentiles == nil {
		head.Percentiles = map[string]time.Duration{}
	}
	run, err := encode(head, " ")
	if err != nil {
		return err
	}
	// Quotes inside a JSON string are escaped, so this can only be the key.
	before, after, found := bytes.Cut(run, []byte(`"samples": []`))
	if !found {
		return errors.New("a recording without samples in its JSON")
	}
	fmt.Fprintf(w, "%s\"samples\": [", before)
	for i, s := range r.Samples {
		line, err := encode(s, "")
		if err != nil {
			return fmt.Errorf("sample %d: %w", s.Seq, err)
		}
		if i > 0 {
			io.WriteString(w, ",")
		}
		fmt.Fprintf(w, "\n  %s", line)
	}
	_, err = fmt.Fprintf(w, "]%s", after)
	return err
}

// encode is v as JSON, without the escapes that make it safe inside HTML: this
// is a file to read.
func encode(v any, indent string) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	err := e.Encode(v)
	return bytes.TrimSpace(b.Bytes()), err
}

// maxFile is the most that [Read] reads: a recording of a million samples has
// about 700 MB.
const maxFile = 8 << 30

// Read reads a report that [JSON] wrote. It refuses a report of another format
// than teapot.recording/1, and one that no run can have written: the error has
// all problems that [record.Recording.Validate] finds. Keys that it does not
// know are ignored.
func Read(r io.Reader) (Host, []*record.Recording, error) {
	all, err := readObject(r, maxFile)
	if err != nil {
		return Host{}, nil, err
	}
	// The format first: the keys of another one could be of any type.
	var named struct {
		Format string `json:"format"`
	}
	if err := json.Unmarshal(all, &named); err != nil {
		return Host{}, nil, fmt.Errorf("not a recording: %w", err)
	}
	if named.Format != format {
		return Host{}, nil, fmt.Errorf(
			"not a recording that can be read here: its format is %q, want %q",
			text.Clip(named.Format, 80),
			format,
		)
	}
	var d document
	if err := json.Unmarshal(all, &d); err != nil {
		return Host{}, nil, fmt.Errorf("%s: %w", format, err)
	}
	problems := d.Host.validate()
	for i, run := range d.Runs {
		if run == nil {
			problems = append(problems, fmt.Errorf("runs[%d] is null", i))
		} else if found, joined := run.Validate().(interface{ Unwrap() []error }); joined {
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

// readObject reads all of r, at most limit bytes. It stops at the first byte
// when that begins no JSON object: a device may have no end.
func readObject(r io.Reader, limit int64) ([]byte, error) {
	limited := &io.LimitedReader{R: r, N: limit + 1}
	b := bufio.NewReader(limited)
	first, err := b.ReadByte()
	for err == nil && strings.IndexByte(" \t\r\n", first) >= 0 {
		first, err = b.ReadByte()
	}
	if err == nil && first != '{' {
		return nil, fmt.Errorf("not a recording: it begins with %q, want a JSON object", first)
	}
	var all []byte
	if err == nil {
		_ = b.UnreadByte() // a byte was read
		all, err = io.ReadAll(b)
	}
	switch {
	case limited.N == 0:
		return nil, fmt.Errorf("not a recording that can be read here: it has more than %d bytes", limit)
	case err == io.EOF:
		return nil, errors.New("not a recording: it is empty")
	}
	return all, err
}
