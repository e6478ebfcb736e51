package command

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/teapot-go/teapot/command/internal/cli"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers/flags"
)

// An example is a line of a command's help: a command line, and the words
// beside it.
type example struct{ command, words string }

// examplesOf finds the examples in a help text: the lines that are set in by
// two spaces.
func examplesOf(help string) (all []example) {
	for line := range strings.Lines(help) {
		if line, ok := strings.CutPrefix(line, "  "); ok {
			found := regexp.MustCompile(`^(.*?)(?:  +(.*))?$`).FindStringSubmatch(strings.TrimSpace(line))
			all = append(all, example{found[1], found[2]})
		}
	}
	return all
}

// run runs the example and returns what it prints.
func (e example) run(t *testing.T, want int) string {
	t.Helper()
	status, stdout, stderr := teapot(t, words(e.command)...)
	if status != want {
		t.Errorf("%s: status %d, want %d\n%s%s", e.command, status, want, stdout, stderr)
	}
	return stdout
}

// words are the arguments of a command line.
func words(command string) []string { return strings.Fields(command)[1:] }

// loggedLine returns a line of an access log, with fields after the user agent.
func loggedLine(path, fields string) string {
	return `192.0.2.7 - - [29/Nov/2026:01:02:03 +0000] ` +
		`"GET ` + path + ` HTTP/1.1" 200 612 "-" "curl/8.5.0" ` + fields + "\n"
}

// learns writes a file to learn from.
func learns(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// virtually runs the scenario that a command is under the virtual clock.
func virtually(t *testing.T, command string, args ...string) *record.Recording {
	t.Helper()
	source := example{command: strings.TrimSuffix(command, " -v") + " --yaml"}.run(t, cli.StatusHolds)
	if err := os.WriteFile("example.yaml", []byte(source), 0o644); err != nil {
		t.Fatal(err)
	}
	args = append(strings.Fields("run example.yaml --clock virtual --json example.json --report="), args...)
	if status, stdout, stderr := teapot(t, args...); status != cli.StatusHolds {
		t.Fatalf("%s: status %d\n%s%s", command, status, stdout, stderr)
	}
	return recordings(t, "example.json")[0]
}

// holds returns a test that wants these texts printed, in this order.
func holds(texts ...string) func(*testing.T, string) {
	return func(t *testing.T, command string) {
		if strings.HasPrefix(command, "teapot loiter") {
			command += " --clock virtual"
		}
		stdout := example{command: command}.run(t, cli.StatusHolds)
		rest, found := stdout, true
		for _, text := range texts {
			if _, rest, found = strings.Cut(rest, text); !found {
				t.Errorf("%s: no %q in its place:\n%s", command, text, stdout)
			}
		}
	}
}

// holdsFiles returns a test that wants these files written.
func holdsFiles(names ...string) func(*testing.T, string) {
	return func(t *testing.T, command string) {
		example{command: command}.run(t, cli.StatusHolds)
		for _, name := range names {
			if text, err := os.ReadFile(name); err != nil || !strings.Contains(string(text), "little") {
				t.Errorf("%s: %s: %v, %.100s", command, name, err, text)
			}
		}
	}
}

// holdsPrimes returns a test that wants a table of so many numbers.
func holdsPrimes(head string, numbers int) func(*testing.T, string) {
	return func(t *testing.T, command string) {
		stdout := example{command: command}.run(t, cli.StatusHolds)
		if n := strings.Count(stdout, " s\n"); !strings.HasPrefix(stdout, head) || n != numbers {
			t.Errorf("%s: %d lines:\n%s", command, n, stdout)
		}
	}
}

// holdsLoad returns a test that wants a load of a quarter of a second on a
// service, with so many requests, 0 for any number. It may be invalid.
func holdsLoad(status, requests int) func(*testing.T, string) {
	return func(t *testing.T, command string) {
		service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, r.URL.Path)
		}))
		defer service.Close()
		command = strings.NewReplacer("http://127.0.0.1:3000", service.URL, " --for 30s", "", "'", "").Replace(command)
		args := append(words(command), strings.Fields("--for 250ms --report= --json load.json --quiet")...)
		got, stdout, stderr := teapot(t, args...)
		if got != status && got != cli.StatusUnknown {
			t.Errorf("%s: status %d, want %d\n%s%s", command, got, status, stdout, stderr)
		}
		rec := recordings(t, "load.json")[0]
		if n := len(rec.Samples); requests > 0 && n != requests || rec.Outcomes[record.OutcomeOK] != n {
			t.Errorf("%s: %d requests, of which %v: want %d", command, n, rec.Outcomes, requests)
		}
	}
}

