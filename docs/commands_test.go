package docs_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// unrun are the commands that no test runs, and why.
var unrun = map[string]string{
	"go install github.com/teapot-go/teapot/cmd/teapot@latest": "needs the network",
	"go run ./cmd/teapot run ./scenarios":                      "is run by CI, from a clone",
	"make test":                                                "runs this test",
	"go test ./docs":                                           "is this test",
	"make lint":                                                "is run by CI, from a clone",
}

// check has teapot check every scenario of a page.
func (b *bench) check(t *testing.T, p *page) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(b.dir, p.folder(), "snippets", "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		cmd := b.command(t, p, "teapot", "check", file)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s%s", p.file, err, out, read(t, file))
		}
	}
}

// sections wants a section of the page for every command that teapot has, and
// adds those that are missing when it may.
func (b *bench) sections(t *testing.T, p *page) {
	t.Helper()
	help, err := b.command(t, p, "teapot", "--help").Output()
	if err != nil {
		t.Fatal(err)
	}
	commands := regexp.MustCompile(`(?m)^  ([a-z]+)( .*)?$`).FindAllStringSubmatch(string(help), -1)
	if len(commands) < 9 {
		t.Errorf("teapot --help lists only %d commands", len(commands))
	}
	var text strings.Builder
	text.WriteString(p.text)
	for _, m := range commands {
		switch {
		case headings(p.text)[m[1]]:
		case *update:
			text.WriteString("\n## " + m[1] + "\n\n```console\n$ teapot " + m[1] + " --help\n```\n")
		default:
			t.Errorf("%s has no section for teapot %s: go test ./docs -update", p.file, m[1])
		}
	}
	if text.String() != p.text {
		*p = *parse(p.file, text.String())
	}
}

func (b *bench) command(t *testing.T, p *page, name string, args ...string) *exec.Cmd {
	if name == "teapot" {
		name = filepath.Join(b.dir, "bin", "teapot")
	}
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Env, cmd.Dir = b.env, filepath.Join(b.dir, p.folder())
	return cmd
}

// A step is one command of a block, and the output that the page shows.
type step struct {
	command, shown string
}

// steps takes a block apart. A console block has a prompt before each command
// and its output behind it; in an sh block every line is a command.
func (b block) steps() []step {
	var all []step
	for line := range strings.Lines(strings.ReplaceAll(b.text, "\\\n", "")) {
		command, prompt := strings.CutPrefix(line, "$ ")
		switch {
		case b.lang == "console" && prompt:
			all = append(all, step{command: strings.TrimSpace(command)})
		case b.lang == "console" && len(all) > 0:
			all[len(all)-1].shown += line
		case b.lang == "sh" && strings.TrimSpace(line) != "" && line[0] != '#':
			command, _, _ = strings.Cut(line, "  #")
			all = append(all, step{command: strings.TrimSpace(command)})
		}
	}
	return all
}

// commands runs the commands of a page, in the page's folder and in order, and
// returns the page with the outputs that they have now.
func (b *bench) commands(t *testing.T, p *page) string {
	t.Helper()
	text := p.text
	for _, s := range p.blocks {
		if s.lang != "sh" && s.lang != "console" {
			continue
		}
		var served services
		var shown strings.Builder
		steps := s.steps()
		for i, step := range steps {
			want := 0
			if i == len(steps)-1 {
				want = s.exit
			}
			out := b.step(t, s, step, want, &served)
			if s.lang == "console" && !matches(out, step.shown) {
				if !*update || strings.Contains(step.shown, "…") {
					t.Errorf("%s:%d: %s\n--- prints\n%s--- the page shows (go test ./docs -update)\n%s",
						p.file, s.line, step.command, out, step.shown)
				}
				step.shown = out
			}
			shown.WriteString("$ " + step.command + "\n" + step.shown)
		}
		served.end(t, s)
		if s.lang == "console" && *update && !strings.Contains(s.text, "…") && !strings.Contains(s.text, "\\\n") {
			text = strings.Replace(text, s.text, shown.String(), 1)
		}
	}
	return text
}

