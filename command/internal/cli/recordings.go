package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports"
)

// ReadAll reads the recordings of all files, of which the first names the host.
func (c *Console) ReadAll(paths []string) (host reports.Host, recs []*record.Recording, err error) {
	var errs []error
	hosts := map[reports.Host]bool{}
	for i, path := range paths {
		h, some, err := c.ReadRecordings(path)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if i == 0 {
			host = h
		}
		h.Started = host.Started
		hosts[h] = true
		recs = append(recs, some...)
	}
	if len(hosts) > 1 && errs == nil {
		c.Notef("the recordings are of different hosts, and the report names that of %s", paths[0])
	}
	return host, recs, errors.Join(errs...)
}

// ReadRecordings reads the recordings of a file; - is the standard input.
func (c *Console) ReadRecordings(path string) (reports.Host, []*record.Recording, error) {
	from := c.Stdin
	if path != "-" {
		f, err := open(path)
		if err != nil {
			return reports.Host{}, nil, fmt.Errorf("%w: want a file that %s run has written with --json, or - for "+
				"the standard input", withoutCall(err), c.Name)
		}
		defer f.Close()
		from = f
	}
	host, recs, err := reports.Read(from)
	if err != nil {
		return host, nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(recs) == 0 { // a report of nothing would look like one of success
		return host, nil, fmt.Errorf("%s: holds no run: want a recording of one at least", path)
	}
	return host, recs, nil
}

// open opens a file. It rejects named pipes and devices without opening them,
// because that can take for ever, unless the path names a file that the program
// has open already: that of <(command) in a shell, say.
func open(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() && !info.IsDir() && !descriptor(path) {
		return nil, fmt.Errorf("%s: not a regular file", path)
	}
	return os.Open(path)
}

// descriptor reports whether a path names one of the program's open files.
func descriptor(path string) bool {
	path = filepath.Clean(path)
	return path == "/dev/stdin" || slices.Contains([]string{"/dev/fd", "/proc/self/fd"}, filepath.Dir(path))
}
