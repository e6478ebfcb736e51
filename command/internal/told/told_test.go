package told

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/reports/summary"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/taskid"
)

// A client asks a server and tells what it saw.
type client struct {
	t      *testing.T
	server *servers.Server
	ledger *Ledger
}

// clientOf returns a client of a scenario's server.
func clientOf(t *testing.T, source string) client {
	t.Helper()
	s, mistakes := scenarios.Vocabulary{}.Parse("told.yaml", []byte(source))
	if mistakes != nil {
		t.Fatal(mistakes)
	}
	config, _, err := scenarios.Vocabulary{}.ServerConfig(s)
	if err != nil {
		t.Fatal(err)
	}
	server, err := servers.Start(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	about, err := Scenario(s, config, server, 0)
	if err != nil {
		t.Fatal(err)
	}
	return client{t, server, New(server, about)}
}

// ask asks for a path as a task, or as none if that is 0, and returns the
// status.
func (c client) ask(path string, task int) int {
	c.t.Helper()
	r, err := http.NewRequest(http.MethodGet, c.server.URL()+path, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	if task > 0 {
		r.Header.Set(taskid.Header, strconv.Itoa(task))
	}
	resp, err := c.server.Client().Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		c.t.Fatal(err)
	}
	return resp.StatusCode
}

func (c client) tell(format string, args ...any) {
	c.t.Helper()
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodPost, "/seen", strings.NewReader(fmt.Sprintf(format, args...)))
	r.Header.Set("Content-Type", "application/json")
	if c.ledger.seen(w, r); w.Code != http.StatusOK {
		c.t.Errorf(format+": got %s", append(args, w.Body)...)
	}
}

// want wants a verdict, and a text in what was found.
func (c client) want(verdict, text string) {
	c.t.Helper()
	rec := c.ledger.Judge(c.t.Context())
	found := fmt.Sprint(rec.Findings())
	if got := summary.Verdict(rec); got != verdict || !strings.Contains(found, text) {
		c.t.Errorf("got %s, %s, want %s, %s", got, found, verdict, text)
	}
	if err := rec.Validate(); err != nil {
		c.t.Error(err)
	}
}

const twice = `name: twice
server: {faults: [{kind: status, status: 503, attempts: 1, keys: [BR]}]}
workload: {task: download, flags: [BR, BR, FR], attempts: 3}
executors: [{kind: sequential}]
`

const br, fr = "/flags/br/br.gif", "/flags/fr/fr.gif"

// TestTasks has two tasks of one key, which are told apart by their numbers.
func TestTasks(t *testing.T) {
	for name, reports := range map[string]string{
		"ok":          `{"key":"BR","task":1,"status":200} {"key":"BR","task":2,"status":200}`,
		"1 violation": `{"key":"BR","task":1,"status":200} {"key":"BR","task":2,"status":503}`,
	} {
		c := clientOf(t, twice)
		for _, task := range []int{1, 2, 1, 2} {
			c.ask(br, task)
		}
		c.ask(fr, 3)
		c.tell("%s", reports+`{"key":"FR","task":3,"status":200}`)
		c.want(name, "")
	}
}

// TestAttempts tells of each attempt.
func TestAttempts(t *testing.T) {
	for _, tt := range []struct{ reports, verdict, text string }{
		{`{"key":"BR","attempt":1,"status":503} {"key":"BR","attempt":2,"status":200}`, "ok", ""},
		{`{"key":"BR","attempt":1,"status":200} {"key":"BR","attempt":2,"status":200}`, "1 violation", "BR ok"},
		{`{"key":"BR","attempt":1,"status":503} {"key":"BR","attempt":2,"status":503}`, "1 violation", "BR status"},
		{`{"key":"BR","attempt":1,"status":503} {"key":"BR","status":200}`, "ok", ""},
		{`{"key":"BR","attempt":1,"status":503} {"key":"BR","attempt":7,"status":200}`, "1 violation", "BR ok"},
	} {
		c := clientOf(t, strings.Replace(twice, "[BR, BR, FR]", "[BR]", 1))
		c.ask(br, 0)
		c.ask(br, 0)
		c.tell("%s", tt.reports)
		c.want(tt.verdict, tt.text)
	}
}

// TestGivesUp tells of the first attempt alone, where a correct client makes
// another.
func TestGivesUp(t *testing.T) {
	c := clientOf(t, strings.Replace(twice, "[BR, BR, FR]", "[BR]", 1))
	c.ask(br, 0)
	c.tell(`{"key":"BR","attempt":1,"status":503}`)
	c.want("1 violation", "client gave up")
}

// TestLater asks again for what was told already: that is not told yet.
func TestLater(t *testing.T) {
	c := clientOf(t, strings.Replace(twice, "attempts: 1, ", "rate: 1, ", 1))
	c.ask(fr, 0)
	c.tell(`{"key":"FR","status":200}`)
	c.ask(fr, 0)
	c.ask(br, 0)
	c.want("inconclusive", "no report about requests for 2 keys")
	c.tell(`{"key":"FR","status":404}`)
	if rec := c.ledger.Judge(t.Context()); len(rec.Violations) != 1 {
		t.Errorf("got %v, want a violation of the second", rec.Findings())
	}
}