// step runs a command and returns what it printed. A server is left running
// until the end of its block.
func (b *bench) step(t *testing.T, s block, step step, want int, served *services) string {
	t.Helper()
	program, _, _ := strings.Cut(step.command, " ")
	if _, err := exec.LookPath(program); program == "curl" && err != nil || unrun[step.command] != "" {
		return step.shown
	}
	if strings.HasPrefix(step.command, "teapot serve") && !strings.Contains(step.command, "--help") {
		served.start(t, b, s, step.command)
		return step.shown
	}
	cmd := b.command(t, s.page, "bash", "-c", served.translate(step.command))
	var said, complained bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &complained
	err := cmd.Run()
	out := said.String()
	if out == "" || s.lang == "sh" {
		out += complained.String() // which has the progress of a command that ends well
	}
	if status := cmd.ProcessState.ExitCode(); status != want || err != nil && status < 0 {
		t.Errorf("%s:%d: %s: exit status %d, want %d (%v)\n%s",
			s.page.file, s.line, step.command, status, want, err, out)
	}
	return tidy(step.command, out)
}

// times are what go test prints, and differ from run to run.
var times = regexp.MustCompile(`\(\d+\.\d\ds\)|\t\d+\.\d{3}s`)

func tidy(command, out string) string {
	if strings.HasPrefix(command, "go test") {
		out = times.ReplaceAllStringFunc(out, func(s string) string {
			if s[0] == '(' {
				return "(0.01s)"
			}
			return "\t0.012s"
		})
	}
	var text strings.Builder
	for line := range strings.Lines(out) {
		text.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	return text.String()
}

// matches reports whether an output is the one shown, in which … stands for any
// text, and a line of … for any lines.
func matches(out, shown string) bool {
	pattern := regexp.QuoteMeta(shown)
	pattern = regexp.MustCompile(`(?m)^…\n`).ReplaceAllString(pattern, `(?s:.*)`)
	pattern = strings.ReplaceAll(pattern, "…", ".*")
	return regexp.MustCompile(`^` + pattern + `$`).MatchString(out)
}

// services are the servers that a block's commands have started.
type services struct {
	running []*exec.Cmd
	outputs []io.Reader
	ports   []string // pairs of the port that the page names, and the real one
}

var (
	portFlag = regexp.MustCompile(` --port[ =](\d+)`)
	admins   = regexp.MustCompile(` --admin[ =](\d+)`)
	adminURL = regexp.MustCompile(`^ +http://[^ ]*:(\d+)/metrics`)
	address  = regexp.MustCompile(`^([\w-]+)  \w+://[^ ]*:(\d+)/`)
)

// start starts a server at free ports, and waits until it listens.
func (s *services) start(t *testing.T, b *bench, at block, command string) {
	t.Helper()
	named := map[string]string{"LOCAL": "8000", "DELAY": "8001", "ERROR": "8002"}
	only := ""
	if m := portFlag.FindStringSubmatch(command); m != nil {
		only = m[1]
		command = strings.Replace(command, m[0], "", 1)
	}
	admin := admins.FindStringSubmatch(command)
	command = admins.ReplaceAllString(command, " --admin 0")
	cmd := b.command(t, at.page, "bash", "-c", "exec "+command+" --port 0")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines, told := bufio.NewScanner(out), ""
	for lines.Scan() {
		told += lines.Text() + "\n"
		if m := address.FindStringSubmatch(lines.Text()); m != nil {
			port := named[m[1]]
			if only != "" || port == "" {
				port = only
			}
			s.add(port, m[2])
		} else if m := adminURL.FindStringSubmatch(lines.Text()); m != nil && admin != nil {
			s.add(admin[1], m[1])
		}
		if strings.HasPrefix(lines.Text(), "Ctrl-C") {
			break
		}
	}
	if len(s.ports) == 0 {
		t.Errorf("%s:%d: %s: told no address\n%s%s", at.page.file, at.line, command, told, &complaints)
	}
	s.running, s.outputs = append(s.running, cmd), append(s.outputs, out)
}

// add notes the port that the page names, and the real one.
func (s *services) add(named, is string) {
	s.ports = append(s.ports, "localhost:"+named, "localhost:"+is, "127.0.0.1:"+named, "127.0.0.1:"+is)
}

// translate has a command ask the ports that the servers really have.
func (s *services) translate(command string) string {
	return strings.NewReplacer(s.ports...).Replace(command)
}

// end interrupts the servers, which must end well.
func (s *services) end(t *testing.T, at block) {
	t.Helper()
	for i, cmd := range s.running {
		err := cmd.Process.Signal(syscall.SIGINT)
		_, _ = io.Copy(io.Discard, s.outputs[i])
		if err = errors.Join(err, cmd.Wait()); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Error(fmt.Sprintf("%s:%d:", at.page.file, at.line), cmd.Args, err)
		}
	}
}
