package learn

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
)

// options are those of the command without options.
func options(file string) Options {
	return Options{File: file, Fields: map[string]string{}, Routes: 20, Points: 100, Tasks: 100}
}

// learned returns what Learn makes of a file.
func learned(t *testing.T, text string, o Options) string {
	t.Helper()
	scenario, _, err := Learn(strings.NewReader(text), o)
	if err != nil {
		t.Fatal(err)
	}
	return scenario
}

// A kind is how one route of a made-up service behaves.
type kind struct {
	route, path string // of which %d is a number
	share       float64
	latency     func(*rand.Rand) time.Duration
	fails       map[int]float64 // the share of each status
}

func lognormal(median time.Duration, sigma float64) func(*rand.Rand) time.Duration {
	return func(r *rand.Rand) time.Duration {
		return time.Duration(float64(median) * math.Exp(sigma*r.NormFloat64())).Round(time.Millisecond)
	}
}

// kinds overlap on purpose: a pattern with * for one matches the paths of
// another.
var kinds = []kind{
	{"/items/*", "/items/%d", 0.5, lognormal(20*time.Millisecond, 0.7), map[int]float64{500: 0.02, 429: 0.05}},
	{"/items/*/reviews", "/items/%d/reviews", 0.2, lognormal(300*time.Millisecond, 0.4), map[int]float64{503: 0.3}},
	{"/items/top", "/items/top", 0.2, func(r *rand.Rand) time.Duration {
		return time.Duration(5+90*r.IntN(2)) * time.Millisecond // two humps
	}, nil},
	{"/health", "/health", 0.1, lognormal(2*time.Millisecond, 0), map[int]float64{404: 1}},
}

// accessLog returns a log of n requests, and what it has of each route.
func accessLog(n int) (text string, took map[string][]time.Duration, status map[string]map[int]int) {
	r := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	took, status = map[string][]time.Duration{}, map[string]map[int]int{}
	for i := range n {
		k, u := kinds[0], r.Float64()
		for _, k = range kinds {
			if u -= k.share; u < 0 {
				break
			}
		}
		path, code, f := k.path, 200, r.Float64()
		if strings.Contains(path, "%d") {
			path = fmt.Sprintf(path, r.IntN(10_000))
		}
		for _, c := range slices.Sorted(maps.Keys(k.fails)) {
			if f -= k.fails[c]; f < 0 {
				code = c
				break
			}
		}
		d := k.latency(r)
		fmt.Fprintf(&b, `2001:db8::%x - - [29/Nov/2026:01:02:03 +0000] `+
			`"GET %s HTTP/1.1" %d 10 "-" "a \"b\" c" %.3f`+"\n",
			i, path, code, d.Seconds())
		took[k.route] = append(took[k.route], d)
		if status[k.route] == nil {
			status[k.route] = map[int]int{}
		}
		status[k.route][code]++
	}
	return b.String(), took, status
}

// routeOf returns the route of a path of the service.
func routeOf(path string) string { return regexp.MustCompile(`[0-9]+`).ReplaceAllString(path, "*") }

// TestRecording runs what is learned from a log under the virtual clock. The
// recording has the latencies and the errors of the log, within what two
// samples of these sizes may differ by: the bound of Dvoretzky, Kiefer and
// Wolfowitz for the distribution functions, at a chance of one in a million,
// and one point of the distribution; for shares five standard deviations.
func TestRecording(t *testing.T) {
	text, took, status := accessLog(10_000)
	for points, tasks := range map[int]int{100: 1200, 20: 300} {
		o := options("access.log")
		o.Tasks, o.Points = tasks, points
		s, mistakes := scenarios.Vocabulary{}.Parse("learned.yaml", []byte(learned(t, text, o)))
		if mistakes != nil {
			t.Fatal(mistakes)
		}
		rec, err := (&scenarios.Runner{}).Run(t.Context(), s.Cases()[0])
		if err != nil {
			t.Fatal(err)
		}
		if len(rec.Findings()) > 0 {
			t.Errorf("findings of a correct client: %v", rec.Findings())
		}
		met := map[string][]time.Duration{}
		codes := map[string]map[int]int{}
		for _, s := range rec.Samples {
			route := routeOf(s.Key)
			met[route] = append(met[route], s.Finished-s.Started)
			if codes[route] == nil {
				codes[route] = map[int]int{}
			}
			codes[route][s.Served]++
		}
		for _, k := range kinds {
			compare(t, k.route, took[k.route], met[k.route], points)
			for code := range status[k.route] {
				n, m := float64(len(took[k.route])), float64(len(met[k.route]))
				p, got := float64(status[k.route][code])/n, float64(codes[k.route][code])/m
				if most := 5*math.Sqrt(p*(1-p)*(1/m+1/n)) + 1/m; math.Abs(p-got) > most {
					t.Errorf("%s: %.4f of the log are %d, and %.4f of the recording, which is off by more than %.4f",
						k.route, p, code, got, most)
				}
			}
			for code := range codes[k.route] {
				if status[k.route][code] == 0 {
					t.Errorf("%s: the recording has a %d, which the log has not", k.route, code)
				}
			}
		}
	}
}

