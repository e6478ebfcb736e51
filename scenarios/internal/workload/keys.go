// Package workload has the part of the scenario language that says what tasks a
// run has: their keys, which of them is asked for how often, and when each task
// falls due.
package workload

import (
	"fmt"
	"path/filepath"
	"strconv"

	"github.com/teapot-go/teapot/harness/arrivals"
	"github.com/teapot-go/teapot/scenarios/strict"
)

// Keys makes the keys of a workload: a number of them, or those of a file.
type Keys struct {
	// Count is the number of keys: each is the prefix and a number from 0. It
	// excludes file.
	Count Count `yaml:"count"`
	// Prefix is what each key begins with, such as item-. The default is
	// nothing. It needs count.
	Prefix string `yaml:"prefix"`
	// File is a file that has the keys, one on each line. With column it is CSV
	// or JSON lines. Its path is relative to the folder of the scenario file.
	// It excludes count.
	File string `yaml:"file"`
	// Column is the column of a CSV file, named in its first line, or the field
	// of JSON lines that has the keys. It needs file.
	Column string `yaml:"column"`
}

// Validate reports keys that contradict each other, and whether there are none.
// The value stands at a path.
func (k *Keys) Validate(d *strict.Document, at string) (ok bool) {
	count, file := at+".count", at+".file"
	switch {
	case d.Has(count) && d.Has(file):
		d.Errorf(file, "both count and file are present: want one of them")
	case !d.Has(count) && !d.Has(file):
		d.Errorf(at, "want count or file, such as {count: 1000, prefix: item-}")
	}
	if d.Has(at + ".prefix") {
		d.Require(at+".prefix", "prefix", count)
	}
	if d.Has(at + ".column") {
		d.Require(at+".column", "column", file)
	}
	if d.Has(file) && k.File == "" && d.Valid(file) {
		d.Errorf(file, "want the path of a file")
	}
	return d.Valid(at)
}

// Read returns the keys. folder is what File is relative to. Keys are never
// empty.
func (k *Keys) Read(folder string) (keys []string, err error) {
	if k.Count > 0 {
		keys = make([]string, k.Count)
		for i := range keys {
			keys[i] = k.Prefix + strconv.Itoa(i)
		}
		return keys, nil
	}
	var rows []row
	if name := beside(folder, k.File); k.Column == "" {
		rows, err = textRows(name)
	} else {
		rows, err = readRows(name, false, k.Column)
	}
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		if r.fields[0] == "" {
			return nil, fmt.Errorf("%s: line %d: the key is empty", filepath.Base(k.File), r.line)
		}
		keys = append(keys, r.fields[0])
	}
	return keys, nil
}

// beside returns the path of a file that a scenario file in a folder names.
func beside(folder, name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(folder, name)
}

// A Count is a number of keys.
type Count int

var _ strict.Scalar = new(Count)

// Accepts implements [strict.Scalar].
func (Count) Accepts() string { return fmt.Sprintf("a whole number from 1 to %d", arrivals.Limit) }

// Parse implements [strict.Scalar].
func (c *Count) Parse(text string) error {
	n, err := strconv.Atoi(text)
	if *c = Count(n); err != nil || n < 1 || n > arrivals.Limit {
		return strict.ErrUnacceptable
	}
	return nil
}
