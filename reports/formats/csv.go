package formats

import (
	"encoding/csv"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/reports/summary"
	"github.com/teapot-go/teapot/reports/text"
)

// CSV reports a row for each sample below a row of names (RFC 4180). The
// columns are those of the run, counted from 0, and every key that a sample has
// in a recording, except the list of its requests. A text is on one line. One
// that a spreadsheet would take for a formula, or a CI server for a command,
// gets an apostrophe in front. A time that was never reached is -1.
func CSV(_ reports.Host, recs []*record.Recording) reports.Reporter {
	return func(w io.Writer) error {
		out := csv.NewWriter(w)
		columns := csvColumns()
		row := []string{"scenario", "run", "executor", "workers", "position", "clock", "seed", "verdict"}
		for _, c := range columns {
			name, _, _ := strings.Cut(c.Tag.Get("json"), ",")
			row = append(row, name)
		}
		_ = out.Write(row) // it keeps its error
		for n, r := range recs {
			run := []string{
				cell(
					r.Scenario,
				),
				strconv.Itoa(n),
				cell(r.Executor),
				fmt.Sprint(r.Workers),
				fmt.Sprint(r.Position),
				cell(string(r.Clock)),
				fmt.Sprint(r.Seed),
				cell(summary.Verdict(r)),
			}
			for i := range r.Samples {
				row = append(row[:0], run...)
				sample := reflect.ValueOf(&r.Samples[i]).Elem()
				for _, c := range columns {
					row = append(row, csvValue(sample.FieldByIndex(c.Index)))
				}
				_ = out.Write(row)
			}
		}
		out.Flush()
		return out.Error()
	}
}

// csvColumns are the fields of a sample that JSON shows, so that none can be
// forgotten. A list has no place in a cell.
func csvColumns() (columns []reflect.StructField) {
	for _, f := range reflect.VisibleFields(reflect.TypeFor[record.Sample]()) {
		if !f.Anonymous && f.IsExported() && f.Tag.Get("json") != "-" && f.Type.Kind() != reflect.Slice {
			columns = append(columns, f)
		}
	}
	return columns
}

// csvValue is a field as JSON has it: a duration is its nanoseconds.
func csvValue(v reflect.Value) string {
	switch {
	case v.CanInt():
		return strconv.FormatInt(v.Int(), 10)
	case v.Kind() == reflect.String:
		return cell(v.String())
	}
	return cell(fmt.Sprint(v.Interface()))
}

// cell is a text that no spreadsheet calculates, and no CI server obeys where a
// line begins with it.
func cell(s string) string {
	s = text.Printable(s)
	if s != "" && strings.ContainsRune("=+-@", rune(s[0])) || text.Inert(s) != s {
		return "'" + s
	}
	return s
}
