package main

import (
	"cmp"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"unicode"

	"github.com/valyala/fasthttp"
)

// A client asks for a URL once.
type client struct {
	name    string
	version string
	get     func(ctx context.Context, url string) verdict
	http2   func(ctx context.Context, url string) verdict // nil if it does not speak HTTP/2 without TLS
}

// A verdict is what a client reported: the status and length of an answer that
// it took for complete, or else an error.
type verdict struct {
	status, bytes int
	text          string
}

func answered(status, bytes int) verdict {
	return verdict{status, bytes, fmt.Sprintf("%d, %d bytes", status, bytes)}
}

func failed(err string) verdict { return verdict{text: brief(err)} }

var (
	//go:embed scripts/http_client.py
	httpClient string
	//go:embed scripts/httpx_get.py
	httpx string
	//go:embed scripts/fetch.mjs
	fetch string
)

// known finds all clients.
func known() ([]client, error) {
	python, err := pythonWith("httpx")
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "clients")
	if err != nil {
		return nil, err
	}
	module := filepath.Join(dir, "fetch.mjs") // node takes a module from nowhere else
	if err := os.WriteFile(module, []byte(fetch), 0o666); err != nil {
		return nil, err
	}
	seconds := strconv.Itoa(int(patience.Seconds()))
	curl := []string{
		"--silent", "--show-error", "--location", "--max-time", seconds, "--output", filepath.Join(dir, "curl"),
		"--write-out", "%{stderr}status %{http_code} %{size_download}\n",
	}
	all := []client{
		{name: "Go net/http", version: runtime.Version(), get: standard(false), http2: standard(true)},
		{name: "fasthttp", version: moduleVersion("github.com/valyala/fasthttp"), get: fast},
		{
			name: "curl", get: program("curl", curl...),
			http2: program("curl", append(curl, "--http2-prior-knowledge")...),
		},
		{name: "wget", get: wget(filepath.Join(dir, "wget"), seconds)},
		{name: "Python http.client", get: program(python, "-c", httpClient, "URL", seconds)},
		{name: "Python httpx", get: program(python, "-c", httpx, "URL", seconds)},
		{name: "Node fetch", get: program("node", module, "URL", seconds)},
	}
	for i, asks := range map[int][]string{
		2: {"curl", "--version"}, 3: {"wget", "--version"}, 4: {python, "--version"},
		5: {python, "-c", "import httpx; print(httpx.__version__)"}, 6: {"node", "--version"},
	} {
		text, err := exec.Command(asks[0], asks[1:]...).Output()
		if err != nil {
			return nil, fmt.Errorf("%s is missing: %w", all[i].name, err)
		}
		all[i].version = regexp.MustCompile(`\d+(\.\d+)+`).FindString(string(text))
	}
	return all, nil
}

func pythonWith(module string) (string, error) {
	for _, python := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(python, "-c", "import "+module).Run() == nil {
			return python, nil
		}
	}
	return "", fmt.Errorf("no python3 with %s: Debian has it as python3-%s", module, module)
}

func moduleVersion(path string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, m := range info.Deps {
		if m.Path == path {
			return strings.TrimPrefix(m.Version, "v")
		}
	}
	return ""
}

func standard(http2 bool) func(context.Context, string) verdict {
	return func(ctx context.Context, url string) verdict {
		protocols := new(http.Protocols)
		protocols.SetHTTP1(!http2)
		protocols.SetUnencryptedHTTP2(http2)
		client := http.Client{Timeout: patience, Transport: &http.Transport{Protocols: protocols}}
		defer client.CloseIdleConnections()
		resp, err := client.Get(url)
		if err != nil {
			return failed(err.Error())
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			return failed(err.Error())
		}
		return answered(resp.StatusCode, len(body))
	}
}

func fast(ctx context.Context, url string) verdict {
	client := fasthttp.Client{ReadTimeout: patience, WriteTimeout: patience, MaxIdemponentCallAttempts: 5}
	defer client.CloseIdleConnections()
	req, resp := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(resp)
	req.SetRequestURI(url)
	if err := client.DoRedirects(req, resp, 10); err != nil {
		return failed(err.Error())
	}
	return answered(resp.StatusCode(), len(resp.Body()))
}

// program is a client that prints "status CODE BYTES" for an answer, and else
// says what was wrong, on standard error or after "error ". The word URL among
// its arguments stands for the address; without it that is the last one.
func program(name string, args ...string) func(context.Context, string) verdict {
	return func(ctx context.Context, url string) verdict {
		var own []string
		found := false
		for _, a := range args {
			if a == "URL" {
				a, found = url, true
			}
			own = append(own, a)
		}
		if !found {
			own = append(own, url)
		}
		text, err := exec.CommandContext(ctx, name, own...).CombinedOutput()
		return spoken(string(text), err)
	}
}

func spoken(text string, err error) verdict {
	var said verdict
	var first string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if n, _ := fmt.Sscanf(line, "status %d %d", &said.status, &said.bytes); n == 2 {
			continue
		}
		first = cmp.Or(first, strings.TrimPrefix(line, "error "))
	}
	if _, ok := errors.AsType[*exec.ExitError](err); ok || first != "" || said.status == 0 {
		return failed(cmp.Or(first, fmt.Sprint(err)))
	}
	return answered(said.status, said.bytes)
}

// wget prints no status but in words, and the length is that of the file.
func wget(file, seconds string) func(context.Context, string) verdict {
	return func(ctx context.Context, url string) verdict {
		os.Remove(file)
		text, err := exec.CommandContext(ctx, "wget", "--no-config", "--no-proxy", "--tries=2", "--waitretry=0",
			"--timeout="+seconds,
			"--server-response", "--output-document="+file, url).CombinedOutput()
		if err == nil {
			info, err := os.Stat(file)
			if err != nil {
				return failed(err.Error())
			}
			return answered(http.StatusOK, int(info.Size()))
		}
		said := err.Error()
		for line := range strings.Lines(string(text)) {
			line = strings.TrimSpace(line)
			for _, word := range []string{
				"ERROR", "failed:", "error", "redirections exceeded", "timed out",
				"Connection closed", "No data", "unmatched",
			} {
				if strings.Contains(line, word) {
					said = line
				}
			}
		}
		return failed(said)
	}
}

var varying = []struct {
	pattern *regexp.Regexp
	with    string
}{
	{regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d `), ""},
	{regexp.MustCompile(`127\.0\.0\.1:\d+(->127\.0\.0\.1:\d+)?`), "ADDRESS"},
	{regexp.MustCompile(`127\.0\.0\.1 port \d+`), "ADDRESS"},
	{regexp.MustCompile(`(after|with) \d+ (ms|milliseconds)`), "$1 n ms"},
	{regexp.MustCompile(`Get "[^"]*": `), ""},
	{regexp.MustCompile(`http://ADDRESS[^ "]*`), "URL"},
	{regexp.MustCompile(`^curl: `), ""},
	{regexp.MustCompile(`^\([\d.]+ .B/s\) - `), ""},
	{regexp.MustCompile(`^HTTP request sent, awaiting response... `), ""},
	{regexp.MustCompile(`^exit status 13$`), "(ends without a word, status 13)"},
}

// brief is an error on one line without what differs from run to run.
func brief(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, text)
	text = strings.Join(strings.Fields(text), " ")
	for _, v := range varying {
		text = v.pattern.ReplaceAllString(text, v.with)
	}
	if cut := []rune(text); len(cut) > 110 {
		text = string(cut[:110]) + "…"
	}
	return strings.NewReplacer("|", "\\|", "<", "&lt;", "`", "'").Replace(text)
}
