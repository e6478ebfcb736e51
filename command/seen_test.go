package command

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/teapot-go/teapot/command/internal/cli"
	"github.com/teapot-go/teapot/harness/record"
	"go.uber.org/goleak"
)

// tell posts reports, and returns the status and the answer.
func tell(t *testing.T, admin, body string) (status int, answer string) {
	t.Helper()
	resp, err := http.Post(admin+"/seen", "application/json", strings.NewReader(body))
	if err != nil {
		t.Error(err)
		return 0, ""
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Error(err)
	}
	return resp.StatusCode, string(text)
}

// telling posts reports that must be taken.
func telling(t *testing.T, admin, format string, args ...any) {
	t.Helper()
	if status, answer := tell(t, admin, fmt.Sprintf(format, args...)); status != http.StatusOK {
		t.Errorf(format+": got %d %s", append(args, status, answer)...)
	}
}

// A verdictPage is what /verdict answers with.
type verdictPage struct {
	Format, Verdict          string
	Reports                  int
	Violations, Inconclusive []record.Violation
}

func verdictOf(t *testing.T, admin string) (v verdictPage) {
	t.Helper()
	status, body := fetch(t, admin+"/verdict")
	if err := json.Unmarshal([]byte(body), &v); err != nil || status != http.StatusOK {
		t.Errorf("/verdict: got %d, %v, %s", status, err, body)
	}
	return v
}

const seenScenario = `name: seen
seed: 3
server:
  faults:
    - {kind: status, status: 503, keys: [BR]}
    - {kind: truncate, keys: [CN]}
    - {kind: status, status: 400, keys: [IN]}
    - {kind: status, status: 503, keys: [US], attempts: 1}
workload: {task: download, flags: [BR, CN, IN, US, FR], timeout: 1m, attempts: 2}
executors: [{kind: sequential}]
`

// TestSeenWithoutWorkload serves a file that has nothing but a server, and
// proxies with one. The timeout of the client is then an option.
func TestSeenWithoutWorkload(t *testing.T) {
	upstream := httptest.NewServer(http.NotFoundHandler())
	defer upstream.Close()
	const faults = "rate_limit: {per_second: 1000, burst: 1000}, capacity: {concurrent: 9, policy: refuse}, faults: [" +
		"{kind: status, status: 503, keys: [BR, /br]}, {kind: hang, at: {key: CN, attempt: 1}}, " +
		"{kind: status, status: 502, at: {key: CN, attempt: 2}}]"
	for _, tt := range []struct {
		command, file, path, wrong string
	}{
		{"serve", "server: {" + faults + "}", "/flags/br/br.gif", `{"key": "BR", "status": 200}`},
		{"serve", "name: mine\nserver: {" + faults + "}", "/flags/br/br.gif", `{"key": "BR", "status": 200}`},
		{
			"serve", "server: {content: {routes: [{path: /br, body: tea}]}, key: path, " + faults + "}", "/br",
			`{"key": "/br", "status": 200}`,
		},
		{"proxy " + upstream.URL, "server: {" + faults + "}", "/br", `{"key": "/br", "status": 200}`},
		{"proxy " + upstream.URL, "server: {key: path, " + faults + "}", "/br?q=1", `{"key": "/br", "status": 200}`},
	} {
		inFolder(t, map[string]string{"alone.yaml": tt.file})
		args := []string{"--scenario", "alone.yaml", "--port", "0", "--admin", "0", "--timeout", "1s"}
		urls, stop := listening(t, append(strings.Fields(tt.command), args...)...)
		if status, _ := fetch(t, urls[0]+tt.path); status != http.StatusServiceUnavailable {
			t.Errorf("%s of %s: got %d, want 503", tt.command, tt.file, status)
		}
		telling(t, urls[len(urls)-1], "%s", tt.wrong)
		status, stdout, stderr := stop()
		if status != cli.StatusViolated || stderr != "" || !strings.Contains(stdout, "alone.yaml:") {
			t.Errorf("%s of %s: status %d, %s%s", tt.command, tt.file, status, stdout, stderr)
		}
	}
}

