package hunt

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/teapot-go/teapot/harness/files"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/scenarios/strict"
)

// folder returns the folder of the scenario's worlds in the corpus.
func (h Hunt) folder(from *source) string { return filepath.Join(h.Corpus, from.c.Scenario.Name) }

// tryCorpus tries the worlds that failed before, on executors of the kind of
// the case. It returns the names of all files of the corpus.
func (h Hunt) tryCorpus(ctx context.Context, from *source, t *tracker) (taken map[string]bool, err error) {
	taken = map[string]bool{}
	if h.Corpus == "" {
		return taken, nil
	}
	dir := h.folder(from)
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !slices.ContainsFunc(entries, isWorld) {
		return taken, nil
	}
	if err != nil {
		return nil, err
	}
	loaded, err := from.vocabulary.Load(os.DirFS(dir), ".", filepath.ToSlash(dir))
	if err != nil {
		return nil, fmt.Errorf("the corpus of %s: %w", from.c.Scenario.Name, err)
	}
	runner := h.Runner()
	for _, s := range loaded {
		taken[filepath.Base(s.File())] = true
		for _, c := range s.Cases() {
			if c.Kind != from.c.Kind || ctx.Err() != nil {
				continue
			}
			rec, err := h.try(ctx, runner, c)
			if err != nil {
				return nil, err
			}
			t.tellCorpus(c, rec)
		}
	}
	return taken, nil
}

func isWorld(e fs.DirEntry) bool {
	ext := filepath.Ext(e.Name())
	return !e.IsDir() && (ext == ".yaml" || ext == ".yml") && !strings.HasPrefix(e.Name(), ".")
}

// tellCorpus notes the run of a world that failed before.
func (t *tracker) tellCorpus(c scenarios.Case, rec *record.Recording) {
	kinds := kindsOf(rec)
	switch {
	case rec.Interrupted:
	case len(kinds) > 0:
		k := kinds[0]
		t.result.Failures = append(t.result.Failures, &Failure{
			Kind: k.String(), Check: k.check, Seed: c.Scenario.Seed, Again: 1, Runs: 1, Old: true,
			File: c.Scenario.File(), Text: c.Scenario.Text(), Recording: rec, Reproduce: rec.Reproduce,
			Story: storyOf(rec, k), kind: k,
		})
	case len(rec.Inconclusive) > 0 || rec.Limit != "":
		t.result.Unknown++
		if t.result.Why == "" && len(rec.Inconclusive) > 0 {
			t.result.Why = c.Scenario.File() + ": " + rec.Inconclusive[0].Got + ": " + rec.Inconclusive[0].Want
		}
	default:
		t.result.Fixed = append(t.result.Fixed, c.Scenario.File())
	}
}

// write adds the smallest world of a failure to the corpus, under a name that
// is not taken.
func (h Hunt) write(from *source, f *Failure, tree *strict.Node, name string, taken map[string]bool) error {
	dir := h.folder(from)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	base := name
	for i := 2; taken[base+".yaml"]; i++ {
		base = fmt.Sprintf("%s-%d", name, i)
	}
	taken[base+".yaml"] = true
	if from.vocabulary.Folder == "" {
		if err := rebase(tree, filepath.Dir(from.c.Scenario.File()), dir); err != nil {
			return err
		}
	}
	text, path := file(tree, base, f), filepath.ToSlash(filepath.Join(dir, base+".yaml"))
	if err := files.Write(path, []byte(text)); err != nil {
		return err
	}
	f.Text, f.File = text, path
	return nil
}

// rebase has the paths in a file, which are relative to one folder, lead to the
// same files from another.
func rebase(tree *strict.Node, from, to string) error {
	paths := [][]string{
		{"server", "content", "directory"},
		{"server", "content", "har"},
		{"workload", "keys", "file"},
		{"workload", "arrivals", "trace"},
	}
	for i := range tree.At("workload", "arrivals").Items() {
		paths = append(paths, []string{"workload", "arrivals", itoa(i), "trace"})
	}
	for _, path := range paths {
		name := tree.At(path...).Text()
		if name == "" || filepath.IsAbs(name) {
			continue
		}
		moved, err := relative(to, filepath.Join(from, name))
		if err != nil {
			return err
		}
		tree.Set(filepath.ToSlash(moved), path...)
	}
	return nil
}

// relative is filepath.Rel, where one path may be relative to the working
// folder and the other not.
func relative(from, to string) (string, error) {
	from, err := filepath.Abs(from)
	if err != nil {
		return "", err
	}
	if to, err = filepath.Abs(to); err != nil {
		return "", err
	}
	return filepath.Rel(from, to)
}

// file returns the text of a world's file: its story, and what it is made of.
func file(tree *strict.Node, name string, f *Failure) string {
	ordered := strict.NewMapping()
	ordered.Set(name, "name")
	for _, key := range tree.Steps() {
		if key != "name" {
			ordered.Set(tree.At(key), key)
		}
	}
	var b strings.Builder
	for _, line := range f.Story.Lines() {
		b.WriteString("# " + line + "\n")
	}
	b.Write(ordered.YAML())
	return b.String()
}

var noLetters = regexp.MustCompile(`[^a-z0-9]+`)

// slug returns a short name of a kind of failure, of lower-case letters, digits
// and hyphens.
func slug(k kind) string {
	const most = 40
	text := k.shape
	if k.check != classification {
		text = k.check + " " + k.shape
	}
	text = strings.NewReplacer(": got ", "-", ", want ", "-not-").Replace(text)
	text = strings.Trim(noLetters.ReplaceAllString(strings.ToLower(text), "-"), "-")
	if len(text) > most {
		text = strings.Trim(text[:most], "-")
	}
	return cmp.Or(text, "failure")
}
