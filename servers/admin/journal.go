package admin

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"github.com/teapot-go/teapot/servers"
)

// An entry is one of the journal as JSON has it; times are in nanoseconds.
type entry struct {
	Key            string `json:"key"`
	Task           int    `json:"task,omitempty"`
	Guessed        bool   `json:"guessed,omitempty"`
	Occurrence     int    `json:"occurrence"`
	Attempt        int    `json:"attempt"`
	Counted        bool   `json:"counted"`
	Method         string `json:"method"`
	Idempotent     bool   `json:"idempotent"`
	Partial        bool   `json:"partial"`
	HTTP2          bool   `json:"http2,omitempty"`
	Connection     int    `json:"connection,omitempty"`
	Credentials    bool   `json:"credentials,omitempty"`
	Received       int64  `json:"received_bytes"`
	Digest         string `json:"received_fnv1a,omitempty"`
	Hop            int    `json:"hop"`
	Arrived        int64  `json:"arrived_ns"`
	PlannedLatency int64  `json:"planned_latency_ns"`
	PlannedFault   string `json:"planned_fault"`
	PlannedStatus  int    `json:"planned_status"`
	Met            string `json:"met_fault"`
	Resent         bool   `json:"resent"`
	Queued         int64  `json:"queued_ns"`
	Waited         int64  `json:"waited_ns"`
	Took           int64  `json:"took_ns"`
	Gone           int64  `json:"gone_ns"`
	Status         int    `json:"status"`
	RetryAfter     int64  `json:"retry_after_ns"`
	Bytes          int64  `json:"bytes"`
	Done           bool   `json:"done"`
	TurnedAway     string `json:"turned_away"`
	WantClass      string `json:"want_class,omitempty"`
	WantStatus     int    `json:"want_status,omitempty"`
	WantBytes      int64  `json:"want_bytes,omitempty"`
	WantDigest     string `json:"want_digest,omitempty"`

	Headers map[string][]string `json:"headers,omitempty"`
}

func (a *Admin) entryOf(e servers.Entry) entry {
	line := entry{
		Key: e.Key, Task: e.Task, Guessed: e.Guessed, Occurrence: e.Occurrence, Attempt: e.Attempt,
		Counted: e.Counted, Method: e.Method, Idempotent: e.Idempotent, Partial: e.Partial, HTTP2: e.HTTP2,
		Connection: e.Connection, Headers: e.Header(),
		Credentials: e.Credentials, Received: e.Received,
		Hop: e.Hop, Arrived: int64(e.Arrived),
		PlannedLatency: int64(e.Planned.Latency), PlannedFault: string(e.Planned.Fault),
		PlannedStatus: e.Planned.Status,
		Met:           string(e.Met), Resent: e.Resent,
		Queued: int64(e.Queued), Waited: int64(e.Waited), Took: int64(e.Took), Gone: int64(e.Gone),
		Status: e.Status, RetryAfter: int64(e.RetryAfter), Bytes: e.Bytes, Done: e.Done,
		TurnedAway: string(e.TurnedAway),
	}
	if e.Received > 0 {
		line.Digest = fmt.Sprintf("%016x", e.Digest)
	}
	if a.config.Want != nil {
		want := a.config.Want(e)
		line.WantClass, line.WantStatus = want.Class, want.Status
		line.WantBytes, line.WantDigest = want.Bytes, want.Digest
	}
	return line
}

// journal answers with the entries that the server has kept, or with the last
// of them if the query says how many: ?last=100. It writes them one by one, so
// that no text of all of them is ever held.
func (a *Admin) journal(w http.ResponseWriter, r *http.Request) {
	entries := a.server.Journal()
	if q := r.URL.Query(); q.Has("last") {
		n, err := strconv.Atoi(q.Get("last"))
		if err != nil || n < 0 {
			http.Error(w, fmt.Sprintf("last=%.40q: want a whole number, 0 or more", q.Get("last")),
				http.StatusBadRequest)
			return
		}
		entries = entries[max(0, len(entries)-n):]
	}
	w.Header().Set("Content-Type", "application/json")
	buffered := bufio.NewWriter(w)
	fmt.Fprintf(buffered, `{"format": "teapot.journal/1", "limit": %d, "entries": [`, servers.JournalLimit)
	for i, e := range entries {
		line, err := json.Marshal(a.entryOf(e))
		if err != nil {
			panic(http.ErrAbortHandler) // texts and numbers can always be written
		}
		if i > 0 {
			buffered.WriteByte(',')
		}
		buffered.WriteByte('\n')
		if _, err := buffered.Write(line); err != nil {
			return // the visitor has gone away
		}
	}
	buffered.WriteString("\n]}\n")
	buffered.Flush()
}