// TestSeen has clients tell what they saw of a scenario's server, right and
// wrong.
func TestSeen(t *testing.T) {
	right := map[string]string{
		"BR": `{"key": "BR", "status": 503}`,
		"CN": `{"key": "CN", "class": "truncated"}`,
		"IN": `{"url": "http://x/flags/in/in.gif", "status": 400}`,
		"US": `{"key": "US", "status": 200, "bytes": 1}`,
		"FR": `{"key": "FR", "status": 200, "bytes": 1}`,
	}
	for name, tt := range map[string]struct {
		key, report string
		retry       string // a key that is asked for once more often than is right
		status      int
		want        string
	}{
		"right":              {status: cli.StatusHolds},
		"swallowed":          {key: "BR", report: `{"key": "BR", "status": 200}`, status: 1, want: "BR ok"},
		"truncated as whole": {key: "CN", report: `{"key": "CN", "status": 200}`, status: 1, want: "CN ok"},
		"nothing as whole": {
			key: "FR", report: `{"key": "FR", "status": 200, "bytes": 0}`, status: 1, want: "FR bytes that",
		},
		"another status": {key: "IN", report: `{"key": "IN", "status": 401}`, status: 1, want: "IN status"},
		"an error from within": {
			key: "FR", report: `{"key": "FR", "class": "failed", "error": "oops"}`, status: 1,
			want: "oops",
		},
		"not told":          {key: "BR", report: "", status: 3, want: "no report about requests for 1 key: BR"},
		"too many attempts": {retry: "BR", status: 1, want: "BR attempt 3 was made"},
	} {
		t.Run(name, func(t *testing.T) {
			defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
			defer http.DefaultClient.CloseIdleConnections()
			inFolder(t, map[string]string{"seen.yaml": seenScenario})
			urls, stop := serving(t, "--scenario", "seen.yaml", "--port", "0", "--admin", "0", "--json", "seen.json",
				"--report", "seen.html")
			if v := verdictOf(t, urls[1]); v.Verdict != "inconclusive" || v.Reports != 0 ||
				!strings.Contains(v.Inconclusive[0].Got, "no client told") {
				t.Errorf("before: got %+v", v)
			}
			bytes := map[string]int{}
			for key, n := range map[string]int{"BR": 2, "CN": 2, "IN": 1, "US": 2, "FR": 1} {
				if key == tt.retry {
					n++
				}
				for range n {
					resp, err := http.Get(urls[0] + "/flags/" + strings.ToLower(key+"/"+key) + ".gif")
					if err != nil {
						t.Fatal(err)
					}
					body, _ := io.ReadAll(resp.Body) // some are truncated
					resp.Body.Close()
					bytes[key] = len(body)
				}
			}
			for key, report := range right {
				if key == tt.key {
					report = tt.report
				}
				if report != "" {
					telling(t, urls[1], "%s", strings.Replace(report, `: 1}`, fmt.Sprintf(": %d}", bytes[key]), 1))
				}
			}
			v := verdictOf(t, urls[1])
			want := map[int]string{0: "ok", 1: "violated", 3: "inconclusive"}[tt.status]
			if v.Format != "teapot.verdict/1" || v.Verdict != want {
				t.Errorf("got %+v, want %s", v, want)
			}
			if code, page := fetch(t, urls[1]+"/report"); code != http.StatusOK || !strings.Contains(page, "<title>") {
				t.Errorf("/report: got %d, %.100s", code, page)
			}
			status, stdout, stderr := stop()
			if status != tt.status || stderr != "" || !strings.Contains(stdout, tt.want) {
				t.Errorf("status %d, want %d, and %q in\n%s%s", status, tt.status, tt.want, stdout, stderr)
			}
			if page, err := os.ReadFile("seen.html"); err != nil || !strings.Contains(string(page), "client") {
				t.Errorf("the page: %v", err)
			}
			if recs := recordings(t, "seen.json"); len(recs) != 1 || recs[0].Validate() != nil {
				t.Errorf("the recording: %v", recs[0].Validate())
			}
		})
	}
}

// TestSeenWithout has no scenario: a client may make any number of attempts.
func TestSeenWithout(t *testing.T) {
	urls, stop := serving(t, "error", "--latency", "0s", "--error-rate", "0.5", "--status", "503", "--port", "0",
		"--admin", "0", "--seed", "2")
	var reports []string
	for _, key := range []string{"BR", "BR", "BR", "US", "FR"} {
		resp, err := http.Get(urls[0] + "/flags/" + strings.ToLower(key+"/"+key) + ".gif")
		if err != nil {
			t.Fatal(err)
		}
		n, _ := io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		reports = append(reports, fmt.Sprintf(`{"key": %q, "status": %d, "bytes": %d}`, key, resp.StatusCode, n))
	}
	telling(t, urls[1], "[%s]", strings.Join(reports, ", ")) // BR is three tasks
	if v := verdictOf(t, urls[1]); v.Verdict != "ok" || v.Reports != 5 {
		t.Errorf("got %+v", v)
	}
	for _, body := range []string{`{"key": "BR", "attempt": 9, "status": 200}`, `{"key": "XX", "status": 200}`} {
		telling(t, urls[1], "%s", body)
	}
	v := verdictOf(t, urls[1])
	if v.Verdict != "inconclusive" || len(v.Inconclusive) != 1 ||
		!strings.Contains(v.Inconclusive[0].Got, "no request came for this key") {
		t.Errorf("got %+v", v)
	}
	telling(t, urls[1], `{"key": "US", "attempt": 1, "class": "timeout"}`)
	if v = verdictOf(t, urls[1]); v.Verdict != "inconclusive" || len(v.Inconclusive) != 2 {
		t.Errorf("a timeout of unknown length: got %+v", v)
	}
	if status, stdout, _ := stop(); status != cli.StatusUnknown || !strings.Contains(stdout, "add --timeout") {
		t.Errorf("status %d: %s", status, stdout)
	}
}

