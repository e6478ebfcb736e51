package command

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/teapot-go/teapot/command/internal/chapter"
	"github.com/teapot-go/teapot/command/internal/cli"
	"github.com/teapot-go/teapot/command/internal/served"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/flags"
)

// freePort is a port of loopback at which nothing listens.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}

// saved are the names of the files in a folder, none for no folder.
func saved(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// TestFlags downloads on every executor, and wants the files and the words.
func TestFlags(t *testing.T) {
	inFolder(t, nil)
	for _, tt := range []struct {
		args  string
		files int
		want  []string
	}{
		{"--executor pool", 20, []string{
			"Searching for 20 flags: from BD to VN\n",
			"20 concurrent connections will be used.\n", "20 flags downloaded.\n", "Elapsed time: ",
		}},
		{"--executor sequential br", 1, []string{
			"Searching for 1 flag: BR\n", "1 connection will be used.\n",
			"1 flag downloaded.\n",
		}},
		{"--executor async -m 7 --all -l 12", 12, []string{"Searching for 12 flags: from AD to BA\n", "7 concurrent"}},
		{"--executor async a -l 10", 4, []string{
			"Searching for 10 flags: AA, AB, AC, AD, AE, AF, AG, AH, AI, AJ\n",
			"5 concurrent", "4 flags downloaded.\n", "6 not found.\n",
		}},
		{"--executor process --max-req 2 br cn xx", 2, []string{
			"2 concurrent", "2 flags downloaded.\n",
			"1 not found.\n",
		}},
		{"-v br xx", 1, []string{"BR OK, ", "XX not found\n"}},
		{"-e -m 2000", 194, []string{
			"Searching for 676 flags: from AA to ZZ\n", "676 concurrent",
			"194 flags downloaded.\n", "482 not found.\n",
		}},
		{"br cn id in us -m 3 --futures", 5, []string{
			"BR scheduled: <Future ", "US scheduled: <Future ",
			"US done: <Future finished>, result: OK, ",
		}},
	} {
		dest := "to" + strings.ReplaceAll(tt.args, " ", "_")
		status, stdout, stderr := teapot(t, append([]string{
			"flags", "--port", freePort(t), "--dest", dest, "--timeout",
			"1m",
		}, strings.Fields(tt.args)...)...)
		if status != cli.StatusHolds || stderr != "" {
			t.Errorf("teapot flags %s: status %d, %s\n%s", tt.args, status, stderr, stdout)
		}
		for _, want := range tt.want {
			if !strings.Contains(stdout, want) {
				t.Errorf("teapot flags %s: no %q in\n%s", tt.args, want, stdout)
			}
		}
		if files := saved(t, dest); len(files) != tt.files {
			t.Errorf("teapot flags %s: %d files, want %d: %v", tt.args, len(files), tt.files, files)
		}
		for _, name := range saved(t, dest) {
			want, _ := flags.GIF(strings.TrimSuffix(name, ".gif"))
			if got, err := os.ReadFile(filepath.Join(dest, name)); err != nil || !bytes.Equal(got, want) ||
				want == nil {
				t.Errorf("teapot flags %s: %s is another picture (%v)", tt.args, name, err)
			}
		}
	}
}

// TestFlagsBadInput wants every mistake named, with the usage, and nothing
// requested or written.
func TestFlagsBadInput(t *testing.T) {
	inFolder(t, map[string]string{"file": "not a folder"})
	for _, tt := range []struct {
		args, want string
	}{
		{"-m 0", "-m/--max_req 0: want a whole number, 1 or more"},
		{"--max-req 0", "-m/--max_req 0: want"},
		{"-l 0", "-l/--limit 0: want a whole number, 1 or more"},
		{"-m x", "-m/--max_req x: want a whole number, 1 or more"},
		{"-s moon", "-s/--server moon: want LOCAL, DELAY, ERROR or REMOTE"},
		{"A1", `"A1" is not a country`},
		{"USA", `"USA" is not a country`},
		{"-m 0 -l 0 USA A1", "-l/--limit 0"},
		{"-m 0 -l 0 USA A1", `"A1"`},
		{"-s remote", "want --allow-remote"},
		{"-s http://192.0.2.1/flags", "want --allow-remote"},
		{"-s http://localhost.example.com/flags", "want --allow-remote"},
		{"-s ftp://localhost/flags", "want LOCAL"},
		{"-s http://localhost:1/flags --port 8", "--port and --yaml are for"},
		{"-s remote --allow-remote --executor process", "processes do not share"},
		{"--port 70000", "--port 70000: want 1 to 65535"},
		{"--timeout 0s", "--timeout 0s: want a duration above 0"},
		{"--executor rocket", "--executor rocket: want sequential, pool, async or process"},
		{"--yaml --executor process", "--yaml: no scenario"},
	} {
		status, stdout, stderr := teapot(t, append([]string{"flags"}, strings.Fields(tt.args)...)...)
		if status != cli.StatusBadInput || stdout != "" || !strings.Contains(stderr, tt.want) ||
			!strings.Contains(stderr, "Usage: teapot flags") {
			t.Errorf("teapot flags %s: status %d, no %q in\n%s%s", tt.args, status, tt.want, stdout, stderr)
		}
	}
	status, stdout, stderr := teapot(t, "flags", "--dest", "file")
	if status != cli.StatusBadInput || stdout != "" ||
		stderr != "teapot: --dest: cannot save in file: not a directory\n" {
		t.Errorf("status %d, %q, %q", status, stdout, stderr)
	}
	if names := saved(t, "."); len(names) != 1 {
		t.Errorf("written: %v", names)
	}
}

// TestFlagsOfOthers asks servers that the run has not started: one at a label's
// port, one by its URL, and one that leads elsewhere.
func TestFlagsOfOthers(t *testing.T) {
	inFolder(t, nil)
	port := freePort(t)
	s := &served.Server{Config: servers.Config{Address: "127.0.0.1:" + port}, AdminPort: -1}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for args, want := range map[string]string{
		"--port " + port: "LOCAL: http://localhost:" + port + "/flags (a server that listens there",
		"-s http://127.0.0.1:" + port + "/flags/":                    "Server: http://127.0.0.1:" + port + "/flags (",
		"--executor process -s http://127.0.0.1:" + port + "/flags/": "20 flags downloaded.",
	} {
		status, stdout, stderr := teapot(t, append([]string{"flags", "--timeout", "1m"}, strings.Fields(args)...)...)
		if status != cli.StatusHolds || stderr != "" || !strings.Contains(stdout, want) {
			t.Errorf("teapot flags %s: status %d, no %q in\n%s%s", args, status, want, stdout, stderr)
		}
	}
	away, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{
		Handler:           http.RedirectHandler("http://192.0.2.1/flags/br/br.gif", http.StatusFound),
		ReadHeaderTimeout: time.Minute,
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(away) }()
	defer func() { _ = server.Close(); <-served }()
	_, stdout, _ := teapot(t, "flags", "-s", fmt.Sprintf("http://%s/flags", away.Addr()), "br", "-v", "--timeout", "1m")
	if !strings.Contains(stdout, chapter.ErrElsewhere.Error()) {
		t.Errorf("led to another machine:\n%s", stdout)
	}
}

// TestFlagsRefused wants a failure where nothing listens, and futures that say
// that they failed.
func TestFlagsRefused(t *testing.T) {
	inFolder(t, nil)
	url := "http://127.0.0.1:" + freePort(t) + "/flags"
	if status, stdout, _ := teapot(t, "flags", "--timeout", "1m", "-s", url); status != cli.StatusViolated ||
		!strings.Contains(stdout, "20 errors: 20 × connection refused.") {
		t.Errorf("status %d\n%s", status, stdout)
	}
	status, stdout, stderr := teapot(t, "flags", "br", "cn", "--futures", "-s", url)
	if status != cli.StatusViolated || !strings.Contains(stdout,
		"BR done: <Future failed>, error: connection refused\n") ||
		strings.Contains(stdout, "harness.") || !strings.Contains(stderr, "no server listens at "+url) {
		t.Errorf("status %d, %q\n%s", status, stderr, stdout)
	}
}

// TestFlagsYAML runs what --yaml prints.
func TestFlagsYAML(t *testing.T) {
	inFolder(t, nil)
	_, stdout, stderr := teapot(t, "flags", "-s", "error", "--yaml", "no", "br", "--executor", "async")
	if err := os.WriteFile("flags.yaml", []byte(stdout), 0o600); err != nil {
		t.Fatal(err)
	}
	if status, out, err := teapot(t, "check", "flags.yaml"); status != cli.StatusHolds {
		t.Errorf("status %d, %s%s\n%s%s", status, out, err, stdout, stderr)
	}
	if names := saved(t, "."); len(names) != 1 {
		t.Errorf("written: %v", names)
	}
}

// TestFlagsInterrupt keeps what has come, and counts it.
func TestFlagsInterrupt(t *testing.T) {
	inFolder(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	var stdout, stderr bytes.Buffer
	first := writerFunc(func(p []byte) (int, error) {
		if bytes.Contains(p, []byte(" OK, ")) {
			cancel()
		}
		return stdout.Write(p)
	})
	status := calling(ctx, []string{"flags", "-s", "delay", "-a", "-v", "--timeout", "1m", "--port", freePort(t)},
		strings.NewReader(""), first, &stderr)
	if status != cli.StatusInterrupted || !strings.Contains(stdout.String(), " downloaded.\n") ||
		!strings.Contains(stdout.String(), " cancelled.\n") {
		t.Errorf("status %d\n%s%s", status, stdout.String(), stderr.String())
	}
	if n := len(saved(t, "downloaded")); n == 0 || n > 30 {
		t.Errorf("%d files", n)
	}
}

// TestFlagsClosedPipe ends when its output is not read any more.
func TestFlagsClosedPipe(t *testing.T) {
	inFolder(t, nil)
	var stderr bytes.Buffer
	if status := calling(t.Context(), []string{"flags", "-v", "--timeout", "1m", "--port", freePort(t)},
		strings.NewReader(""), writerFunc(func([]byte) (int, error) {
			return 0,
				&os.PathError{Op: "write", Path: "stdout", Err: syscall.EPIPE}
		}), &stderr); stderr.Len() > 0 {
		t.Errorf("status %d, %s", status, stderr.String())
	}
}

// TestTallyOfUnwritten wants the tally of a run whose report could not be
// written, and of every other program its last line.
func TestTallyOfUnwritten(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("no /dev/full")
	}
	inFolder(t, nil)
	for args, want := range map[string]string{
		"flags br cn --dest= -q":           "2 flags downloaded.",
		"loiter 0 --clock virtual":         "1 task in ",
		"primes 1 7 --executor=sequential": "Total ",
	} {
		status, stdout, stderr := teapot(t, strings.Fields(args+" --format csv --out /dev/full")...)
		if status != cli.StatusBadInput || !strings.Contains(stdout, want) || !strings.Contains(stderr, "/dev/full") {
			t.Errorf("teapot %s: status %d, %q, no %q in\n%s", args, status, stderr, want, stdout)
		}
	}
}

// TestFlagsContradict refuses what could be meant in two ways, and addresses
// that are none, before anything is asked for.
func TestFlagsContradict(t *testing.T) {
	inFolder(t, nil)
	for args, want := range map[string]string{
		"-a -e":                         "want one of them",
		"-a br":                         "want one of them",
		"-e br":                         "want one of them",
		"-s http://localhost:99999/":    "--server http://localhost:99999/: want",
		"-s http://u:secret@localhost/": "want LOCAL",
	} {
		status, stdout, stderr := teapot(t, append([]string{"flags"}, strings.Fields(args)...)...)
		if _, err := os.Stat("downloaded"); status != cli.StatusBadInput || stdout != "" ||
			!strings.Contains(stderr, want) || err == nil {
			t.Errorf("teapot flags %s: status %d, %q, no %q in\n%s", args, status, stdout, want, stderr)
		}
	}
}
