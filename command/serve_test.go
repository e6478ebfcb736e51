package command

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/teapot-go/teapot/command/internal/cli"
	"go.uber.org/goleak"
)

// serving runs teapot serve until stop is called, which returns what it has
// printed and its exit status. urls are those that it has printed before it was
// ready.
func serving(t *testing.T, args ...string) (urls []string, stop func() (status int, stdout, stderr string)) {
	t.Helper()
	return listening(t, append([]string{"serve"}, args...)...)
}

// listening runs a command that serves until it is stopped.
func listening(t *testing.T, args ...string) (urls []string, stop func() (status int, stdout, stderr string)) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	from, to := io.Pipe()
	var ended sync.WaitGroup
	var status int
	var errors strings.Builder
	ended.Go(func() {
		defer to.Close()
		status = calling(ctx, args, strings.NewReader(""), to, &errors)
	})
	lines := bufio.NewReader(from)
	var out strings.Builder
	for {
		line, err := lines.ReadString('\n')
		out.WriteString(line)
		urls = append(urls, regexp.MustCompile(`https?://[^\s/]*`).FindAllString(line, -1)...)
		if err != nil || strings.HasPrefix(line, "Ctrl-C") {
			break
		}
	}
	var rest sync.WaitGroup
	rest.Go(func() { _, _ = lines.WriteTo(&out) })
	return urls, func() (int, string, string) {
		cancel()
		ended.Wait()
		rest.Wait()
		return status, out.String(), errors.String()
	}
}

func fetch(t *testing.T, url string) (status int, body string) {
	t.Helper()
	resp, err := http.Get(url)
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

// TestServe asks the three servers for flags, and their admins for what they
// have done.
func TestServe(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	defer http.DefaultClient.CloseIdleConnections()
	urls, stop := serving(t, "--port", "0", "--latency", "1ms", "--error-rate", "0.5", "--status", "503",
		"--admin", "0", "-v")
	if len(urls) != 9 {
		t.Fatalf("got %q", urls)
	}
	statuses := map[int]int{}
	for range 40 {
		status, _ := fetch(t, urls[6]+"/flags/br/br.gif")
		statuses[status]++
	}
	if len(statuses) != 2 || statuses[200] < 8 || statuses[503] < 8 {
		t.Errorf("half of the requests to ERROR should fail: got %v", statuses)
	}
	for i, path := range map[int]string{0: "/flags/br/br.gif", 3: "/flags/", 1: "/metrics", 8: "/journal"} {
		if status, body := fetch(t, urls[i]+path); status != http.StatusOK || body == "" {
			t.Errorf("%s: got %d", path, status)
		}
	}
	status, stdout, stderr := stop()
	if status != cli.StatusHolds || stderr != "" {
		t.Errorf("status %d: %s", status, stderr)
	}
	for _, want := range []string{
		"LOCAL BR attempt 1: 200, ", "ERROR BR attempt 40: ", "waits 1ms, fails 50 % with 503 Service Unavailable",
		fmt.Sprintf("%d × 503", statuses[503]), "42 requests in ",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("no %q in\n%s", want, stdout)
		}
	}
}