// compare compares the distributions of latencies at the quantiles that reports
// show.
func compare(t *testing.T, route string, want, got []time.Duration, points int) {
	t.Helper()
	if len(got) < 20 {
		t.Fatalf("%s: only %d tasks", route, len(got))
	}
	slices.Sort(want)
	slices.Sort(got)
	within := func(n int) float64 { return math.Sqrt(math.Log(2/1e-6) / (2 * float64(n))) }
	most := within(len(want)) + within(len(got)) + 1/float64(points)
	for _, share := range []float64{0.5, 0.9, 0.95, 0.99} {
		low, high := order(want, share-most), order(want, share+most)
		// a latency is drawn to the microsecond, and told apart by 1 to 999 ns
		if d := order(got, share); d < low-time.Microsecond || d > high+10*time.Microsecond {
			t.Errorf("%s: quantile %v of the recording is %v, want %v to %v", route, share, d, low, high)
		}
	}
}

func order(sorted []time.Duration, share float64) time.Duration {
	i := int(share * float64(len(sorted)))
	return sorted[min(max(i, 0), len(sorted)-1)]
}

// TestRecordingTells: the comparison of TestRecording fails for a route that is
// a third later, and for the latencies of another.
func TestRecordingTells(t *testing.T) {
	_, took, _ := accessLog(20_000)
	late := slices.Clone(took["/items/*"])
	for i := range late {
		late[i] += late[i] / 3
	}
	for name, other := range map[string][]time.Duration{"late": late, "another": took["/items/top"]} {
		probe := &testing.T{}
		compare(probe, name, took["/items/*"], other[:1000], 100)
		if !probe.Failed() {
			t.Errorf("%s: it is not told", name)
		}
	}
}

