package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A load is what a tool is asked for: as fast as it can over some connections,
// or at a rate.
type load struct {
	conns  int
	rate   int // a second; 0 for as fast as it can
	length time.Duration
}

// seconds is the length of a load in whole seconds, as some tools want it.
func (l load) seconds() string { return strconv.Itoa(int(l.length.Seconds())) }

// A tool is a load generator.
type tool struct {
	name   string
	module string // that has it, of the Go module proxy; "" for a program of the system
	args   func(l load, url string) []string
	p99    func(out string) (time.Duration, bool) // what it says of the 99th percentile
	open   bool                                   // it can be asked for a rate
}

var tools = []tool{
	{
		name: "wrk", args: func(l load, url string) []string {
			return []string{"-t1", "-c" + strconv.Itoa(l.conns), "-d" + l.seconds() + "s", "--latency", url}
		},
		p99: after(`(?m)^\s+99%\s+(\S+)`),
	},
	{
		name: "vegeta", module: "github.com/tsenart/vegeta/v12@v12.13.0", open: true,
		args: func(l load, url string) []string {
			limits := fmt.Sprintf("-rate=%d/s", l.rate)
			if l.rate == 0 {
				limits = fmt.Sprintf("-rate=0 -max-workers=%d", l.conns)
			}
			const line = "echo GET %s | VEGETA attack %s -duration=%s | VEGETA report -type=json"
			return []string{"sh", "-c", fmt.Sprintf(line, url, limits, l.length)}
		},
		p99: func(out string) (time.Duration, bool) {
			var report struct {
				Latencies struct {
					P99 int64 `json:"99th"`
				}
			}
			err := json.Unmarshal([]byte(out), &report)
			return time.Duration(report.Latencies.P99), err == nil
		},
	},
	{
		name: "hey", module: "github.com/rakyll/hey@v0.1.5", open: true, args: func(l load, url string) []string {
			args := []string{"-c", strconv.Itoa(l.conns), "-z", l.length.String()}
			if l.rate > 0 {
				args = append(args, "-q", fmt.Sprint(float64(l.rate)/float64(l.conns)))
			}
			return append(args, url)
		},
		p99: after(`99%+ in (\S+) secs`),
	},
	{
		name: "fortio", module: "fortio.org/fortio@v1.66.3", open: true, args: func(l load, url string) []string {
			args := []string{
				"load", "-quiet", "-c", strconv.Itoa(l.conns), "-t", l.length.String(), "-qps", strconv.Itoa(l.rate),
			}
			if l.rate > 0 {
				args = append(args, "-uniform", "-nocatchup")
			}
			return append(args, url)
		},
		p99: after(`# target 99% (\S+)`),
	},
}

// after reads the duration that a pattern finds in the output of a tool, which
// is in seconds where it has no unit.
func after(pattern string) func(out string) (time.Duration, bool) {
	find := regexp.MustCompile(pattern)
	return func(out string) (time.Duration, bool) {
		m := find.FindStringSubmatch(out)
		if m == nil {
			return 0, false
		}
		if d, err := time.ParseDuration(m[1]); err == nil {
			return d, true
		}
		s, err := strconv.ParseFloat(m[1], 64)
		return time.Duration(s * float64(time.Second)), err == nil
	}
}

// command returns the arguments that start a tool for a load, once path has it.
func (t tool) command(path string, l load, url string) []string {
	args := t.args(l, url)
	if args[0] == "sh" {
		args[2] = strings.ReplaceAll(args[2], strings.ToUpper(t.name), path)
		return args
	}
	return append([]string{path}, args...)
}

// find returns the path of a tool: of the machine, or built from its module
// into a folder of the cache.
func (t tool) find(ctx context.Context) (string, error) {
	if path, err := exec.LookPath(t.name); err == nil {
		return path, nil
	}
	if t.module == "" {
		return "", fmt.Errorf("not installed: apt-get install %s", t.name)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "teapot-load")
	path := filepath.Join(dir, t.name)
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	cmd := exec.CommandContext(ctx, "go", "install", t.module)
	cmd.Env, cmd.Dir = append(os.Environ(), "GOBIN="+dir, "GOFLAGS=-mod=mod"), os.TempDir()
	if out, err := cmd.CombinedOutput(); err != nil {
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		return "", fmt.Errorf("%s: %w: %s", t.module, err, lines[len(lines)-1])
	}
	return path, nil
}