// holdsScript returns a test that wants a script for the shell.
func holdsScript(shell string) func(*testing.T, string) {
	return func(t *testing.T, command string) {
		if command != shell {
			t.Errorf("%s is not for %s", command, shell)
		}
		holds("teapot complete -- ")(t, "teapot completion "+shell)
	}
}

// littleRecorded returns a recording of the scenario little.
var littleRecorded = sync.OnceValue(func() []byte {
	var text bytes.Buffer
	calling(context.Background(), strings.Fields("run - --report= --format json"), strings.NewReader(scenario), &text,
		io.Discard)
	return text.Bytes()
})

// inExampleFolder makes a folder with the files that the examples name the
// working one.
func inExampleFolder(t *testing.T) {
	t.Helper()
	inFolder(t, map[string]string{
		"scenarios/little.yaml": scenario,
		"scenarios/quick.yaml": "name: quick\nclock: real\nworkload: {task: loiter, keys: [0]}\n" +
			"executors: [{kind: sequential}]\n",
		"scenarios/faults.yaml": "name: faults\nclock: virtual\n" +
			"server: {faults: [{kind: status, status: 418, rate: 1}]}\n" +
			"workload: {task: download, flags: [BR]}\nexecutors: [{kind: sequential}]\n",
		"public/tea.txt": "green",
		"paths.txt":      "/a\n/b\n",
	})
	for _, file := range []string{"old.json", "new.json", "run.json"} {
		if err := os.WriteFile(file, littleRecorded(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// exampleTests hold the words of each example to what it does. Where the
// example itself is not run, why says the reason.
var exampleTests = map[example]struct {
	why  string
	hold func(t *testing.T, command string)
}{
	{"teapot worker --cluster nats://localhost:4222", "run tasks, one for each CPU at a time"}: {
		"no server is at that port", worksOn(runtime.GOMAXPROCS(0)),
	},
	{"teapot worker --cluster nats://localhost:4222 --slots 20", "run 20 tasks at a time"}: {
		"no server is at that port", worksOn(20),
	},
	{"teapot worker --cluster tls://nats.example.com:4222 --runs 1", "end after one run"}: {
		"no server is there", worksOn(runtime.GOMAXPROCS(0)),
	},

	{"teapot hunt scenarios", "1000 worlds of each run"}: {
		"takes a minute: three worlds of each", func(t *testing.T, command string) {
			holds("little/pool/2: 3 worlds in ")(t, command+" --seeds 3")
		},
	},
	{"teapot hunt scenarios --for 5m --keep-going", "for five minutes each, one world of each kind of failure"}: {
		"takes as long: a moment of each", func(t *testing.T, command string) {
			holds("little/pool/2: ")(t, strings.Replace(command, "5m", "1s", 1))
		},
	},
	{"teapot hunt scenarios/little.yaml --out hunt.html", "the smallest worlds, in charts"}: {
		"takes a minute: three worlds of each", func(t *testing.T, command string) {
			holdsFiles("hunt.html")(t, command+" --seeds 3")
		},
	},
	{"teapot flags", "twenty flags from LOCAL, into downloaded/"}: {"", func(t *testing.T, command string) {
		stdout := example{command: command + " --port " + freePort(t)}.run(t, cli.StatusHolds)
		if !strings.HasPrefix(stdout, "LOCAL: ") || !strings.Contains(stdout, "\n20 flags downloaded.\n") ||
			len(saved(t, "downloaded")) != 20 {
			t.Errorf("not twenty flags:\n%s", stdout)
		}
	}},
	{"teapot flags -s delay a b c --timeout 6.1s", "78 requests that take their time"}: {
		"takes 10 seconds: its scenario is run under the virtual clock", func(t *testing.T, command string) {
			rec := virtually(t, command)
			if rec.Outcomes[record.OutcomeOK] != 43 || rec.Outcomes[record.OutcomeNotFound] != 35 ||
				len(rec.Samples) != 78 || rec.Percentiles["p50"] < time.Second {
				t.Errorf("%v, half of them within %v", rec.Outcomes, rec.Percentiles["p50"])
			}
		},
	},
	{"teapot flags -s error -al 100 -m 100 --timeout 6s", "a hundred at once, of which about a quarter fails"}: {
		"takes 5 seconds: its scenario is run under the virtual clock", func(t *testing.T, command string) {
			rec := virtually(t, command)
			if n := rec.Classes[record.Status]; n < 20 || n > 30 || rec.Classes[record.OK] != 100-n ||
				rec.Makespan > 5*time.Second || rec.Workers != 100 {
				t.Errorf("%v, %v on %d", rec.Classes, rec.Makespan, rec.Workers)
			}
		},
	},
	{"teapot flags -s delay --executor sequential -v", "one after another"}: {
		"takes 40 seconds: its scenario is run under the virtual clock", func(t *testing.T, command string) {
			rec := virtually(t, command)
			for i, s := range rec.Samples {
				if i > 0 && s.Started < rec.Samples[i-1].Finished {
					t.Errorf("%s starts before the end of the one before", s.Key)
				}
			}
			if len(rec.Samples) != 20 {
				t.Errorf("%d requests", len(rec.Samples))
			}
		},
	},
	{"teapot flags br cn id in us -m 3 --futures", "what becomes of five futures on three workers"}: {
		"", func(t *testing.T, command string) {
			stdout := example{command: command + " --port " + freePort(t)}.run(t, cli.StatusHolds)
			if strings.Count(stdout, " scheduled: <Future ") != 5 || strings.Count(stdout,
				" done: <Future finished>, result: OK") != 5 || !strings.Contains(stdout, "\n3 concurrent") {
				t.Errorf("not five futures on three workers:\n%s", stdout)
			}
		},
	},
	{"teapot flags -s delay -e -m 676 --report e.html", "all pairs at once, and a report"}: {
		"takes 3 seconds: its scenario is run under the virtual clock", func(t *testing.T, command string) {
			command, report, _ := strings.Cut(command, " --report ")
			rec := virtually(t, command, "--report", report)
			if n := len(rec.Samples); n != 676 || slices.ContainsFunc(rec.Samples,
				func(s record.Sample) bool { return s.Started > 0 }) {
				t.Errorf("%d requests, not all at once", n)
			}
			if _, err := os.Stat(report); err != nil {
				t.Error(err)
			}
		},
	},

	{"teapot primes", "twenty numbers on all CPUs"}: {
		"", holdsPrimes(fmt.Sprintf("20 numbers, %d at a time", runtime.GOMAXPROCS(0)), 20),
	},
	{"teapot primes 1 --as-completed", "one at a time"}: {"", holdsPrimes("20 numbers, 1 at a time", 20)},
	{"teapot primes 2 9999999999999917 97", "two numbers of your own, both at once"}: {
		"", holdsPrimes("2 numbers, 2 at a time", 2),
	},

	{"teapot loiter", "five tasks on three workers, in 5 seconds"}: {inVirtualTime, holds("\n5 tasks in 5s,")},
	{"teapot loiter --clock virtual", "the same at once"}:          {"", holds("\n5 tasks in 5s,")},
	{"teapot loiter --executor sequential", "one after another, in 10 seconds"}: {
		inVirtualTime, holds("\n5 tasks in 10s,"),
	},
	{"teapot loiter 3 1 1 --as-completed", "the slow one comes last"}: {
		inVirtualTime, holds("gives 10\n", "gives 10\n", "gives 30\n"),
	},

	{"teapot serve", "the three servers, at ports 8000, 8001 and 8002"}: {
		"these ports may be in use", func(t *testing.T, command string) {
			urls, stop := serving(t, words(command + " --port 0")[1:]...)
			stop()
			help := example{command: "teapot serve --help"}.run(t, cli.StatusHolds)
			defaults := "8000 for LOCAL, 8001 for DELAY and 8002 for ERROR"
			if len(urls) != 3 || !strings.Contains(strings.Join(strings.Fields(help), " "), defaults) {
				t.Errorf("%d servers", len(urls))
			}
		},
	},
	{"teapot serve -v delay --port 9000", "one of them, and a line for each request"}: {
		"that port may be in use, and DELAY waits", func(t *testing.T, command string) {
			urls, stop := serving(t, words(command + " --port 0 --latency 0s")[1:]...)
			for range 3 {
				fetch(t, urls[0]+"/flags/br/br.gif")
			}
			if _, stdout, _ := stop(); len(urls) != 1 || strings.Count(stdout, "\nDELAY BR attempt ") != 3 {
				t.Errorf("%q:\n%s", urls, stdout)
			}
		},
	},
	{"teapot serve error --error-rate 0.5 --status 503", "about half of the requests fail"}: {
		"its port may be in use, and ERROR waits", func(t *testing.T, command string) {
			urls, stop := serving(t, words(command + " --port 0 --latency 0s")[1:]...)
			failed := 0
			for range 100 {
				if status, _ := fetch(t, urls[0]+"/flags/br/br.gif"); status == http.StatusServiceUnavailable {
					failed++
				}
			}
			if stop(); failed < 35 || failed > 65 {
				t.Errorf("%d of 100 requests fail", failed)
			}
		},
	},
	{"teapot serve local --directory public --protocol https", "a folder, over TLS"}: {
		"its port may be in use", func(t *testing.T, command string) {
			urls, stop := serving(t, words(command + " --port 0")[1:]...)
			defer stop()
			client := &http.Client{Transport: &http.Transport{
				TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, // its certificate is made for this run
			}}
			defer client.CloseIdleConnections()
			resp, err := client.Get(urls[0] + "/tea.txt")
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if text, err := io.ReadAll(resp.Body); err != nil || string(text) != "green" {
				t.Errorf("got %q, %v", text, err)
			}
		},
	},
	{"teapot serve --scenario scenarios/faults.yaml", "what a scenario's client meets"}: {
		"its port may be in use", func(t *testing.T, command string) {
			urls, stop := serving(t, words(command + " --port 0")[1:]...)
			status, _ := fetch(t, urls[0]+"/flags/br/br.gif")
			if stop(); status != http.StatusTeapot { // every request meets that fault
				t.Errorf("got %d", status)
			}
		},
	},
	{"teapot load http://127.0.0.1:3000/items --rate 200/s --for 30s", "two hundred requests a second"}: {
		"no service is at that port, and it takes 30 seconds", holdsLoad(cli.StatusHolds, 50),
	},
	{
		"teapot load http://127.0.0.1:3000/items --p99 '<=200ms' --errors '<=1%'",
		"exit status 1 if it is slower, or fails",
	}: {"no service is at that port", func(t *testing.T, command string) {
		holdsLoad(cli.StatusHolds, 3)(t, strings.Replace(command, "200ms", "30s", 1))
		holdsLoad(cli.StatusViolated, 3)(t, strings.Replace(command, "200ms", "1ns", 1))
	}},
	{"teapot load http://127.0.0.1:3000 --keys paths.txt --poisson", "many paths, at times drawn from a seed"}: {
		"no service is at that port", holdsLoad(cli.StatusHolds, 0),
	},
	{"teapot load http://127.0.0.1:3000/items --rate 200/s --yaml", "print the scenario, to go on from there"}: {
		"", holds("upstream: \"http://127.0.0.1:3000\"", "keys: [\"/items\"]", "{rate: 200/s, for: 10s}"),
	},

	{"teapot proxy http://127.0.0.1:3000", "pass everything on"}: {
		"its port may be in use, and no service is at that one", func(t *testing.T, command string) {
			url, stop := proxied(t, command)
			for range 3 {
				if status, body := fetch(t, url+"/items?page=3"); status != http.StatusOK || body != "/items?page=3" {
					t.Errorf("got %d %q", status, body)
				}
			}
			stop()
		},
	},
	{"teapot proxy http://127.0.0.1:3000 --latency 300ms --error-rate 0.1", "late, and one request in ten fails"}: {
		"the same", func(t *testing.T, command string) {
			url, stop := proxied(t, strings.Replace(command, "300ms", "1us", 1))
			failed := 0
			for range 200 {
				if status, _ := fetch(t, url+"/items"); status == http.StatusServiceUnavailable {
					failed++
				}
			}
			if stop(); failed < 5 || failed > 40 {
				t.Errorf("%d of 200 requests fail", failed)
			}
		},
	},
	{
		"teapot proxy http://127.0.0.1:3000 --scenario scenarios/faults.yaml -v",
		"all that a scenario has, and a line for each request",
	}: {
		"the same", func(t *testing.T, command string) {
			url, stop := proxied(t, command)
			status, _ := fetch(t, url+"/items")
			if stdout := stop(); status != http.StatusTeapot || !strings.Contains(stdout, "\nPROXY /items attempt 1") {
				t.Errorf("got %d\n%s", status, stdout)
			}
		},
	},
	{"teapot serve error --admin 9000 --report seen.html", "judge what a client tells"}: {
		"its ports may be in use, and ERROR waits", func(t *testing.T, command string) {
			args := words(strings.Replace(command, "9000", "0", 1) + " --port 0 --latency 0s --timeout 1m")
			urls, stop := serving(t, args[1:]...)
			status, body := fetch(t, urls[0]+"/flags/br/br.gif")
			telling(t, urls[1], `{"key": "BR", "status": %d, "bytes": %d}`, status, len(body))
			if code, stdout, stderr := stop(); code != cli.StatusHolds {
				t.Errorf("status %d\n%s%s", code, stdout, stderr)
			}
			if page, err := os.ReadFile("seen.html"); err != nil || !strings.Contains(string(page), "BR") {
				t.Errorf("the page: %v, %d bytes", err, len(page))
			}
		},
	},
	{`curl http://localhost:9000/seen --json '{"key": "BR", "status": 200, "bytes": 4452}'`, ""}: {
		"no server is at that port", func(t *testing.T, command string) {
			urls, stop := serving(t, "local", "--port", "0", "--admin", "0")
			fetch(t, urls[0]+"/flags/br/br.gif")
			_, report, _ := strings.Cut(command, "--json ")
			telling(t, urls[1], "%s", strings.Trim(report, "'"))
			if v := verdictOf(t, urls[1]); v.Verdict != "ok" {
				t.Errorf("got %+v", v)
			}
			stop()
		},
	},
	{"curl http://localhost:8000/flags/br/br.gif --output br.gif", ""}: {
		"no server is at that port", func(t *testing.T, command string) {
			urls, stop := serving(t, "local", "--port", "0")
			defer stop()
			want, _ := flags.GIF("BR")
			path := strings.TrimPrefix(words(command)[0], "http://localhost:8000")
			if status, body := fetch(t, urls[0]+path); status != http.StatusOK || body != string(want) {
				t.Errorf("got %d and %d bytes", status, len(body))
			}
		},
	},

	{"teapot run scenarios --repeat 20 --json old.json", "then the new build, into new.json"}: {
		"", func(t *testing.T, command string) {
			example{command: command}.run(t, cli.StatusHolds)
			example{command: strings.Replace(command, "old", "new", 1)}.run(t, cli.StatusHolds)
			if n := len(recordings(t, "new.json")); n != 3+1+20 {
				t.Errorf("%d recordings, want 4 under the virtual clock and 20 under the real one", n)
			}
		},
	},
	{
		"teapot compare old.json new.json",
		"exit status 1 if anything is worse, or has no data, and 3 if a run is invalid",
	}: {
		"", func(t *testing.T, command string) {
			recorded := func(file string, args ...string) {
				args = append([]string{"run", "scenarios/little.yaml", "--report=", "--json", file}, args...)
				if status, _, stderr := teapot(t, args...); status != cli.StatusHolds {
					t.Fatal(stderr)
				}
			}
			recorded("old.json")
			edit(t, "old.json", "new.json", func(r *record.Recording) { endAt(r, r.Makespan+1) })
			example{command: command}.run(t, cli.StatusViolated)
			recorded("new.json", "--seed", "2")
			if stdout := (example{command: command}).run(t, cli.StatusViolated); !strings.Contains(stdout, "no data") {
				t.Error(stdout)
			}
			recorded("new.json")
			example{command: command}.run(t, cli.StatusHolds)
		},
	},
	{"teapot compare old.json new.json --format markdown", "for a pull request"}: {"", holds("\n| ")},
	{"teapot compare old.json new.json --out changes.html", "a page"}:            {"", holdsFiles("changes.html")},
	{"teapot run scenarios --json history/1.json", "then one recording for each commit"}: {
		"", func(t *testing.T, command string) {
			if err := os.MkdirAll("history", 0o755); err != nil {
				t.Fatal(err)
			}
			example{command: command}.run(t, cli.StatusHolds)
			recordings(t, "history/1.json")
		},
	},
	{
		"teapot trend history",
		"exit status 1 if anything became worse and was not made good, 3 if there are too few recordings",
	}: {"", func(t *testing.T, command string) {
		inHistory(t, 40, func(i int) float64 { return 1 + 0.2*float64(i/20) })
		example{command: command}.run(t, cli.StatusViolated)
		inHistory(t, 3, calm)
		example{command: command}.run(t, cli.StatusUnknown)
	}},
	{"teapot trend history --out trend.html", "a page"}: {"", func(t *testing.T, command string) {
		inHistory(t, 40, calm)
		holdsFiles("trend.html")(t, command)
	}},
	{"teapot trend history --last 100", "of the last hundred recordings"}: {"", func(t *testing.T, command string) {
		inHistory(t, 110, calm)
		holds("\n100 recordings, ")(t, command)
	}},
	{"teapot init", "scenarios/, and a workflow for GitHub"}: {
		"", holds("wrote scenarios/first.yaml\n", "wrote .github/workflows/teapot.yml\n"),
	},
	{"teapot init load --ci gitlab", "another folder, and a pipeline for GitLab"}: {
		"", holds("wrote load/first.yaml\n", "wrote .gitlab-ci.yml\n"),
	},
	{"teapot learn access.log > learned.yaml", "from an access log"}: {
		"a shell has to read it", func(t *testing.T, command string) {
			learns(t, "access.log", strings.Repeat(loggedLine("/a", "0.011"), 3))
			command, _, _ = strings.Cut(command, " > ")
			source := example{command: command}.run(t, cli.StatusHolds)
			if err := os.WriteFile("learned.yaml", []byte(source), 0o644); err != nil {
				t.Fatal(err)
			}
			example{command: "teapot run learned.yaml --report="}.run(t, cli.StatusHolds)
		},
	},
	{"teapot learn access.log.1.gz --routes 5", "tell five routes apart"}: {"", func(t *testing.T, command string) {
		var zipped bytes.Buffer
		w := gzip.NewWriter(&zipped)
		for i := range 7 {
			fmt.Fprint(w, loggedLine(fmt.Sprintf("/%c", 'a'+i), "0.011"))
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		learns(t, "access.log.1.gz", zipped.String())
		if stdout := (example{command: command}).run(t, cli.StatusHolds); strings.Count(stdout, "- keys: ") != 5 {
			t.Errorf("not five routes:\n%s", stdout)
		}
	}},
	{"teapot learn apache.log --fields time=2 --unit ms", "the second field after the user agent, in milliseconds"}: {
		"", func(t *testing.T, command string) {
			learns(t, "apache.log", loggedLine("/a", "900 12"))
			holds("field 2, in milliseconds.", "1 request, p50 12ms")(t, command)
		},
	},
	{"teapot learn app.jsonl --fields time=took --unit ms", "from JSON lines, with a field of your own"}: {
		"", func(t *testing.T, command string) {
			learns(t, "app.jsonl", `{"method":"GET","path":"/a","status":503,"took":12}`)
			holds("1 request of the JSON lines, by took, in milliseconds.", "p50 12ms", "answered 503")(t, command)
		},
	},
	{"teapot learn site.har --host shop.example", "one host of what a browser has recorded"}: {
		"", func(t *testing.T, command string) {
			const entry = `{"request":{"method":"GET","url":"https://%s/%s"},"time":12,"response":{"status":200}}`
			learns(t, "site.har", `{"log":{"entries":[`+fmt.Sprintf(entry, "shop.example", "a")+","+
				fmt.Sprintf(entry, "cdn.example", "b")+","+fmt.Sprintf(entry, "cdn.example", "c")+`]}}`)
			holds("1 request of the HAR file", "They went to shop.example.", `keys: ["GET /a"]`)(t, command)
		},
	},
	{"teapot learn - --tasks 500", "from the standard input, with a larger workload"}: {
		"", func(t *testing.T, command string) {
			log := strings.Repeat(loggedLine("/a", "0.011"), 600)
			status, stdout, stderr := teapotReading(t, log, words(command)...)
			if status != cli.StatusHolds || strings.Count(stdout, `"/a"`) != 500+1 { // and the route
				t.Errorf("status %d, %s\n%s", status, stderr, stdout)
			}
		},
	},
	{"teapot trace access.log > arrivals.csv", "from an access log, Combined or Common"}: {
		"a shell has to read it", func(t *testing.T, command string) {
			learns(t, "access.log", loggedLine("/a", "0.011")+loggedLine("/b", ""))
			command, _, _ = strings.Cut(command, " > ")
			holds("at,key\n0,/a\n0,/b\n")(t, command)
		},
	},
	{"teapot trace access.log.1.gz access.log -o arrivals.csv", "from two files, of which one is compressed"}: {
		"", func(t *testing.T, command string) {
			learns(t, "access.log", strings.Replace(loggedLine("/b", ""), "01:02:03", "01:02:04", 1))
			var zipped bytes.Buffer
			w := gzip.NewWriter(&zipped)
			fmt.Fprint(w, loggedLine("/a", ""))
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			learns(t, "access.log.1.gz", zipped.String())
			example{command: command}.run(t, cli.StatusHolds)
			if text, err := os.ReadFile("arrivals.csv"); err != nil || string(text) != "at,key\n0,/a\n1,/b\n" {
				t.Errorf("got %q, %v", text, err)
			}
		},
	},
	{"teapot trace site.har --host shop.example --speed 2x", "one host of a HAR file, twice as fast"}: {
		"", func(t *testing.T, command string) {
			const entry = `{"startedDateTime":"2026-11-29T01:02:0%dZ","request":{"url":"https://%s.example/%[1]d"}}`
			learns(t, "site.har", `{"log":{"entries":[`+fmt.Sprintf(entry, 3, "shop")+","+
				fmt.Sprintf(entry, 4, "cdn")+","+fmt.Sprintf(entry, 6, "shop")+`]}}`)
			holds("at,key\n0,/3\n1.5,/6\n")(t, command)
		},
	},
	{"teapot trace app.jsonl --time received --key route", "from JSON lines, with fields of your own"}: {
		"", func(t *testing.T, command string) {
			learns(t, "app.jsonl", `{"received":0.25,"route":"/a"}`+"\n"+`{"received":"1s","route":"/b"}`)
			holds("at,key\n0.25,/a\n1,/b\n")(t, command)
		},
	},
	{"teapot trace - --from 10m --until 20m", "ten minutes of the standard input"}: {
		"", func(t *testing.T, command string) {
			status, stdout, stderr := teapotReading(t, "0,a\n600,b\n900,c\n1200,d\n", words(command)...)
			if status != cli.StatusHolds || stdout != "at,key\n0,b\n300,c\n" ||
				!strings.Contains(stderr, "2 requests in the trace; left out: 2 are outside --from and --until") {
				t.Errorf("status %d, %q\n%s", status, stdout, stderr)
			}
		},
	},
	{"teapot init --plain", "a test that needs no Ginkgo"}: {"", func(t *testing.T, command string) {
		if err := os.WriteFile("go.mod", []byte("module example.com/mine\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		example{command: command}.run(t, cli.StatusHolds)
		text, err := os.ReadFile("scenarios/scenarios_test.go")
		if err != nil || strings.Contains(string(text), "ginkgo") {
			t.Errorf("%v\n%s", err, text)
		}
	}},
	{"teapot explain", "all keys"}: {
		"", holds("name ", "\n  latency ", "\nexpect "),
	},
	{"teapot explain server.faults.kind", "what it means, what it takes, and an example"}: {
		"", holds("kind is what goes wrong", "\n  takes ", "\n  example "),
	},
	{"teapot explain retry_after", "every key of that name"}: {
		"", holds("server.faults.retry_after\n", "\nserver.capacity.retry_after\n", "\nworkload.retry.retry_after\n"),
	},
	{"teapot explain --schema > scenario.json", "for an editor that reads JSON Schema"}: {
		"a shell has to read it", func(t *testing.T, command string) {
			command, _, _ = strings.Cut(command, " > ")
			holds(`"$schema": `, `"properties": `)(t, command)
		},
	},
	{"teapot report old.json new.json", "a table of both on the terminal"}: {"", holds("\n6 runs, ")},
	{"teapot report run.json --out report.html", "the page"}:               {"", holdsFiles("report.html")},
	{"teapot report run.json --out junit.xml --out pr.md", "several at once"}: {
		"", holdsFiles("junit.xml", "pr.md"),
	},
	{"teapot report run*.json --format bench | benchstat /dev/stdin", ""}: {
		"a shell has to read it, and benchstat is another project's", func(t *testing.T, command string) {
			command, _, _ = strings.Cut(command, " | ")
			holds("\nBenchmark")(t, strings.Replace(command, "run*.json", "run.json old.json", 1))
		},
	},

	{"bash", "echo 'source <(teapot completion bash)' >> ~/.bashrc"}: {completed, holdsScript("bash")},
	{"zsh", "echo 'source <(teapot completion zsh)' >> ~/.zshrc        (below compinit)"}: {
		completed, holdsScript("zsh"),
	},
	{"fish", "teapot completion fish > ~/.config/fish/completions/teapot.fish"}: {completed, holdsScript("fish")},
}

const (
	inVirtualTime = "waits in real time: it is run under the virtual clock"
	completed     = "writes in the home folder: TestCompletion has the shells read what it prints"
)

// proxied runs the command of an example in front of a service that answers
// with what it was asked for.
func proxied(t *testing.T, command string) (url string, stop func() (stdout string)) {
	t.Helper()
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.RequestURI)
	}))
	t.Cleanup(service.Close)
	urls, end := listening(t, words(strings.Replace(command, "http://127.0.0.1:3000", service.URL, 1)+" --port 0")...)
	return urls[0], func() string {
		_, stdout, _ := end()
		return stdout
	}
}

// TestExamples runs every example of every help text, and holds the words
// beside it to what it does.
func TestExamples(t *testing.T) {
	seen := map[example]bool{}
	for _, command := range newParser(t.Context(), &cli.Console{Name: "teapot"}).Model.Leaves(true) {
		for _, e := range examplesOf(command.Detail) {
			if seen[e] {
				t.Errorf("%s: twice in the help texts", e.command)
			}
			seen[e] = true
			test, known := exampleTests[e]
			if !known {
				t.Errorf("teapot %s --help: no test runs this example: %q, %q", command.Name, e.command, e.words)
				continue
			}
			t.Run(e.command, func(t *testing.T) {
				if test.why != "" {
					t.Logf("not run as it stands: %s", test.why)
				}
				inExampleFolder(t)
				test.hold(t, e.command)
			})
		}
	}
	for e := range exampleTests {
		if !seen[e] {
			t.Errorf("%q, %q: no help text has this example", e.command, e.words)
		}
	}
}