// TestForms: what is learned of two requests, in each form of file.
func TestForms(t *testing.T) {
	const combined = `192.0.2.7 - - [29/Nov/2026:01:02:03 +0000] "GET /a?x=1 HTTP/1.1" 200 612 "-" "curl/8.5.0" `
	const failed = `2001:db8::1 - j doe [29/Nov/2026:01:02:03 +0000] ` +
		`"POST /b HTTP/2.0" 502 0 "-" "\x22odd\x22 [b] \"c\"" `
	zipped := func(text string) string {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, _ = w.Write([]byte(text))
		_ = w.Close()
		return b.String()
	}
	nginx := combined + "0.012\n" + failed + "1.500\n"
	har := `{"log": {"version": "1.2", "creator": {}, "entries": [
		{"request": {"method": "GET", "url": "https://[::1]:8443/a?x=1"}, "time": 900.5,
		 "response": {"status": 200, "content": {}}, "timings": {"blocked": 700, "dns": -1, "wait": 12, "receive": null}},
		{"request": {"method": "POST", "url": "https://[::1]:8443/b"}, "time": 1500, "response": {"status": 502}},
		{"request": {"method": "GET", "url": "https://[::1]:8443/c"}, "time": -1, "response": {"status": 0}},
		{"request": {"method": "GET", "url": "https://[::1]:8443/c"}, "_fromCache": "disk", "response": {"status": 200}},
		{"request": {"method": "GET", "url": "data:image/gif;base64,R0"}, "response": {"status": 200}},
		{"request": {"method": "GET", "url": "http://cdn.example/x.js"}, "time": 3, "response": {"status": 200}}
	]}}`
	lines := func(a, b string) string { return "{" + a + "}\n\n{" + b + "}\n" }
	for name, test := range map[string]struct {
		text, fields, unit, host string
		none                     bool // of the POST
	}{
		"nginx":          {text: nginx},
		"gzip":           {text: zipped(nginx)},
		"CRLF and a BOM": {text: "\ufeff" + strings.ReplaceAll(nginx, "\n", "\r\n")},
		"no newline":     {text: strings.TrimSpace(nginx)},
		"nginx, forwarded": {
			text: combined + "\"192.0.2.9, 10.0.0.1\" 0.012 0.011 .\n" + failed + "\"-\" 1.500 - p\n",
		},
		"nginx, ingress": {
			text: combined +
				"454 0.012 [default-svc-80] [] 10.0.0.1:80 12 0.011 200 ab\n" +
				failed +
				"9 1.500 [] [] - - - - -\n",
		},
		"nginx, names": {
			text: combined + "rt=0.012 uct=\"0.000\" urt=\"0.011\"\n" + failed + "rt=1.500 uct=\"-\" urt=\"-\"\n",
		},
		"nginx, upstreams": {
			text:   combined + "urt=\"0.5, 0.012\"\n" + failed + "urt=\"1.500\"\n",
			fields: "time=urt",
		},
		"Apache %D":         {text: combined + "12000\n" + failed + "1500000\n"},
		"Apache %{ms}T":     {text: combined + "12\n" + failed + "1500\n", unit: "ms"},
		"combinedio and %D": {text: combined + "500 900 12000\n" + failed + "1 2 1500000\n", fields: "time=3"},
		"common and a time": {
			text: `::1 - - [29/Nov/2026:01:02:03 +0000] "GET /a HTTP/1.0" 200 - 0.012` +
				"\n" +
				`::1 - - [29/Nov/2026:01:02:03 +0000] "POST /b HTTP/1.0" 502 - 1.5` +
				"\n",
		},
		"virtual hosts": {
			text: "shop.example:443 " +
				combined +
				"0.012\nshop.example:443 " +
				failed +
				"1.500\nother.example:80 " +
				combined +
				"9.000\n",
			host: "shop.example",
		},
		"absolute": {text: strings.ReplaceAll(nginx, " /", " http://shop.example/")},
		"nginx JSON": {
			text: lines(`"request":"GET /a?x=1 HTTP/1.1","status":"200","request_time":"0.012"`,
				`"request":"POST /b HTTP/1.1","status":"502","request_time":"1.500"`),
		},
		"Caddy": {
			text: lines(`"request":{"method":"GET","uri":"/a?x=1","host":"h"},"duration":0.012,"status":200`,
				`"request":{"method":"POST","uri":"/b"},"duration":1.5,"status":502`),
		},
		"Traefik": {
			text: lines(`"RequestMethod":"GET","RequestPath":"/a","DownstreamStatus":200,"Duration":12000000`,
				`"RequestMethod":"POST","RequestPath":"/b","DownstreamStatus":502,"Duration":1500000000`),
		},
		"Google": {
			text: lines(`"httpRequest":{"requestMethod":"GET","requestUrl":"https://h/a",`+
				`"status":200,"latency":"0.012s"}`,
				`"httpRequest":{"requestMethod":"POST","requestUrl":"https://h/b",`+
					`"status":502,"latency":"1.5s"}`),
		},
		"pino": {
			text: lines(`"req":{"method":"GET","url":"/a"},"res":{"statusCode":200},"responseTime":12`,
				`"req":{"method":"POST","url":"/b"},"res":{"statusCode":502},"responseTime":1500`) +
				`{"msg":"a line of the program"}` +
				"\n",
		},
		"slog": {
			text: lines(`"method":"GET","path":"/a","status":200,"duration_ms":12`,
				`"method":"POST","path":"/b","status":502,"duration_ms":1500`),
		},
		"own fields": {
			text:   lines(`"m":"GET","o":{"p":"/a"},"c":200,"t":12`, `"m":"POST","o":{"p":"/b"},"c":502,"t":1500`),
			fields: "method=m,path=o.p,status=c,time=t",
			unit:   "ms",
		},
		"a unit of one's own": {
			text: lines(`"method":"GET","path":"/a","status":200,"latency":12`,
				`"method":"POST","path":"/b","status":502,"latency":1500`),
			unit: "ms",
		},
		"HAR":           {text: har},
		"HAR in a line": {text: strings.ReplaceAll(strings.ReplaceAll(har, "\n", ""), "\t", "")},
		"journal": {text: `{"format": "teapot.journal/1", "limit": 9, "entries": [
{"key":"/a?x=1","method":"GET","met_fault":"none","queued_ns":5000000,"took_ns":17000000,"status":200},
{"key":"POST /b","method":"POST","met_fault":"status","queued_ns":0,"took_ns":1500000000,"status":502},
{"key":"/b","method":"GET","met_fault":"none","queued_ns":0,"took_ns":1,"gone_ns":5,"status":0},
{"key":"/b","method":"GET","met_fault":"hang","queued_ns":0,"took_ns":1,"status":0}
]}`},
	} {
		o := options("x")
		o.Unit, o.Host = test.unit, test.host
		for part := range strings.SplitSeq(test.fields, ",") {
			if what, field, ok := strings.Cut(part, "="); ok {
				o.Fields[what] = field
			}
		}
		got, notes, err := Learn(strings.NewReader(test.text), o)
		if err != nil || len(notes) > 0 {
			t.Errorf("%s: %v, %q", name, err, notes)
			continue
		}
		for _, want := range []string{
			"from x: 2 requests of", "# GET /a: 1 request, p50 12ms,", "latency: 12ms",
			"# POST /b: 1 request, p50 1.5s",
			"latency: 1.5s", "# POST /b: 1 of 1 request answered 502: 100 %",
			`- {kind: status, status: 502, rate: 1, keys: ["POST /b"]}`, `keys: ["/a"]`,
		} {
			if !strings.Contains(strings.Join(strings.Fields(got), " "), want) {
				t.Errorf("%s: no %q in\n%s", name, want, got)
			}
		}
	}
}

