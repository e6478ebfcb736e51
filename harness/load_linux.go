package harness

import (
	"os"
	"strconv"
	"strings"
)

// processorLoad returns the load of the machine.
func processorLoad() load {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return load{}
	}
	return parseLoad(string(text))
}

// parseLoad reads the first line of /proc/stat, proc_stat(5): the times in
// which the processors did user, nice and system work, were idle, waited for
// disks, served interrupts twice, and were another guest's. What follows is
// counted in the first two already.
func parseLoad(text string) (l load) {
	line, _, _ := strings.Cut(text, "\n")
	const idle, disks, last = 3, 4, 7
	for i, word := range strings.Fields(strings.TrimPrefix(line, "cpu ")) {
		n, err := strconv.ParseUint(word, 10, 64)
		switch {
		case err != nil:
			return load{}
		case i > last:
			return l
		case i != idle && i != disks:
			l.busy += n
		}
		l.all += n
	}
	return l
}