func TestServeDirectory(t *testing.T) {
	inFolder(t, map[string]string{
		"public/index.html": "tea", "secret": "no", "public/.git/config": "secret", "public/.env": "secret",
		"public/.well-known/tea": "green", "public/sub/a": "a", "public/sub/.a": "a", "public/sub/.b/c": "c",
	})
	urls, stop := serving(t, "local", "--port", "0", "--directory", "public", "--dot-files")
	for _, path := range []string{"/.git/config", "/.env", "/sub/.a", "/.well-known/tea"} {
		if status, body := fetch(t, urls[0]+path); status != http.StatusOK || body == "" {
			t.Errorf("--dot-files: %s: got %d", path, status)
		}
	}
	stop()
	urls, stop = serving(t, "local", "--port", "0", "--directory", "public")
	for _, path := range []string{
		"/.git/config", "/.git/", "/.git", "/.env", "/sub/.a", "/sub/.b/c", "/%2egit/config",
	} {
		if status, _ := fetch(t, urls[0]+path); status != http.StatusNotFound {
			t.Errorf("%s: got %d, want 404", path, status)
		}
	}
	if status, body := fetch(t, urls[0]+"/.well-known/tea"); status != http.StatusOK || body != "green" {
		t.Errorf("got %d, %q", status, body)
	}
	if status, body := fetch(t, urls[0]+"/sub/"); status != http.StatusOK || strings.Contains(body, ">.") ||
		!strings.Contains(body, ">a<") {
		t.Errorf("got %d, %q", status, body)
	}
	stop()
	urls, stop = serving(t, "local", "--port", "0", "--directory", "public")
	if status, body := fetch(t, urls[0]+"/"); status != http.StatusOK || body != "tea" {
		t.Errorf("got %d, %q", status, body)
	}
	if status, _ := fetch(t, urls[0]+"/..%2fsecret"); status != http.StatusNotFound {
		t.Errorf("got %d for a file outside", status)
	}
	if status, stdout, stderr := stop(); status != cli.StatusHolds || !strings.Contains(stdout, "1 × 200, 1 × 404") {
		t.Errorf("status %d: %s%s", status, stdout, stderr)
	}
}

