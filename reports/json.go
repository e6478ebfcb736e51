package reports

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/teapot-go/teapot/harness/record"
)

// format names what JSON writes. Keys may be added under the same number, and a
// release reads the recordings of those before it; another number means that a
// key changed.
const format = "teapot.recording/1"

// document is the whole of a JSON report.
type document struct {
	Format string              `json:"format"` // the name and number of this format: teapot.recording/1
	Host   Host                `json:"host"`   // where and when the runs were made
	Runs   []*record.Recording `json:"runs"`   // one for each scenario on each executor, in the order they ran

	keys keys // what is wrong with the keys of one that was read
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