// TestBadFiles: one error, which names the line and says what is wanted.
func TestBadFiles(t *testing.T) {
	const good = `192.0.2.7 - - [29/Nov/2026:01:02:03 +0000] "GET /a HTTP/1.1" 200 612 "-" "curl/8.5.0" 0.012` + "\n"
	for name, test := range map[string]struct{ text, want string }{
		"nothing":       {"", "the file is empty"},
		"blanks":        {"\n \n", "the file is empty"},
		"another log":   {"Nov 29 01:02:03 host sshd[1]: Failed\n", "line 1: want a line of an access log"},
		"a broken line": {good + "\n" + good[:60] + "\n" + good, "line 3: want a line of an access log"},
		"no status":     {strings.Replace(good, " 200 ", " x ", 1), "line 1: want a line of an access log"},
		"two numbers": {
			strings.Replace(good, "0.012", "12 13", 1),
			"line 1: 2 whole numbers after the user agent: want --fields time=N",
		},
		"no requests": {
			strings.Replace(good, "GET /a HTTP/1.1", `\x16\x03`, 1),
			"no request in the access log: 1 are not HTTP (the first in line 1)",
		},
		"a long line": {strings.Repeat("x", 2<<20), "line 1: longer than 1048576 bytes"},
		"not JSON":    {"{\"method\":\"GET\",}\n", "line 1: not JSON: invalid character '}'"},
		"broken JSON lines": {
			`{"method":"GET","path":"/","status":200,"ms":1}` + "\n{\"method\n",
			"line 2: not JSON",
		},
		"no status in JSON": {`{"method":"GET","path":"/"}`, "line 1: no status: want --fields status=NAME"},
		"no unit": {
			`{"method":"GET","path":"/","status":200,"latency":3}`,
			"line 1: the unit of latency is not known: want --unit s, ms, us or ns",
		},
		"a list": {"[1]", "line 1: it begins with [: want the object of a HAR file"},
		"a recording": {
			"{\n\"format\": \"teapot.recordings/1\",\n\"recordings\": []}",
			`no log.entries of a HAR file and no entries of a journal: its format is "teapot.recordings/1"`,
		},
		"a HAR that ends": {
			"{\"log\": {\"entries\": [\n{\"request\": {\"method\": \"GET\"",
			"line 2: the file ends in the middle of its JSON",
		},
		"a HAR with a typo": {"{\"log\": {\n\"entries\": [\n{]", "line 3: not JSON: invalid character ']'"},
		"a HAR without URLs": {
			"{\"log\": {\"entries\": [\n\n{\"request\": {\"method\": \"GET\"}}]}}",
			"line 3: an entry has no request.method or no request.url",
		},
		"a HAR of nothing":  {"{\"log\": {\"entries\": []}}", "the file is empty"},
		"entries of others": {"{\n\"entries\": [{\"a\": 1}]}", "line 2: an entry has no key or no took_ns"},
		"entries no list":   {"{\"entries\": 3}", "line 1: entries: want a list"},
		"not gzip":          {"\x1f\x8bxx", "not a gzip file"},
		"binary":            {"\x00\x01\x02", "line 1: want a line of an access log"},
	} {
		scenario, _, err := Learn(strings.NewReader(test.text), options("x.log"))
		if err == nil || !strings.HasPrefix(err.Error(), "x.log: ") || !strings.Contains(err.Error(), test.want) ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want %q\n%s", name, err, test.want, scenario)
		}
	}
}