// TestIdle asks for nothing: a report of that is wrong, where the key is one of
// the workload.
func TestIdle(t *testing.T) {
	c := clientOf(t, twice)
	c.tell(`{"key":"BR","status":200}`)
	c.want("1 violation", "no request came")
	c.want("1 violation", "neither a request nor a report for 1 of 2 keys of the workload: FR")
	c = clientOf(t, twice)
	c.tell(`{"key":"/tea","status":200}`)
	c.want("inconclusive", "no request came for this key")
}

// TestManyReports are judged in a time that grows with their number.
func TestManyReports(t *testing.T) {
	c := clientOf(t, twice)
	for range 200 {
		c.ask(br, 0)
	}
	for range 3 {
		c.tell("[%s]", strings.TrimSuffix(strings.Repeat(`{"key":"BR","status":200},`, 1<<12), ","))
	}
	for n := range 1 << 12 {
		c.tell(`{"key":"BR","attempt":%d,"status":200}`, n+1)
	}
	if rec := c.ledger.Judge(t.Context()); len(rec.Samples) != 4<<12 {
		t.Errorf("got %d samples", len(rec.Samples))
	}
}

// TestContradictions: a report for which there is no request is wrong if it
// tells of an answer that the server has not given. One that may be a report
// sent twice, or that of a request which never arrived, is in doubt.
func TestContradictions(t *testing.T) {
	const plain = "name: plain\nserver: {faults: [{kind: status, status: 503, keys: [FR]}]}\n" +
		"workload: {task: download, flags: [BR, FR, DE]}\nexecutors: [{kind: sequential}]\n"
	for _, tt := range []struct{ asked, reports, verdict string }{
		{"BR", `{"key":"BR","status":200}`, "ok"},
		{"BR", `{"key":"BR","status":200} {"key":"BR","status":503}`, "violation"},
		{"BR", `{"key":"BR","status":503} {"key":"BR","status":200}`, "violation"},
		{"BR", `{"key":"BR","status":200} {"key":"BR","status":404}`, "violation"},
		{"BR", `{"key":"BR","status":200} {"key":"BR","class":"truncated"}`, "violation"},
		{"BR", `{"key":"BR","status":200} {"key":"BR","status":200,"bytes":7}`, "violation"},
		{"BR", `{"key":"BR","task":1,"status":200} {"key":"BR","task":2,"status":503}`, "violation"},
		{"BR", `{"key":"BR","attempt":1,"status":200} {"key":"BR","attempt":2,"status":503}`, "violation"},
		{"FR", `{"key":"FR","status":503} {"key":"FR","status":200}`, "violation"},
		{"FR", `{"key":"FR","status":503} {"key":"FR","status":503} {"key":"FR","status":200}`, "violation"},
		{"BR BR", `{"key":"BR","status":200} {"key":"BR","status":200} {"key":"BR","status":404}`, "violation"},
		{"BR BR", `{"key":"BR","status":200} {"key":"BR","status":200}`, "ok"},
	} {
		for _, workload := range []string{"known", "none"} {
			c := clientOf(t, plain)
			if workload == "none" {
				c.ledger.workload = map[string]int{}
				c.ledger.about.Workload = nil
			}
			for key := range strings.FieldsSeq(tt.asked) {
				c.ask(map[string]string{"BR": br, "FR": fr}[key], 0)
			}
			c.tell("%s", tt.reports)
			rec := c.ledger.Judge(t.Context())
			if (len(rec.Violations) > 0) != (tt.verdict == "violation") {
				t.Errorf("%s, %s, workload %s: got %v", tt.asked, tt.reports, workload, rec.Findings())
			}
		}
	}
	c := clientOf(t, plain)
	c.ledger.workload = map[string]int{}
	c.ask(br, 0)
	c.tell(`{"key":"BR","status":200} {"key":"BR","status":503}`)
	c.want("1 violation", "BR no report (no request came)")
	for _, reports := range []string{
		`{"key":"BR","status":200} {"key":"BR","status":200}`,
		`{"key":"BR","status":200} {"key":"BR","class":"timeout"}`,
		`{"key":"BR","status":200} {"key":"BR","class":"refused"}`,
		`{"key":"BR","status":200} {"key":"BR","attempt":9,"status":200}`,
	} {
		c := clientOf(t, plain)
		c.ledger.workload = map[string]int{}
		c.ask(br, 0)
		c.tell("%s", reports)
		if rec := c.ledger.Judge(t.Context()); len(rec.Violations) > 0 || len(rec.Inconclusive) == 0 {
			t.Errorf("%s: got %v, want a doubt", reports, rec.Findings())
		}
	}
}
