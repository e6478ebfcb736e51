package workload

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/teapot-go/teapot/harness/arrivals"
)

// maxFile is the largest file of keys or of a trace, in bytes.
const maxFile = 256 << 20

// A row is a line of a file with the fields that were asked for, "" for one
// that it does not have.
type row struct {
	line   int
	fields []string
}

// readRows reads the rows of a file: JSON lines if it begins with a brace, and
// else CSV, whose first line names the columns. If positional, a first line
// that does not name the first column is a row, and the fields stand in the
// order of columns. The first column is required.
func readRows(name string, positional bool, columns ...string) (rows []row, err error) {
	text, err := readText(name)
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
		rows, err = jsonRows(text, columns)
	} else {
		rows, err = csvRows(text, positional, columns)
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", filepath.Base(name), err)
	case len(rows) == 0:
		return nil, fmt.Errorf("%s: it has no rows", filepath.Base(name))
	}
	return rows, nil
}

// readText reads a regular file, to open another can take for ever.
func readText(name string) ([]byte, error) {
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", name, errors.Unwrap(err))
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s: not a regular file", name)
	case info.Size() > maxFile:
		return nil, fmt.Errorf("%s: %d bytes: want at most %d", name, info.Size(), maxFile)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(f, maxFile))
	return bytes.TrimPrefix(text, []byte("\ufeff")), errors.Join(err, f.Close())
}

// textRows reads the lines of a file that are not blank.
func textRows(name string) (rows []row, err error) {
	text, err := readText(name)
	if err != nil {
		return nil, err
	}
	number := 0
	for line := range bytes.Lines(text) {
		number++
		if field := strings.TrimSpace(string(line)); field != "" {
			if rows, err = appended(rows, row{number, []string{field}}); err != nil {
				return nil, fmt.Errorf("%s: %w", filepath.Base(name), err)
			}
		}
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("%s: it has no keys", filepath.Base(name))
	}
	return rows, nil
}

func appended(rows []row, r row) ([]row, error) {
	if len(rows) == arrivals.Limit {
		return nil, fmt.Errorf("more than %d rows", arrivals.Limit)
	}
	return append(rows, r), nil
}

func csvRows(text []byte, positional bool, columns []string) (rows []row, err error) {
	in := csv.NewReader(bytes.NewReader(text))
	in.FieldsPerRecord, in.TrimLeadingSpace, in.ReuseRecord = -1, true, true
	var at []int // in a record, of each column
	width := 0
	for {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		} else if err != nil {
			return nil, err
		}
		line, _ := in.FieldPos(0)
		if at == nil {
			width = len(record)
			found := slices.Contains(record, columns[0])
			if !found && !positional {
				return nil, fmt.Errorf("line %d: no column %s: it has %s", line, columns[0], strings.Join(record, ", "))
			}
			for i, column := range columns {
				if found {
					i = slices.Index(record, column)
				}
				at = append(at, i)
			}
			if found {
				continue
			}
		}
		if len(record) > width {
			return nil, fmt.Errorf("line %d: %d fields: want %d, as in the first line; a field that has a comma is to "+
				"be in quotes", line, len(record), width)
		}
		r := row{line, make([]string, len(columns))}
		for i, from := range at {
			if from >= 0 && from < len(record) {
				r.fields[i] = strings.TrimSpace(record[from])
			}
		}
		if rows, err = appended(rows, r); err != nil {
			return nil, err
		}
	}
}

func jsonRows(text []byte, columns []string) (rows []row, err error) {
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, 1<<20)
	for number := 1; lines.Scan(); number++ {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		var object map[string]json.RawMessage
		if err := json.Unmarshal(lines.Bytes(), &object); err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		if object[columns[0]] == nil {
			return nil, fmt.Errorf("line %d: no field %s", number, columns[0])
		}
		r := row{number, make([]string, len(columns))}
		for i, column := range columns {
			if r.fields[i], err = scalar(object[column]); err != nil {
				return nil, fmt.Errorf("line %d: %s: %w", number, column, err)
			}
		}
		if rows, err = appended(rows, r); err != nil {
			return nil, err
		}
	}
	return rows, lines.Err()
}

// scalar returns the text of a string, and a number as it is written.
func scalar(raw json.RawMessage) (string, error) {
	var text string
	switch {
	case raw == nil || string(raw) == "null":
		return "", nil
	case raw[0] == '{' || raw[0] == '[':
		return "", errors.New("want a string or a number")
	case raw[0] != '"':
		return string(raw), nil
	}
	err := json.Unmarshal(raw, &text)
	return text, err
}