// TestWithoutTimes: a log whose server writes no times has the rates of errors,
// and a note says what is missing and how to have it.
func TestWithoutTimes(t *testing.T) {
	const proxied = "for a server that cannot log it, learn from the journal of teapot proxy --admin"
	for name, test := range map[string]struct{ text, note string }{
		"http.server of Python": {`Serving HTTP on 127.0.0.1 port 8000 (http://127.0.0.1:8000/) ...
127.0.0.1 - - [29/Nov/2026 10:00:00] "GET /a HTTP/1.1" 200 -
127.0.0.1 - - [29/Nov/2026 10:00:01] code 501, message Unsupported method ('POST')
127.0.0.1 - - [29/Nov/2026 10:00:01] "POST /b HTTP/1.1" 501 -

Keyboard interrupt received, exiting.
`, proxied},
		"Flask": {"127.0.0.1 - - [29/Nov/2026 10:00:00] \"GET /a HTTP/1.1\" 200 -\n" +
			"127.0.0.1 - - [29/Nov/2026 10:00:01] \"\x1b[35m\x1b[1mPOST /b HTTP/1.1\x1b[0m\" 501 -\n", proxied},
		"Django": {`[29/Nov/2026 10:00:00] "GET /a HTTP/1.1" 200 612
[29/Nov/2026 10:00:01] "POST /b HTTP/1.1" 501 0
`, proxied},
		"Combined": {`192.0.2.7 - - [29/Nov/2026:01:02:03 +0000] "GET /a HTTP/1.1" 200 612 "-" "curl/8.5.0"
192.0.2.7 - - [29/Nov/2026:01:02:03 +0000] "POST /b HTTP/1.1" 501 0 "-" "curl/8.5.0"
`, "add $request_time to nginx's log_format"},
		"JSON lines": {`{"method":"GET","path":"/a","status":200}
{"method":"POST","path":"/b","status":501}
`, "want --fields time=NAME"},
	} {
		got, notes, err := Learn(strings.NewReader(test.text), options("x"))
		if err != nil || len(notes) != 1 || !strings.Contains(notes[0], "answers at once: want ") ||
			!strings.Contains(notes[0], test.note) {
			t.Errorf("%s: got the notes %q, %v, want %s", name, notes, err, test.note)
			continue
		}
		if strings.Contains(got, "latency: ") || !strings.Contains(got, "has no times, so there is no latency here.") ||
			!strings.Contains(got, "2 requests of the") ||
			!strings.Contains(got, `- {kind: status, status: 501, rate: 1, keys: ["POST /b"]}`) {
			t.Errorf("%s: got\n%s", name, got)
		}
		o := options("x")
		o.Unit = "ms"
		if _, _, err := Learn(strings.NewReader(test.text), o); err == nil ||
			!strings.Contains(err.Error(), "no request has a time: ") {
			t.Errorf("%s: a unit without times: got %v", name, err)
		}
	}
}

