package scenarios

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios/strict"
	"github.com/teapot-go/teapot/servers"
)

// A Vocabulary is the set of executors, tasks, batches and contents that
// scenario files may name.
// The zero Vocabulary has the built-in ones: the executors sequential, pool,
// async and process, the tasks download, loiter and prime, and the content
// flags. Cluster adds the executor cluster. A program adds its own under other
// names.
type Vocabulary struct {
	// Executors maps a kind to a function that returns a new executor. workers
	// is the number in the file, or 0 if the file gives none.
	Executors map[string]func(workers int) (executor.Executor, error)
	// Cluster returns a new executor of kind cluster, whose tasks run on so
	// many slots: of this process, or of the workers of a NATS server. workers
	// is 0, and url "", if the file gives none. once has each task start at
	// most once. Without it there is no such kind: package executor/cluster has
	// one, cluster.Open, which package command uses. This package does not
	// import it, and so carries no NATS.
	Cluster func(workers int, url string, once bool) (executor.Executor, error)
	// Spread has load generators in other processes share the arrivals of an
	// open workload: it gives the job to n workers of a NATS server, calls
	// begin with the time at which they begin and told with the steps of their
	// tasks, and returns their recordings, as a [harness.Fleet] does. Package
	// scenarios/spread has one, Leader.Lead, which package command uses. This
	// package does not import it, and so carries no NATS.
	Spread func(ctx context.Context, url string, job []byte, n int, begin func(at time.Time),
		told func(harness.Step, record.Sample)) ([]*record.Recording, error)
	// Maps is Executors for an ordered map or an iteration as completed, which
	// takes the place of an executor.
	Maps map[string]func(workers int) (harness.Map, error)
	// Tasks maps a task to a function that returns its workload.
	Tasks map[string]WorkloadFunc
	// Drivers maps a driver to a function that opens what sends the requests of
	// the task download in place of net/http, for each run. Package
	// scenarios/lean has one, lean.Open, which package command uses under the
	// name fasthttp. This package does not import it.
	//
	// get makes one attempt, whose number goes into [servers.AttemptHeader], as
	// the task of ctx goes into [taskid.Header]. It copies the body to a
	// writer, and returns an answer without it, whose ContentLength is how many
	// bytes came, and whose Header has Content-Type and Retry-After. An error
	// may come beside an answer whose head has come. The end of ctx ends the
	// request. Any number of goroutines may call get. end is called when none
	// is under way any more, and ends all that get has opened.
	Drivers map[string]func(server *servers.Server) (
		get func(ctx context.Context, url string, attempt int, to io.Writer) (*http.Response, error), end func(),
	)
	// Batches maps a batch to a function that returns a new whole program,
	// which does all tasks of a workload with a pool of its own. workers is the
	// number of the executor of kind own in the file. The workers of the
	// program may do no more keys than that at once.
	Batches map[string]func(workers int) (harness.Batch, error)
	// Contents maps the content of a server to a function that returns a new
	// handler for each run. It is called in the run's clock. A handler that is
	// an [io.Closer] is closed after the server.
	Contents map[string]func(*Scenario) (http.Handler, error)
	// Folder is what paths in scenario files are relative to. "" means the
	// folder of each file, as messages name it.
	Folder string
}

// Load reads a scenario file, or every *.yaml and *.yml file of a folder, in
// order of name. It does not read the folders in that folder, nor names that
// begin with a dot: editors and archives leave such files beside others. If any
// file has mistakes, the error is of type [strict.Mistakes] and has those of
// all files.
//
// Messages and reports name the root of fsys shown: if shown is "scenarios",
// they name the file "error.yaml" "scenarios/error.yaml".
func (v Vocabulary) Load(fsys fs.FS, name, shown string) ([]*Scenario, error) {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, err
	}
	names := []string{name}
	if info.IsDir() {
		if names, err = scenarioFiles(fsys, name); err != nil {
			return nil, err
		}
		if len(names) == 0 {
			return nil, fmt.Errorf("%s: no scenario in this folder: want *.yaml or *.yml files, "+
				"whose names do not begin with a dot", path.Join(shown, name))
		}
	}
	var loaded []*Scenario
	var mistakes strict.Mistakes
	for _, name := range names {
		file := path.Join(shown, name)
		source, err := readFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		s, wrong := v.Parse(file, source)
		loaded, mistakes = append(loaded, s), append(mistakes, wrong...)
	}
	mistakes = append(mistakes, duplicateNames(loaded)...)
	if mistakes != nil {
		return nil, mistakes
	}
	return loaded, nil
}

// scenarioFiles returns the paths of the scenario files in a folder. Like go
// build it ignores names that begin with a dot.
func scenarioFiles(fsys fs.FS, dir string) ([]string, error) {
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		ext := path.Ext(e.Name())
		if !e.IsDir() && !strings.HasPrefix(e.Name(), ".") && (ext == ".yaml" || ext == ".yml") {
			names = append(names, path.Join(dir, e.Name()))
		}
	}
	return names, nil
}