// TestSeenJournal has what a correct client reports beside each request.
func TestSeenJournal(t *testing.T) {
	urls, stop := serving(t, "local", "--port", "0", "--admin", "0")
	_, body := fetch(t, urls[0]+"/flags/br/br.gif")
	fetch(t, urls[0]+"/flags/zz/zz.gif")
	fetch(t, urls[0]+"/flags/")
	verdictOf(t, urls[1]) // waits for the end of the requests
	_, journal := fetch(t, urls[1]+"/journal")
	var got struct {
		Entries []struct {
			Key   string
			Class string `json:"want_class"`
			Bytes int    `json:"want_bytes"`
		}
	}
	if err := json.Unmarshal([]byte(journal), &got); err != nil || len(got.Entries) != 3 {
		t.Fatalf("got %v, %s", err, journal)
	}
	want := map[string]string{"BR": fmt.Sprintf("ok %d", len(body)), "ZZ": "not_found 0"}
	for _, e := range got.Entries {
		said := fmt.Sprintf("%s %d", e.Class, e.Bytes)
		if e.Key == "/flags/" && e.Class != "ok" || want[e.Key] != "" && said != want[e.Key] {
			t.Errorf("%s: got %s, want %s", e.Key, said, want[e.Key])
		}
	}
	if status, stdout, _ := stop(); status != cli.StatusHolds || strings.Contains(stdout, "verdict  ok") {
		t.Errorf("nothing was told: status %d, %s", status, stdout)
	}
}

// TestSeenRefused sends what cannot be taken: all or nothing is.
func TestSeenRefused(t *testing.T) {
	urls, stop := serving(t, "local", "--port", "0", "--admin", "0")
	fetch(t, urls[0]+"/flags/br/br.gif")
	post := func(kind, body string) (int, string) {
		resp, err := http.Post(urls[1]+"/seen", kind, strings.NewReader(body))
		if err != nil {
			t.Error(err)
			return 0, ""
		}
		defer resp.Body.Close()
		text, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, string(text)
	}
	for _, tt := range []struct {
		kind, body string
		status     int
		want       string
	}{
		{"text/plain", `{"key": "BR", "status": 200}`, 415, "want application/json"},
		{"", `{"key": "BR", "status": 200}`, 415, "want application/json"},
		{"application/json", ``, 400, `has no report: want {"key"`},
		{"application/json", `[]`, 400, "has no report"},
		{"application/json", `{"key": `, 400, "not JSON"},
		{"application/json", `"BR"`, 400, "want one object such as"},
		{"application/json", `null`, 400, "want one object such as"},
		{"application/json", `[[1]]`, 400, "want one object such as"},
		{"application/json", `{"key": "BR", "stat": 200}`, 400, `unknown field "stat": want attempt, bytes, class`},
		{"application/json", `{"key": "BR"}`, 400, "want status or class"},
		{"application/json", `{"status": 200}`, 400, "want either key"},
		{"application/json", `{"key": "", "status": 200}`, 400, "not empty"},
		{"application/json", `{"key": "br", "status": 200}`, 400, `unknown key "br": want a code in capital letters`},
		{"application/json", `{"key": "BR", "status": "200"}`, 400, `status: "200": want a status code`},
		{"application/json", `{"key": "BR", "status": 99}`, 400, "status: 99"},
		{"application/json", `{"key": "BR", "class": "fine"}`, 400, "want one of ok, not_found"},
		{"application/json", `{"key": "BR", "status": 200, "bytes": -1}`, 400, "bytes: -1"},
		{"application/json", `{"key": "BR", "status": 200, "bytes": 1.5}`, 400, "bytes: 1.5"},
		{"application/json", `{"key": "BR", "status": 200, "attempt": 0}`, 400, "attempt: 0"},
		{"application/json", `{"key": "BR", "status": 200, "digest": "md5:1"}`, 400, "sha256"},
		{"application/json", `{"key": "BR", "method": "GET", "status": 200}`, 400, "method: it goes with url"},
		{"application/json", `[{"key": "BR", "status": 200}, {"key": "BR"}]`, 400, "report 2: "},
		{"application/json", `{"key": "` + strings.Repeat("x", 4<<20) + `", "status": 200}`, 413, "4194304"},
		{
			"application/json", `[` + strings.Repeat(`{"key":"BR","status":200},`, 1<<16) + `{}]`, 400,
			"more than 65536 reports",
		},
	} {
		if status, answer := post(tt.kind, tt.body); status != tt.status || !strings.Contains(answer, tt.want) {
			t.Errorf("%.80s: got %d %.300s, want %d %s", tt.body, status, answer, tt.status, tt.want)
		}
	}
	if v := verdictOf(t, urls[1]); v.Reports != 0 || v.Verdict != "inconclusive" || len(v.Inconclusive) != 2 {
		t.Errorf("got %+v", v)
	}
	for path, want := range map[string]string{"/seen": "want POST", "/verdict": "", "/report": ""} {
		status, body := fetch(t, urls[1]+path)
		if wrong := path == "/seen"; wrong != (status == http.StatusMethodNotAllowed) || !strings.Contains(body, want) {
			t.Errorf("GET %s: got %d %.100s", path, status, body)
		}
	}
	const one = `{"key": "BR", "attempt": 1, "status": 200}`
	for body, want := range map[string]string{
		one + "\n" + one: `{"accepted":1,"repeated":1}`, "[" + one + "]": `{"accepted":0,"repeated":1}`,
	} {
		if status, answer := post("application/x-ndjson; charset=utf-8", body); status != 200 {
			t.Errorf("%s: got %d %s, want %s", body, status, answer, want)
		}
	}
	status, answer := post("application/json", `{"key": "BR", "attempt": 1, "status": 404}`)
	if status != http.StatusConflict || !strings.Contains(answer, "BR, attempt 1: it was told before, as ok with "+
		"status 200, and now as not_found with status 404") {
		t.Errorf("got %d %s", status, answer)
	}
	if status, stdout, _ := stop(); status != cli.StatusUnknown || !strings.Contains(stdout, "refused: ") {
		t.Errorf("status %d: %s", status, stdout)
	}
}