// TestServedNames asks servers at a loopback address, and at all addresses, for
// hosts of several names.
func TestServedNames(t *testing.T) {
	inFolder(t, map[string]string{"public/index.html": "tea"})
	service := httptest.NewServer(http.NotFoundHandler())
	defer service.Close()
	for _, tt := range []struct {
		args    []string
		refused map[string]bool
		said    string
	}{
		{
			[]string{"serve", "local", "--directory", "public"},
			map[string]bool{"": false, "localhost:80": false, "tea.test": true, "127.0.0.1.tea.test": true},
			"",
		},
		{[]string{"serve", "local", "--bind", "localhost"}, map[string]bool{"[::1]": false, "tea.test": true}, ""},
		{[]string{"serve", "local", "--protocol", "h2"}, map[string]bool{"": false, "tea.test": true}, ""},
		{
			[]string{"serve", "local", "--allow-host", "tea.test", "--allow-host", "fd00::1"},
			map[string]bool{"tea.test:80": false, "[fd00::1]": false, "localhost": false, "evil.test": true},
			"",
		},
		{[]string{"proxy", service.URL}, map[string]bool{"": false, "tea.test": true}, ""},
		{[]string{"proxy", service.URL, "--allow-host", "tea.test"}, map[string]bool{"tea.test": false}, ""},
		{
			[]string{"serve", "local", "--bind", "0.0.0.0", "--directory", "public"},
			map[string]bool{"localhost": false, "tea.test": false, "192.0.2.1": false},
			"every machine that can reach this one can use this server, and read the files of public",
		},
		{
			[]string{"proxy", service.URL, "--bind", "0.0.0.0"},
			map[string]bool{"tea.test": false},
			"can use this proxy, and through it " + service.URL,
		},
	} {
		urls, stop := listening(t, append(tt.args, "--port", "0")...)
		for host, refused := range tt.refused {
			client := &http.Client{Transport: &http.Transport{
				TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true,
			}}
			r, err := http.NewRequest(http.MethodGet, urls[0]+"/", nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Host = host
			resp, err := client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			client.CloseIdleConnections()
			if got := resp.StatusCode == http.StatusForbidden; got != refused {
				t.Errorf("teapot %s: a request for %q: got %d, want refused %v", tt.args, host, resp.StatusCode,
					refused)
			}
		}
		if _, stdout, stderr := stop(); stderr != "" || !strings.Contains(stdout, tt.said) ||
			tt.said == "" && strings.Contains(stdout, "--bind") {
			t.Errorf("teapot %s: no %q in\n%s%s", tt.args, tt.said, stdout, stderr)
		}
	}
}

func TestServeScenario(t *testing.T) {
	inFolder(t, map[string]string{"little.yaml": strings.NewReplacer("uniform(1s, 2s)", "1ms",
		"rate: 0.3}, {kind: reset, from: 1ns, until: 2ns}", "rate: 1}").Replace(scenario)})
	urls, stop := serving(t, "--scenario", "little.yaml", "--port", "0")
	if status, _ := fetch(t, urls[0]+"/flags/br/br.gif"); status != http.StatusTeapot {
		t.Errorf("got %d", status)
	}
	if status, stdout, stderr := stop(); status != cli.StatusHolds || !strings.Contains(stdout, "little  http://") ||
		!strings.Contains(stdout, "1 × 418") {
		t.Errorf("status %d: %s%s", status, stdout, stderr)
	}
}

// TestServeUnread ends when its output is not read, without a word.
func TestServeUnread(t *testing.T) {
	var stderr strings.Builder
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer write.Close()
	read.Close()
	if status := calling(t.Context(), []string{"serve", "--port", "0"}, strings.NewReader(""), write,
		&stderr); status != cli.StatusHolds || stderr.String() != "" {
		t.Errorf("status %d: %s", status, stderr.String())
	}
	full := writerFunc(func([]byte) (int, error) { return 0, errors.New("no space left") })
	if status := calling(t.Context(), []string{"serve", "--port", "0"}, strings.NewReader(""), full,
		&stderr); status != cli.StatusBadInput || !strings.Contains(stderr.String(), "no space left") {
		t.Errorf("status %d: %s", status, stderr.String())
	}
}

func TestBadServe(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, port, _ := net.SplitHostPort(taken.Addr().String())
	inFolder(t, map[string]string{
		"idle.yaml": "name: idle\nworkload: {task: loiter, keys: [1]}\nexecutors: [{kind: " +
			"sequential}]\n", "file": "", "empty.yaml": "name: empty\n", "typo.yaml": "server: {latency: tea}\n",
		"alone.yaml": "server: {key: path}\n",
		"every.yaml": "server: {faults: [{kind: status, status: 503, every: 3}]}\n",
	})
	for _, tt := range []struct {
		args string
		want []string
	}{
		{"local --port " + port, []string{"port " + port + " is in use", "--port"}},
		{"local --port 0 --admin " + port, []string{"port " + port + " is in use", "--admin"}},
		{"tea DELAY delay", []string{"server tea: want LOCAL, DELAY, ERROR", "server delay: it is named twice"}},
		{"--error-rate 1.5 --status 200 --latency 2 --bind tea --port 70000 --admin 65535", []string{
			"--error-rate 1.5: want a share from 0 to 1", "--status 200: want 400 to 599",
			`--latency "2"`, "uniform(", "--bind tea",
			"127.0.0.1", "--port 70000", "--admin 65535",
		}},
		{"--error-rate NaN", []string{"--error-rate NaN"}},
		{"local --port 0 --bind 203.0.113.1", []string{"203.0.113.1:0 is not an address of this machine"}},
		{"local --port 0 --directory nowhere", []string{"--directory", "nowhere: no such file"}},
		{"local --port 0 --directory file", []string{"--directory", "file: not a directory"}},
		{"--scenario nowhere.yaml", []string{"nowhere.yaml", "no such file"}},
		{"--scenario idle.yaml", []string{"idle.yaml: it has no server"}},
		{"--scenario .", []string{"--scenario .: it is a folder: want the file of one scenario"}},
		{"--scenario empty.yaml", []string{"empty.yaml: it has no server"}},
		{"--scenario typo.yaml", []string{"typo.yaml:1:19", "want a duration"}},
		{"--scenario alone.yaml", []string{"server.key", "want server.content"}},
		{"--scenario every.yaml", []string{"every.yaml:1:47: server.faults[0].every: without a workload"}},
		{"local --scenario idle.yaml", []string{"no server beside it"}},
		{"--protocol spdy", []string{"--protocol", "h2c"}},
	} {
		status, stdout, stderr := teapot(t, append([]string{"serve"}, strings.Fields(tt.args)...)...)
		if status != cli.StatusBadInput || strings.Contains(stdout, "http://") {
			t.Errorf("teapot serve %s: status %d, %s", tt.args, status, stdout)
		}
		for _, want := range tt.want {
			if !strings.Contains(stderr, want) {
				t.Errorf("teapot serve %s: no %q in\n%s", tt.args, want, stderr)
			}
		}
	}
}
