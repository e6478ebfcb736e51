package command

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/command/internal/cli"
)

// foreign runs a program of another project, which CI must have, and
// returns what it printed.
func foreign(t *testing.T, name string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("no %s in PATH", name)
		}
		t.Skipf("no %s in PATH", name)
	}
	out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput()
	if err != nil {
		t.Errorf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// counted is what the summary of a server says, by status.
func counted(t *testing.T, summary, server string) (requests int, by map[string]int) {
	t.Helper()
	by = map[string]int{}
	for line := range strings.Lines(summary) {
		if rest, ok := strings.CutPrefix(line, server+" "); ok && strings.Contains(rest, " bytes") {
			for _, m := range regexp.MustCompile(`(\d+) × (\w+)`).FindAllStringSubmatch(rest, -1) {
				n, _ := strconv.Atoi(m[1])
				by[m[2]] = n
				requests += n
			}
		}
	}
	return requests, by
}

// number finds the number that a pattern has in its parentheses, 0 if there is
// none.
func number(text, pattern string) int {
	m := regexp.MustCompile(pattern).FindStringSubmatch(text)
	if m == nil {
		return 0
	}
	n, _ := strconv.Atoi(m[1])
	return n
}

// askedBy runs a client against a server, and returns what the server says that
// it has done.
func askedBy(t *testing.T, server string, args []string, client func(url string)) (requests int, by map[string]int) {
	t.Helper()
	urls, stop := serving(t, append([]string{server, "--port", "0"}, args...)...)
	client(urls[0])
	status, stdout, stderr := stop()
	if status != cli.StatusHolds || stderr != "" {
		t.Errorf("status %d: %s", status, stderr)
	}
	return counted(t, stdout, strings.ToUpper(server))
}

// TestCurl wants of curl one connection for two requests, a HEAD, a range and a
// condition.
func TestCurl(t *testing.T) {
	_, by := askedBy(t, "local", nil, func(url string) {
		flag := url + "/flags/br/br.gif"
		say := []string{"-s", "-S", "-o", os.DevNull, "-w", "%{http_code} %{size_download} %{num_connects};"}
		etag := regexp.MustCompile(`(?i)etag: (\S+)`).FindStringSubmatch(foreign(t, "curl", "-s", "-S", "-I", flag))[1]
		for want, args := range map[string][]string{
			"200 4452 1;200 4452 0;": {"-o", os.DevNull, flag, flag},
			"206 10 1;":              {"-r", "0-9", flag},
			"304 0 1;":               {"-H", "If-None-Match: " + etag, flag},
		} {
			if got := foreign(t, "curl", append(say, args...)...); got != want {
				t.Errorf("curl %v: got %q, want %q", args, got, want)
			}
		}
	})
	if want := map[string]int{"200": 3, "206": 1, "304": 1}; fmt.Sprint(by) != fmt.Sprint(want) {
		t.Errorf("the server has counted %v, want %v", by, want)
	}
}

// TestWget has wget follow the links to every flag.
func TestWget(t *testing.T) {
	dir, pictures := t.TempDir(), 0
	askedBy(t, "local", nil, func(url string) { foreign(t, "wget", "-q", "-r", "-np", "-P", dir, url+"/flags/") })
	_ = filepath.WalkDir(dir, func(path string, _ fs.DirEntry, _ error) error {
		if filepath.Ext(path) == ".gif" {
			pictures++
		}
		return nil
	})
	if pictures != 194 {
		t.Errorf("got %d flags, want 194", pictures)
	}
}

// TestLoadTools has load tools count failures, and the server count them.
func TestLoadTools(t *testing.T) {
	const flag = "/flags/br/br.gif"
	quick := []string{"--latency", "0s"}
	t.Run("ab", func(t *testing.T) {
		var out string
		_, by := askedBy(t, "error", quick, func(url string) {
			out = foreign(t, "ab", "-q", "-k", "-n", "1000", "-c",
				"50", url+flag)
		})
		if got := number(out, `Non-2xx responses: +(\d+)`); got != by["418"] || by["200"]+by["418"] != 1000 ||
			got < 150 || got > 350 {
			t.Errorf("ab has seen %d failures, the server %v", got, by)
		}
	})
	t.Run("h2load", func(t *testing.T) {
		var out string
		_, by := askedBy(t, "error", append(quick, "--protocol", "h2c"), func(url string) {
			out = foreign(t, "h2load", "-n", "1000", "-c", "10", "-m", "10", url+flag)
		})
		if ok, failed := number(out, `status codes: (\d+) 2xx`), number(out, `(\d+) 4xx`); ok != by["200"] ||
			failed != by["418"] || ok+failed != 1000 {
			t.Errorf("h2load has seen %d and %d, the server %v", ok, failed, by)
		}
	})
	t.Run("wrk", func(t *testing.T) { // which leaves the last request of each connection unanswered
		var out string
		requests, by := askedBy(t, "error", quick, func(url string) {
			out = foreign(t, "wrk", "-c", "10", "-t", "2",
				"-d", "1s", url+flag)
		})
		seen, failed := number(out, `(\d+) requests in`), number(out, `Non-2xx or 3xx responses: (\d+)`)
		if requests < seen || requests > seen+10 || by["418"] < failed || by["418"] > failed+10 || seen == 0 {
			t.Errorf("wrk has seen %d requests and %d failures, the server %d and %v", seen, failed, requests, by)
		}
	})
}

// A hundred at once, by Python's own client and by httpx. Both print how often
// they have seen which status.
const (
	pythonClient = `
import collections, http.client, sys, threading
host, seen, lock = sys.argv[1].split("//")[1], collections.Counter(), threading.Lock()
def ask():
    c = http.client.HTTPConnection(host)
    for _ in range(5):
        c.request("GET", "/flags/br/br.gif")
        r = c.getresponse()
        r.read()
        with lock: seen[r.status] += 1
    c.close()
threads = [threading.Thread(target=ask) for _ in range(100)]
for t in threads: t.start()
for t in threads: t.join()
print(seen[200], seen[418])
`
	httpxClient = `
import asyncio, collections, sys, httpx
async def main():
    async with httpx.AsyncClient(timeout=60) as client:
        answers = await asyncio.gather(*(client.get(sys.argv[1] + "/flags/br/br.gif") for _ in range(100)))
    seen = collections.Counter(a.status_code for a in answers)
    print(seen[200], seen[418])
asyncio.run(main())
`
)

func TestPython(t *testing.T) {
	for name, program := range map[string]string{"http.client": pythonClient, "httpx": httpxClient} {
		t.Run(name, func(t *testing.T) {
			python := "python3"
			if _, err := os.Stat("/usr/bin/python3"); err == nil {
				python = "/usr/bin/python3" // Debian's, which has Debian's packages
			}
			if err := exec.Command(python, "-c", "import "+name).Run(); err != nil && os.Getenv("CI") == "" {
				t.Skipf("no %s for Python", name)
			}
			var out string
			_, by := askedBy(t, "error", []string{"--latency", "uniform(1ms, 20ms)"},
				func(url string) { out = foreign(t, python, "-c", program, url) })
			if want := fmt.Sprintf("%d %d\n", by["200"], by["418"]); out != want || by["200"] == 0 || by["418"] == 0 {
				t.Errorf("it has seen %q, the server %q", out, want)
			}
		})
	}
}
