// Package told judges clients that are not run by teapot: they tell a server
// what they saw, and it knows what they should have seen.
package told

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/teapot-go/teapot/harness/seen"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/admin"
)

// What clients may tell.
const (
	Limit     = 1 << 16 // reports that a Ledger keeps
	BodyLimit = 4 << 20 // bytes of one request
)

// A Ledger keeps what clients tell of a server, up to [Limit] reports, and
// judges it. Its methods may be called by any number of goroutines.
type Ledger struct {
	server   *servers.Server
	about    About
	workload map[string]int // how many tasks have each key

	mu      sync.Mutex
	reports []entry
	named   map[string]int // the indices of reports whose names are unique
	refused refusals       // bodies that could not be taken
	against refusals       // those that contradict what was told before
}

// refusals are bodies that were refused.
type refusals struct {
	n    int
	last string // why the last of them was
}

func (r *refusals) add(why string) { r.n, r.last = r.n+1, why }

// An entry is a report, and when it came.
type entry struct {
	report
	at time.Duration // since the server started
}

// New returns an empty Ledger of a server.
func New(server *servers.Server, about About) *Ledger {
	l := &Ledger{server: server, about: about, workload: map[string]int{}, named: map[string]int{}}
	for _, key := range about.Workload {
		l.workload[key[:min(len(key), servers.KeyLimit)]]++
	}
	return l
}

// Told reports whether a client has told anything, right or wrong.
func (l *Ledger) Told() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.reports) > 0 || l.refused.n > 0
}

// Pages are what the Ledger serves.
func (l *Ledger) Pages() []admin.Page {
	return []admin.Page{
		{Path: "/seen", About: "POST what a client saw, such as " + seen.Example, Handler: http.HandlerFunc(l.seen)},
		{Path: "/verdict", About: "whether that is right, in JSON", Handler: only(http.MethodGet, l.verdict)},
		{Path: "/report", About: "the same as a page", Handler: only(http.MethodGet, l.page)},
	}
}

// only refuses requests with another method.
func only(method string, handler http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != method && (method != http.MethodGet || r.Method != http.MethodHead) {
			w.Header().Set("Allow", method)
			http.Error(w, fmt.Sprintf("%s: want %s", r.Method, method), http.StatusMethodNotAllowed)
			return
		}
		handler(w, r)
	}
}

// Want returns what a correct client reports of a request.
func (l *Ledger) Want(e servers.Entry) admin.Want {
	p := l.about.Oracle.Want(e)
	return admin.Want{
		Class: string(p.PlannedClass), Status: e.Status, Bytes: p.PlannedBytes, Digest: p.PlannedDigest,
	}
}

// mediaTypes are those of a body. A page in a browser cannot send them to
// another origin.
var mediaTypes = []string{"application/json", "application/jsonl", "application/x-ndjson"}

// seen takes reports.
func (l *Ledger) seen(w http.ResponseWriter, r *http.Request) {
	refuse := func(status int, why string) {
		l.mu.Lock()
		if status == http.StatusConflict {
			l.against.add(why)
		} else {
			l.refused.add(why)
		}
		l.mu.Unlock()
		http.Error(w, why, status)
	}
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, r.Method+": want POST, with a body such as "+seen.Example, http.StatusMethodNotAllowed)
		return
	}
	given := r.Header.Get("Content-Type")
	if kind, _, err := mime.ParseMediaType(given); err != nil || !slices.Contains(mediaTypes, kind) {
		refuse(http.StatusUnsupportedMediaType,
			fmt.Sprintf("Content-Type %.60q: want application/json or application/x-ndjson", given))
		return
	}
	all, err := l.read(http.MaxBytesReader(w, r.Body, BodyLimit))
	switch {
	case errors.As(err, new(*http.MaxBytesError)):
		refuse(http.StatusRequestEntityTooLarge,
			fmt.Sprintf("the body is larger than %d bytes: send its reports in several requests", BodyLimit))
		return
	case err != nil:
		refuse(http.StatusBadRequest, err.Error())
		return
	}
	added, status, why := l.add(all, time.Since(l.server.Started()))
	if why != "" {
		refuse(status, why)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]int{"accepted": added, "repeated": len(all) - added})
}

// add adds all reports or none. What was told before with a task or an attempt
// is not added again, and must not be told differently.
func (l *Ledger) add(all []report, at time.Duration) (added, status int, why string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	news := make([]report, 0, len(all))
	fresh := map[string]report{}
	for _, r := range all {
		if r.task > 0 || r.attempt > 0 {
			before, known := fresh[r.name()]
			if i, older := l.named[r.name()]; older {
				before, known = l.reports[i].report, true
			}
			if known && before.Seen != r.Seen {
				return 0, http.StatusConflict, fmt.Sprintf("%s: it was told before, as %s, and now as %s: want one "+
					"report", r.name(), words(before), words(r))
			}
			if known {
				continue
			}
			fresh[r.name()] = r
		}
		news = append(news, r)
	}
	if len(l.reports)+len(news) > Limit {
		return 0, http.StatusInsufficientStorage, fmt.Sprintf("%d reports are kept, and %d more are too many: "+
			"start the server again, or tell less", len(l.reports), len(news))
	}
	for _, r := range news {
		if r.task > 0 || r.attempt > 0 {
			l.named[r.name()] = len(l.reports)
		}
		l.reports = append(l.reports, entry{r, at})
	}
	return len(news), http.StatusOK, ""
}

// words describes what was seen.
func words(r report) string {
	text := string(r.Class)
	if r.Status > 0 {
		text += fmt.Sprintf(" with status %d", r.Status)
	}
	if r.Bytes > 0 {
		text += fmt.Sprintf(" and %d bytes", r.Bytes)
	}
	return text
}
