package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// A workload is a scenario whose tasks need the processor, and the place in
// teapot's source where each of them begins.
type workload struct {
	scenario   string
	file, line string // the line of the file behind which the work is planted
}

var workloads = map[string]workload{
	"prime": {
		scenario: `name: work
about: sixteen primes, for the processor
clock: real
workload:
  task: prime
  keys: [5000000000053, 5000000000101, 5000000000129, 5000000000159, 5000000000167, 5000000000179, 5000000000243, 5000000000273,
    5000000000287, 5000000000323, 5000000000327, 5000000000353, 5000000000371, 5000000000447, 5000000000449, 5000000000473]
executors:
  - {kind: pool, workers: 2}
`,
		file: "scenarios/prime.go", line: "\tn, err := natural(key)\n",
	},
	"download": {
		scenario: `name: work
about: every flag there could be, from a server that answers at once
clock: real
server: {latency: 0s}
workload: {task: download, flags: every, timeout: 30s}
executors:
  - {kind: async, limit: 8}
`,
		file: "scenarios/download.go", line: "\tvar t trip\n",
	},
}

// plant writes an overlay for go build in which each task divides for so long
// first, as this machine divides when nothing disturbs it.
func plant(dir string, w workload, long time.Duration) (string, error) {
	original, err := filepath.Abs(filepath.Join("../..", w.file))
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(original)
	if err != nil {
		return "", err
	}
	if bytes.Count(text, []byte(w.line)) != 1 {
		return "", fmt.Errorf("%s: want the line %q once, to plant the work behind it", w.file, w.line)
	}
	text = bytes.Replace(text, []byte(w.line), []byte(w.line+"\tplanted()\n"), 1)
	text = fmt.Appendf(text, "\nvar dividend uint64 = 1<<62 + 1\n\nfunc planted() {\n\tn := dividend\n\tfor d := "+
		"uint64(3); d < 3+2*%d; d += 2 {\n\t\tif n%%d == 1<<40 {\n\t\t\treturn\n\t\t}\n\t}\n}\n", divisions(long))
	planted := filepath.Join(dir, filepath.Base(w.file))
	overlay := filepath.Join(dir, "overlay.json")
	list, err := json.Marshal(map[string]map[string]string{"Replace": {original: planted}})
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(planted, text, 0o666); err != nil {
		return "", err
	}
	return overlay, os.WriteFile(overlay, list, 0o666)
}

// dividend is a variable, so that no compiler divides in advance.
var dividend uint64 = 1<<62 + 1

// divisions is how many divisions take so long: by the fastest of many tries,
// because others only make one slower.
func divisions(long time.Duration) int {
	const some = 100_000
	fastest := time.Hour
	for range 200 {
		began := time.Now()
		n := dividend
		for d := uint64(3); d < 3+2*some; d += 2 {
			if n%d == 1<<40 {
				return 0
			}
		}
		fastest = min(fastest, time.Since(began))
	}
	return int(long) * some / int(fastest)
}