// TestHost: --host keeps the requests to one host, by its name or with its
// port, and a host that no request names is an error.
func TestHost(t *testing.T) {
	const line = `192.0.2.7 - - [29/Nov/2026:01:02:03 +0000] ` +
		`"GET /a HTTP/1.1" 200 612 "-" "curl/8.5.0" 0.012` + "\n"
	const logged = "a.example:80 " + line + "b.example:80 " + line + line
	const archive = `{"log": {"entries": [{"time": 12,
		"request": {"method": "GET", "url": "https://[::1]:8443/a"},
		"response": {"status": 200}}]}}`
	const journal = `{"entries": [{"key": "/a", "method": "GET", "took_ns": 12000000, "status": 200}]}`
	for _, test := range []struct{ text, host, want string }{
		{logged, "a.example", ""},
		{logged, "A.Example", ""},
		{archive, "[::1]:8443", ""},
		{archive, "::1", ""},
		{archive, "[::1]", ""},
		{archive, "::2", "--host ::2: no request of the HAR file went to it: 1 went to"},
		{logged, "c.example", "2 went to another host (the first in line 1), 1 name no host"},
		{journal, "a.example", "--host a.example: no request of the journal went to it: 1 name no host"},
	} {
		o := options("x")
		o.Host = test.host
		got, _, err := Learn(strings.NewReader(test.text), o)
		switch {
		case test.want == "" && (err != nil || !strings.Contains(got, "from x: 1 request of")):
			t.Errorf("%s: %v\n%s", test.host, err, got)
		case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%s: got %v, want %s", test.host, err, test.want)
		}
	}
}

// TestFewBroken: a log with a few lines that cannot be read is learned from,
// and the scenario says so.
func TestFewBroken(t *testing.T) {
	text, _, _ := accessLog(300)
	got, notes, err := Learn(strings.NewReader(text+text[:40]+"\n"), options("x"))
	const want = "# Left out: 1 that cannot be read; the first is in line 301."
	if err != nil || len(notes) != 1 || !strings.Contains(notes[0], "1 of x cannot be read") ||
		!strings.Contains(got, want) {
		t.Errorf("%q, %v\n%.500s", notes, err, got)
	}
}

