package told

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/harness/seen"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/taskid"
)

// A report is what a client says that it saw: of a task with all its attempts,
// or of one attempt.
type report struct {
	key     string
	task    int // from 1; 0 if the client does not number its tasks
	attempt int // from 1; 0 of the task as a whole
	record.Seen
}

// name names what the report is about. Two reports with one name, which has a
// task or an attempt, are about the same.
func (r report) name() string {
	name := r.key
	if r.task > 0 {
		name += fmt.Sprintf(", task %d", r.task)
	}
	if r.attempt > 0 {
		name += fmt.Sprintf(", attempt %d", r.attempt)
	}
	return name
}

// codes matches the keys of flags.
var codes = regexp.MustCompile(`^[A-Z]{2}$`)

// read reads the reports of a body: an object, a list of objects, or objects
// one after another. The error has everything that is wrong, and is for the
// client.
func (l *Ledger) read(body io.Reader) (all []report, err error) {
	items, err := itemsOf(body)
	if err != nil {
		return nil, err
	}
	if len(items) == 0 {
		return nil, errors.New("the body has no report: want " + seen.Example + ", or a list of such objects")
	}
	const most = 10
	var problems []error
	for i, item := range items {
		r, wrong := l.readOne(item)
		for _, problem := range wrong {
			problems = append(problems, fmt.Errorf("report %d: %w", i+1, problem))
		}
		all = append(all, r)
	}
	if more := len(problems) - most; more > 0 {
		problems = append(problems[:most], fmt.Errorf("and %d more", more))
	}
	return all, errors.Join(problems...)
}

// itemsOf splits a body into the texts of its objects.
func itemsOf(body io.Reader) (items []json.RawMessage, err error) {
	decoder := json.NewDecoder(body)
	for {
		var item json.RawMessage
		switch err := decoder.Decode(&item); {
		case errors.Is(err, io.EOF):
			return items, nil
		case errors.As(err, new(*http.MaxBytesError)):
			return nil, err
		case err != nil:
			return nil, fmt.Errorf("the body is not JSON: %w: want %s, or a list of such objects", err, seen.Example)
		}
		var list []json.RawMessage
		if bytes.HasPrefix(item, []byte("[")) && json.Unmarshal(item, &list) == nil {
			items = append(items, list...)
		} else {
			items = append(items, item)
		}
		if len(items) > Limit {
			return nil, fmt.Errorf("more than %d reports: want fewer", Limit)
		}
	}
}

// readOne reads one report.
func (l *Ledger) readOne(text json.RawMessage) (report, []error) {
	given, problems := seen.Parse(text, seen.Fields(), seen.Example)
	if problems != nil {
		return report{}, problems
	}
	r := report{key: given.Key, task: given.Task, attempt: given.Attempt, Seen: given.Seen}
	switch {
	case (given.Key == "") == (given.URL == ""):
		problems = append(problems, errors.New("want either key, as /journal has it, or url"))
	case given.Method != "" && given.URL == "":
		problems = append(problems, errors.New("method: it goes with url"))
	case given.URL != "":
		asked, err := http.NewRequest(cmp.Or(given.Method, http.MethodGet), given.URL, nil)
		if err != nil {
			return r, []error{fmt.Errorf("url: %.60q: want the URL of a request", given.URL)}
		}
		r.key = l.about.Key(asked)
		r.task = cmp.Or(r.task, taskid.FromRequest(asked))
	case !l.possible(given.Key):
		problems = append(problems, fmt.Errorf("unknown key %.60q: want a code in capital letters such as BR, "+
			"a path, or url", given.Key))
	}
	r.key = r.key[:min(len(r.key), servers.KeyLimit)]
	return r, problems
}

// possible reports whether a request can have a key.
func (l *Ledger) possible(key string) bool {
	return l.workload[key] > 0 || l.about.Foreign || strings.HasPrefix(key, "/") || codes.MatchString(key)
}