// TestSeenAtOnce has many clients ask and tell at once.
func TestSeenAtOnce(t *testing.T) {
	urls, stop := serving(t, "error", "--latency", "0s", "--port", "0", "--admin", "0")
	var all sync.WaitGroup
	for client := range 20 {
		all.Go(func() {
			for n := range 10 {
				key := string([]byte{byte('A' + client), byte('A' + n)})
				status, _ := fetch(t, urls[0]+"/flags/"+strings.ToLower(key+"/"+key)+".gif")
				telling(t, urls[1], `{"key": %q, "status": %d}`, key, status)
				if n == 5 {
					verdictOf(t, urls[1])
				}
			}
		})
	}
	all.Wait()
	if v := verdictOf(t, urls[1]); v.Verdict != "ok" || v.Reports != 200 {
		t.Errorf("got %+v", v)
	}
	if status, stdout, _ := stop(); status != cli.StatusHolds || !strings.Contains(stdout, "0 violations") {
		t.Errorf("status %d: %s", status, stdout)
	}
}

// TestSeenProxy judges a client of a service behind a proxy.
func TestSeenProxy(t *testing.T) {
	service := httptest.NewServer(http.NotFoundHandler())
	defer service.Close()
	for report, status := range map[string]int{"503": cli.StatusHolds, "200": cli.StatusViolated} {
		urls, stop := listening(t, "proxy", service.URL, "--port", "0", "--error-rate", "1", "--admin", "0",
			"--timeout", "1m")
		fetch(t, urls[0]+"/items?page=3")
		telling(t, urls[2], `{"key": "/items?page=3", "status": %s}`, report)
		if got, stdout, stderr := stop(); got != status {
			t.Errorf("%s: status %d, want %d: %s%s", report, got, status, stdout, stderr)
		}
	}
}

// TestSeenTimeout knows how long the client waits: a timeout before that is
// wrong.
func TestSeenTimeout(t *testing.T) {
	urls, stop := serving(t, "local", "--port", "0", "--admin", "0", "--timeout", "1m")
	fetch(t, urls[0]+"/flags/br/br.gif")
	telling(t, urls[1], `{"key": "BR", "class": "timeout"}`)
	if status, stdout, _ := stop(); status != cli.StatusViolated || !strings.Contains(stdout, "BR timeout") {
		t.Errorf("status %d: %s", status, stdout)
	}
}