// TestRoutes: which paths are one route.
func TestRoutes(t *testing.T) {
	var many []string
	for i := range 30 {
		many = append(many, fmt.Sprintf("GET /users/%c%c", 'a'+i%26, 'a'+i/26))
	}
	for name, test := range map[string]struct{ paths, want []string }{
		"numbers": {
			[]string{"GET /items/1", "GET /items/22?a=b", "GET /items/top"},
			[]string{"GET /items/*", "GET /items/top"},
		},
		"UUIDs": {[]string{"GET /o/6f9619ff-8b86-d011-b42d-00cf4fc964ff/x"}, []string{"GET /o/*/x"}},
		"hashes": {
			[]string{"GET /c/0a1b2c3d4e5f", "GET /c/facade", "GET /c/deadbeef"},
			[]string{"GET /c/*", "GET /c/deadbeef", "GET /c/facade"},
		},
		"many":             {many, []string{"GET /users/*"}},
		"addresses":        {[]string{"GET /u/a@b.example", "GET /u/a%40b.example"}, []string{"GET /u/*"}},
		"methods":          {[]string{"GET /a", "POST /a", "DELETE /a"}, []string{"DELETE /a", "GET /a", "POST /a"}},
		"root and slashes": {[]string{"GET /", "GET /a/", "GET /a"}, []string{"GET /", "GET /a", "GET /a/"}},
		"absolute":         {[]string{"GET http://h", "GET http://h?x", "GET HTTP://h/"}, []string{"GET /"}},
	} {
		l := &log{paths: map[string]int32{}, left: map[string]*omission{}}
		for _, p := range test.paths {
			method, target, _ := strings.Cut(p, " ")
			if err := l.add(request{method: method, target: target, status: 200}); err != nil {
				t.Fatal(err)
			}
		}
		var got []string
		for _, r := range l.routes() {
			got = append(got, r.name())
		}
		if slices.Sort(got); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

// TestStrange: paths with characters that mean something to a pattern, to a
// route or to YAML come out as themselves, and the scenario runs.
func TestStrange(t *testing.T) {
	var b strings.Builder
	paths := []string{
		"/a[1]*b", "/{id}/x", "/%7Bid%7D", "/a%20b", "/%C3%A9", "/é", "/a%2Fb", "//x", "/../etc", "/a:b#c", `/q"uo'te`,
		"/%00", "/%zz", "/%ff", "/back%5Cslash", "/" + strings.Repeat("deep/", 60), "/x/7/y", "/7/x", "/*", "/a/*",
		"/top/", "/",
	}
	for _, p := range paths {
		for _, method := range []string{"GET", "HEAD", "PROPFIND", "get", "CONNECT"} {
			fmt.Fprintf(&b, "::1 - - [29/Nov/2026:01:02:03 +0000] "+
				"\"%s %s HTTP/1.1\" 503 0 \"-\" \"-\" 0.010\n", method, p)
		}
	}
	o := options("odd \n\x1b\u2028 : name.log")
	o.Routes = 200
	text := learned(t, b.String(), o)
	s, mistakes := scenarios.Vocabulary{}.Parse("learned.yaml", []byte(text))
	if mistakes != nil {
		t.Fatal(mistakes)
	}
	rec, err := (&scenarios.Runner{}).Run(t.Context(), s.Cases()[0])
	if err != nil {
		t.Fatal(err)
	}
	if len(rec.Findings()) > 0 {
		t.Errorf("%v", rec.Findings())
	}
	for _, s := range rec.Samples {
		if s.Served != 503 || s.Finished-s.Started < 10*time.Millisecond {
			t.Errorf("%s: %d after %v, want 503 after 10ms\n%s", s.Key, s.Served, s.Finished-s.Started, text)
		}
	}
}

// TestFlags: what is learned from a journal of the flags is served to tasks
// that ask for them.
func TestFlags(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"format": "teapot.journal/1", "entries": [`)
	for i, key := range []string{"BR", "CN", "BR", "IN"} {
		if i > 0 {
			b.WriteString(",")
		}
		met, status := "none", 200
		if key == "CN" {
			met, status = "reset", 0
		}
		fmt.Fprintf(&b, "\n"+`{"key": %q, "method": "GET", "met_fault": %q, "status": %d, "took_ns": 20000000}`, key,
			met, status)
	}
	b.WriteString(",\n" +
		`{"key": "/nothing", "method": "GET", "met_fault": "none", "status": 404, "took_ns": 90000000}`)
	text := learned(t, b.String()+"\n]}\n", options("j.json"))
	for _, want := range []string{
		"# Left out: 1 that have a path, where most keys are no paths; the first is in line 6.",
		`flags: ["BR", "CN", "BR", "IN"]`, "{kind: reset, rate: 0.25}", "latency: 20ms",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	s, _ := scenarios.Vocabulary{}.Parse("learned.yaml", []byte(text))
	rec, err := (&scenarios.Runner{}).Run(t.Context(), s.Cases()[0])
	if err != nil || len(rec.Findings()) > 0 || rec.Classes[record.OK]+rec.Classes[record.Reset] != 4 {
		t.Errorf("%v, %v, %v", err, rec.Findings(), rec.Classes)
	}
}

// TestMeet holds the intersection of patterns to all short texts.
func TestMeet(t *testing.T) {
	texts := []string{""}
	for range 5 {
		for _, text := range slices.Clone(texts) {
			texts = append(texts, text+"a", text+"b")
		}
	}
	patterns := []string{"", "a", "*", "a*", "*a", "ab", "a*b", "*b*", "b*a", "*ab", "ba*", "a*a*"}
	matches := func(pattern, text string) bool {
		return regexp.MustCompile("^" + strings.ReplaceAll(pattern, "*", ".*") + "$").MatchString(text)
	}
	for _, p := range patterns {
		for _, q := range patterns {
			want := slices.ContainsFunc(texts, func(s string) bool { return matches(p, s) && matches(q, s) })
			if got := meet(glob(p), glob(q)); got != want {
				t.Errorf("%q and %q: got %v, want %v", p, q, got, want)
			}
		}
	}
}

// FuzzLearn: no file makes Learn panic, or write what is no scenario.
func FuzzLearn(f *testing.F) {
	text, _, _ := accessLog(3)
	f.Add([]byte(text))
	f.Add([]byte(`{"log":{"entries":[{"request":{"method":"GET","url":"http://h/a"},"time":1,` +
		`"response":{"status":200}}]}}`))
	f.Add([]byte(`{"entries":[{"key":"BR","took_ns":1,"status":200}]}`))
	f.Add([]byte(`{"method":"GET","path":"/","status":200,"duration_ms":1}`))
	f.Fuzz(func(t *testing.T, file []byte) {
		scenario, _, err := Learn(bytes.NewReader(file), options("x"))
		if err != nil {
			if strings.Contains(err.Error(), "no scenario can state this") {
				t.Error(err)
			}
			return
		}
		if _, mistakes := (scenarios.Vocabulary{}).Parse("x.yaml", []byte(scenario)); mistakes != nil {
			t.Error(mistakes)
		}
	})
}