// readFile reads a file, up to one byte more than the limit. That byte makes
// the decoder reject the file. It rejects a file that is not regular without
// opening it: to open a named pipe can take for ever.
func readFile(fsys fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errIrregular
	}
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	source, err := io.ReadAll(io.LimitReader(f, strict.MaxBytes+1))
	return source, errors.Join(err, f.Close())
}

var errIrregular = errors.New("not a regular file: want a file that contains a scenario")

// Parse reads the scenario in source. Messages and reports name it file. The
// scenario is nil if there are mistakes.
func (v Vocabulary) Parse(file string, source []byte) (*Scenario, strict.Mistakes) {
	return v.parse(file, source)
}

// ParseServer is Parse for a caller that takes nothing but the server. The file
// may leave out name, workload and executors. The name is then that of the
// file.
//
// Without a workload it is not known which keys clients ask for, nor for how
// long they wait, and Keys returns none.
func (v Vocabulary) ParseServer(file string, source []byte) (*Scenario, strict.Mistakes) {
	s, mistakes := v.parse(file, source, "name", workloadPath, "executors")
	if mistakes == nil && s.Name == "" {
		s.Name = strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
	}
	return s, mistakes
}

// parse reads the scenario in source, which may leave out the optional keys.
func (v Vocabulary) parse(file string, source []byte, optional ...string) (*Scenario, strict.Mistakes) {
	s := &Scenario{file: file, source: string(source), folder: cmp.Or(v.Folder, filepath.Dir(file)), drawn: new(drawn)}
	s.document = strict.Decode(file, source, s, optional...)
	if slices.Contains(optional, workloadPath) && !s.document.Has(workloadPath) {
		v.validateAlone(s.document, s)
	} else {
		v.validate(s.document, s)
	}
	if mistakes := s.document.Mistakes(); mistakes != nil {
		return nil, mistakes
	}
	s.warnOfLimit()
	return s, nil
}

var validName = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// validate sets the defaults, and reports mistakes that no single value shows:
// values that contradict each other or are unknown to the vocabulary.
func (v Vocabulary) validate(d *strict.Document, s *Scenario) {
	validateName(d, s)
	s.Clock = cmp.Or(s.Clock, defaultClock)
	s.Workload.Deliver = cmp.Or(s.Workload.Deliver, defaultDeliver)
	validateFind(d, s)
	validateSources(d, s)
	validateGenerators(d, s)
	v.validateServer(d, s)
	validateRetry(d, s)
	validateHabits(d, s)
	v.validateWorkload(d, s)
	v.validateExecutors(d, s)
	validateLimits(d, s)
	validateReachable(d, s)
	validateExpect(d, s)
	validateHunt(d, s)
	validateInterleave(d, s)
}

// validateAlone is validate for a server without a workload.
func (v Vocabulary) validateAlone(d *strict.Document, s *Scenario) {
	validateName(d, s)
	s.Clock = cmp.Or(s.Clock, defaultClock)
	v.validateServer(d, s)
	if s.Server == nil {
		return
	}
	if s.Server.Capacity != nil && d.Valid(capacityPath) {
		s.Server.Capacity.validate(d, capacityPath)
	}
	for i := range s.Server.Faults {
		d.Reject(itemPath("server.faults", i)+".every",
			"without a workload there is no order of keys: want keys, rate or a workload")
	}
}

func validateName(d *strict.Document, s *Scenario) {
	if d.Has("name") && !validName.MatchString(s.Name) {
		d.Errorf("name", "%s: want lower-case letters and digits, in words joined by hyphens", strict.Quote(s.Name))
	}
}

// duplicateNames reports scenarios that share a name: reports and the command
// line tell scenarios apart by their names.
func duplicateNames(loaded []*Scenario) strict.Mistakes {
	var mistakes strict.Mistakes
	first := map[string]*Scenario{}
	for _, s := range loaded {
		if s == nil {
			continue
		}
		if other, taken := first[s.Name]; taken {
			s.document.Reject("name", fmt.Sprintf("%s is already the name of %s: want another name",
				strict.Quote(s.Name), other.file))
			mistakes = append(mistakes, s.document.Mistakes()...)
		} else {
			first[s.Name] = s
		}
	}
	return mistakes
}

// others says that a program registers no more than the known names of a kind,
// of which n are its own.
func others(n int, noun string) string {
	const elsewhere = ": run the file with the command or the test that registers it"
	if n == 0 {
		return "this program registers no " + noun + " of its own" + elsewhere
	}
	return "this program registers no other " + noun + elsewhere
}

// itemPath returns the path of an item of a list.
func itemPath(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }
