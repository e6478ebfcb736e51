package cli

import (
	"errors"
	"fmt"

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
		f, err := c.Open(path, "a file that "+c.Name+" run has written with --json, or - for the standard input")
		if err != nil {
			return reports.Host{}, nil, err
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
