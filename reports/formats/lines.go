package formats

import (
	"bytes"
	"encoding/json"
	"io"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports"
)

// Lines reports JSON lines: one object a line, whose "type" is host, run or
// sample. A sample has the number, scenario, executor, workers and position of
// its run, whether that is invalid, and the keys of the recording format, so
// that each line can be read alone.
func Lines(host reports.Host, recs []*record.Recording) reports.Reporter {
	type run struct {
		Type string `json:"type"`
		Run  int    `json:"run"`
		*record.Recording
		Samples int `json:"samples"` // how many follow
	}
	type sample struct {
		Type     string `json:"type"`
		Run      int    `json:"run"`
		Scenario string `json:"scenario"`
		Executor string `json:"executor"`
		Workers  int    `json:"workers"`
		Position int    `json:"position"`
		Invalid  bool   `json:"invalid,omitempty"` // the generator was the bottleneck of the run
		*record.Sample
	}
	return func(w io.Writer) error {
		out := json.NewEncoder(w)
		out.SetEscapeHTML(false)
		if err := out.Encode(struct {
			Type string `json:"type"`
			reports.Host
		}{"host", host}); err != nil {
			return err
		}
		for n, r := range recs {
			invalid := r.Invalid()
			if err := out.Encode(run{"run", n, r, len(r.Samples)}); err != nil {
				return err
			}
			for i := range r.Samples {
				if err := out.Encode(
					sample{"sample", n, r.Scenario, r.Executor, r.Workers, r.Position, invalid, &r.Samples[i]},
				); err != nil {
					return err
				}
			}
		}
		return nil
	}
}

// object is one line of JSON without its end.
func object(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSpace(b.Bytes()), err
}
