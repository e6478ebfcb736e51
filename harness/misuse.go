package harness

import (
	"slices"
	"strings"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
)

// findMisuse notes why a run cannot be judged whose client did not reach the
// server, or did what code cannot do under the virtual clock.
func (r *run) findMisuse(rec *record.Recording) {
	virtual := r.trial.Clock == record.Virtual
	if r.workload != nil { // nil of a run that was given up
		if virtual && slices.ContainsFunc(rec.Samples, missedMemory) {
			rec.Limit = unjudged("no request reached the in-memory server", useClient)
		} else if w := r.workload.Server; w != nil && w.Direct() && slices.ContainsFunc(rec.Samples, missedMemory) {
			rec.Limit = "cannot be judged, no request reached the server without connections: " +
				"build the client on server.Client(), or use transport: connection"
		}
	}
	if f, has := misused(rec); has && virtual {
		rec.Limit = unjudged(f, useReal)
	}
}

// misused returns the error of a task that the Go runtime has stopped for what
// code cannot do under the virtual clock.
func misused(rec *record.Recording) (err string, has bool) {
	for _, s := range rec.Samples {
		if strings.Contains(s.Error, "task panicked") && strings.Contains(s.Error, "synctest") {
			return s.Error, true
		}
	}
	return "", false
}

// missedMemory reports whether a task seems to have used a client of its own
// for a server in memory. Only its own client reaches that, and any other is
// refused at its address. Every error of net/http has the address in its URL.
func missedMemory(s record.Sample) bool {
	says := func(words string) bool { return strings.Contains(s.Error, words) }
	dialled := says(servers.MemoryAddress) && (says("dial tcp") || says("refused"))
	return s.Did == record.ActionNoRequest && s.Doubt == "" && s.Class != record.Timeout &&
		(s.Class == record.Refused || dialled)
}
