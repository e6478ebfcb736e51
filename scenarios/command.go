package scenarios

import (
	"cmp"
	"context"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/files"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios/internal/program"
	"github.com/teapot-go/teapot/scenarios/strict"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/keys"
	"github.com/teapot-go/teapot/servers/taskid"
)

// taskRule is written as a name, or as a command. Its fields have no keys
// of their own.
type taskRule struct {
	Name    string           `yaml:"(name)"`
	Command *program.Command `yaml:"(command)"`
}

var _ = []strict.Union{new(taskRule)}

// Accepts implements [strict.Union].
func (taskRule) Accepts() string {
	return `the name of a task, or a command such as {command: [curl, --fail, "{url}"]}`
}

// Decode implements [strict.Union].
func (t *taskRule) Decode(v strict.Value) {
	if !v.IsMapping() {
		t.Name, _ = v.Text(t.Accepts())
		return
	}
	t.Command = new(program.Command)
	v.Decode(t.Command)
}

// commandTask is the task that a program does.
var commandTask = taskKind{
	noun: "a command", open: commandWorkload, server: true, keys: flagsPath, localOnly: true,
}

// validateCommand reports a program that cannot be run, and keys that
// contradict each other.
func validateCommand(d *strict.Document, s *Scenario) {
	c := s.Workload.Task.Command
	if c.Lines {
		for _, key := range []string{"exit", "output"} {
			d.Reject(taskPath+"."+key, "with lines every task has a report of its own: remove "+key)
		}
	}
	why, words := "", program.Placeholders
	if c.Lines {
		why, words = "with lines each task comes as a line", program.LinePlaceholders
	}
	validateProgram(d, s, taskPath, c.Command, bool(c.Proxy), why, words...)
}

// placeholder matches what seems to stand for something in an argument, with
// what comes before: ${HOME} and %{http_code} are other programs' own.
var placeholder = regexp.MustCompile(`(^|[^$%{\\])\{([A-Za-z_]+)\}`)

// validateProgram reports a program, given at the path at, that cannot be run
// or cannot reach the server, and placeholders that it does not have, perhaps
// for the reason why.
func validateProgram(d *strict.Document, s *Scenario, at string, args []string, proxy bool, why string,
	words ...string,
) {
	if s.Server != nil && proxy && s.Server.Protocol != "" && s.Server.Protocol != "http" {
		d.Errorf(at+".proxy", "through a proxy the server speaks HTTP/1.1 in the clear: want protocol: http")
	}
	if at += ".command"; !d.Has(at) || !d.Valid(at) {
		return
	}
	if len(args) == 0 || args[0] == "" {
		d.Errorf(at, `want a program and its arguments, such as [curl, --fail, "{url}"]`)
		return
	}
	if _, err := (program.Program{Args: args, Dir: s.folder}).Find(); err != nil {
		d.Errorf(itemPath(at, 0), "%v", err)
	}
	for i, arg := range args {
		for _, found := range placeholder.FindAllStringSubmatch(arg, -1) {
			word := "{" + found[2] + "}"
			if slices.Contains(words, word) && i > 0 {
				continue
			}
			if i == 0 {
				d.Errorf(itemPath(at, i), "%s: the program itself has no placeholders: want its name or its path", word)
				continue
			}
			said := word + ": unknown placeholder"
			if slices.Contains(program.Placeholders, word) && why != "" {
				said = word + ": " + why
			}
			d.Errorf(itemPath(at, i), "%s: want %s, or blanks within braces that stand for themselves", said,
				strings.Join(words, ", "))
		}
	}
}

// programOf returns what runs the tasks of a scenario.
func programOf(s *Scenario) program.Program {
	c := s.Workload.Task.Command
	return program.Program{
		Args: c.Command, Dir: s.folder, Exit: c.Exit, Output: cmp.Or(c.Output, program.Ignored),
		Timeout: time.Duration(s.Workload.Timeout), Limit: limitOf(&s.Workload),
	}
}

// limitOf returns for how long a command may run that does one task. Without a
// policy that bounds the whole of it, attempts may pause as long as they like.
func limitOf(w *Workload) time.Duration {
	if w.attempts() > 1 && !w.whole() {
		return 0
	}
	return program.LimitOf(time.Duration(w.Timeout))
}

// proxied is the host of the URLs that a program asks for through a proxy.
// Those of loopback are asked for without one.
const proxied = "http://teapot.test"

// commandWorkload returns the workload of a command. The program applies the
// timeout itself: how long it takes to start is not known.
func commandWorkload(s *Scenario, server *servers.Server) (*harness.Workload, error) {
	w, err := RequestWorkload(nil)(s, server)
	if err != nil {
		return nil, err
	}
	c := s.Workload.Task.Command
	p := programOf(s)
	env, remove, err := reaching(server, bool(c.Proxy))
	if err != nil {
		return nil, err
	}
	p.Env, p.Keeper = env, program.NewKeeper()
	w.Strays = p.Keeper.Close
	run := p.Run
	w.Close = func() ([]servers.Entry, error) { return nil, remove() }
	if c.Lines {
		session, err := p.Start()
		if err != nil {
			p.Keeper.Close(func(string) bool { return false })
			return nil, errors.Join(err, remove())
		}
		run = session.Run
		w.Close = func() ([]servers.Entry, error) { return nil, errors.Join(session.Close(), remove()) }
	}
	w.Means = p.Means
	w.Do = func(ctx context.Context, key string, attempt int) record.Seen {
		ctx, end := server.BeginTask(ctx, key)
		defer end()
		base := server.URL()
		switch {
		case bool(c.Proxy):
			base = proxied
		case s.Workload.attempts() <= 1: // a program that tries again uses one address
			base = server.URLOf(ctx, key, attempt)
		}
		return run(ctx, program.Job{
			Key: key, URL: base + keys.Path(key), Task: taskid.FromContext(ctx), Attempt: attempt,
		})
	}
	return w, nil
}

// certificateVariables name a file of certificates to trust, in the environment
// of programs that use OpenSSL, curl, Python or Node.
var certificateVariables = []string{"SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"}

// reaching returns the environment by which a program reaches a server, and
// what removes the files that it names.
func reaching(server *servers.Server, proxy bool) (env []string, remove func() error, err error) {
	remove = func() error { return nil }
	if proxy {
		env = append(env, "HTTP_PROXY="+server.URL(), "http_proxy="+server.URL())
	}
	if certificate := server.Certificate(); certificate != nil {
		folder, err := files.TempDir("certificate")
		if err != nil {
			return nil, nil, err
		}
		remove = func() error { return os.RemoveAll(folder) }
		file := filepath.Join(folder, "certificate.pem")
		text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw})
		if err := files.Write(file, text); err != nil {
			return nil, nil, errors.Join(err, remove())
		}
		for _, name := range certificateVariables {
			env = append(env, name+"="+file)
		}
	}
	return env, remove, nil
}
