package command

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/teapot-go/teapot/command/internal/cli"
)

// inModule makes the folder of a module that uses this teapot the working one.
func inModule(t *testing.T, files map[string]string) {
	t.Helper()
	inFolder(t, files)
	mod := "module example.com/mine\n\ngo 1.26\n\nreplace " + module + " => " + filepath.Dir(sourceFolder) + "\n"
	if err := os.WriteFile("go.mod", []byte(mod), 0o644); err != nil {
		t.Fatal(err)
	}
}

// shell runs a command that teapot has printed, or written into a workflow.
func shell(t *testing.T, command string) string {
	t.Helper()
	cmd := exec.Command("sh", "-c", command)
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off", "GOSUMDB=off", "GOPROXY=off")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", command, err, out)
	}
	return string(out)
}

// steps returns the commands that teapot init has printed.
func steps(stdout string) (list []string) {
	for _, m := range regexp.MustCompile(`(?m)^  (go .*)$`).FindAllStringSubmatch(stdout, -1) {
		list = append(list, m[1])
	}
	return list
}

// TestInit runs, in a new module, the commands that init prints, and then those
// of the workflow.
func TestInit(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the tests of new modules")
	}
	for name, tt := range map[string]struct {
		args  string
		files map[string]string
		steps int
	}{
		"a suite, from elsewhere": {"init ../../load", map[string]string{"a/b/b.go": "package b\n"}, 3},
		"a plain test of a package": {"init . --plain", map[string]string{
			"main.go": "package main\n\nfunc main() {}\n",
		}, 2},
		"beside a test": {"init . --plain", map[string]string{"main_test.go": testMain}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			inModule(t, tt.files)
			if strings.Contains(tt.args, "..") {
				t.Chdir("a/b")
			}
			status, stdout, stderr := teapot(t, strings.Fields(tt.args)...)
			commands := steps(stdout)
			if status != cli.StatusHolds || len(commands) != tt.steps ||
				!strings.Contains(commands[0], "go get -tool "+module) {
				t.Fatalf("status %d\n%s%s", status, stdout, stderr)
			}
			for _, command := range commands {
				shell(t, command)
			}
			if listed := shell(t, commands[len(commands)-1]+" -list ."); !strings.Contains(listed, "TestScenarios") {
				t.Errorf("go test lists %s", listed)
			}
			if changed := shell(t, "gofmt -l ."); changed != "" {
				t.Errorf("gofmt would change %s", changed)
			}
			if strings.Contains(tt.args, "..") {
				t.Chdir("../..")
			}
			workflow, err := os.ReadFile(".github/workflows/teapot.yml")
			if err != nil {
				t.Fatal(err)
			}
			runs := regexp.MustCompile(`(?m)^        run: (go .*)$`).FindAllStringSubmatch(string(workflow), -1)
			if len(runs) != 2 {
				t.Fatalf("the workflow has %d commands:\n%s", len(runs), workflow)
			}
			for _, run := range runs {
				shell(t, run[1])
			}
			for _, file := range uploads(t, workflow) {
				if info, err := os.Stat(file); err != nil || info.Size() < 100 {
					t.Errorf("%s: %v", file, err)
				}
			}
		})
	}
}

const testMain = "package main\n\nimport \"testing\"\n\nfunc TestMain(m *testing.M) { m.Run() }\n"

// uploads returns the files that a workflow uploads.
func uploads(t *testing.T, workflow []byte) []string {
	t.Helper()
	var w struct {
		Jobs map[string]struct {
			Steps []struct{ With map[string]string }
		}
	}
	if err := yaml.Unmarshal(workflow, &w); err != nil {
		t.Fatal(err)
	}
	for _, step := range w.Jobs["scenarios"].Steps {
		if paths := step.With["path"]; paths != "" {
			return strings.Fields(paths)
		}
	}
	t.Fatalf("nothing is uploaded:\n%s", workflow)
	return nil
}

// tree lists the files of the working folder.
func tree(t *testing.T) (names []string) {
	t.Helper()
	if err := filepath.WalkDir(".", func(name string, _ fs.DirEntry, err error) error {
		names = append(names, filepath.ToSlash(name))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return names
}

// TestInitNeverOverwrites has each set of the files exist already.
func TestInitNeverOverwrites(t *testing.T) {
	all := []string{"scenarios/first.yaml", "scenarios/scenarios_test.go", ".github/workflows/teapot.yml"}
	for set := range 1 << len(all) {
		files := map[string]string{"go.mod": "module example.com/mine\n"}
		for i, name := range all {
			if set&(1<<i) != 0 {
				files[name] = "mine"
			}
		}
		inFolder(t, files)
		before := tree(t)
		status, stdout, stderr := teapot(t, "init")
		if set == 0 {
			if status != cli.StatusHolds || len(tree(t)) != len(before)+len(all)+4 {
				t.Errorf("status %d, %q\n%s", status, tree(t), stderr)
			}
			continue
		}
		if after := tree(t); status != cli.StatusBadInput || stdout != "" || !slices.Equal(before, after) {
			t.Errorf("%q: status %d, then %q\n%s", before, status, after, stdout)
		}
		for name, text := range files {
			if now, err := os.ReadFile(name); err != nil || string(now) != text {
				t.Errorf("%s: %q, %v", name, now, err)
			}
			if told := strings.Contains(stderr, name+": it exists already\n"); told != (text == "mine") {
				t.Errorf("%s: told of: %v\n%s", name, told, stderr)
			}
		}
	}
	inFolder(t, map[string]string{"a": ""})
	if err := os.Mkdir("scenarios", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("nowhere", "scenarios/first.yaml"); err != nil {
		t.Skip(err)
	}
	if status, _, stderr := teapot(t, "init"); status != cli.StatusBadInput ||
		!strings.Contains(stderr, "scenarios/first.yaml: it exists already") {
		t.Errorf("a link to nowhere: status %d, %s", status, stderr)
	}
}

// TestInitPlaces has modules, packages and repositories of several kinds.
func TestInitPlaces(t *testing.T) {
	const mod = "module example.com/mine\n"
	for name, tt := range map[string]struct {
		files map[string]string
		args  string
		want  []string // parts of what is printed
		file  string   // one that is written
		holds string   // what it has
	}{
		"a new folder": {
			map[string]string{"go.mod": mod},
			"load-tests",
			[]string{"go test ./load-tests\n"},
			"load-tests/scenarios_test.go", "package loadtests_test\n",
		},
		"a keyword": {
			map[string]string{"go.mod": mod}, "go", nil, "go/scenarios_test.go", "package scenarios_test\n",
		},
		"a number": {
			map[string]string{"go.mod": mod}, "1st", nil, "1st/scenarios_test.go", "package scenarios_test\n",
		},
		"another package": {
			map[string]string{"go.mod": mod, "x/a.go": "package other\n"},
			"x", nil,
			"x/scenarios_test.go", "package other_test\n",
		},
		"tests alone": {
			map[string]string{"go.mod": mod, "x/a_test.go": "package other_test\n"},
			"x", nil,
			"x/scenarios_test.go", "package other_test\n",
		},
		"no module": {
			map[string]string{"a": ""},
			"load --ci github",
			[]string{"go run " + module + "/cmd/teapot@latest run ./load\n", "no go.mod"},
			".github/workflows/teapot.yml", "go run " + module + "/cmd/teapot@latest run load\n",
		},
		"no module, GitLab": {
			map[string]string{"a": ""}, "load --ci gitlab", nil, ".gitlab-ci.yml", "/cmd/teapot@latest run load\n",
		},
		"a module in a repository": {
			map[string]string{".git/HEAD": "", "services/shop/go.mod": mod},
			"services/shop/load",
			[]string{"go -C ./services/shop get -tool ", "go -C ./services/shop test ./load\n"},
			".github/workflows/teapot.yml", "working-directory: services/shop\n",
		},
		"the same, GitLab": {
			map[string]string{".git/HEAD": "", "services/shop/go.mod": mod},
			"services/shop/load --ci gitlab", nil,
			".gitlab-ci.yml", "- services/shop/load/teapot-report.html\n",
		},
		"no workflow": {map[string]string{"go.mod": mod}, "--ci none", nil, "scenarios/first.yaml", "name: first\n"},
	} {
		t.Run(name, func(t *testing.T) {
			inFolder(t, tt.files)
			status, stdout, stderr := teapot(t, append([]string{"init"}, strings.Fields(tt.args)...)...)
			if status != cli.StatusHolds {
				t.Fatalf("status %d\n%s", status, stderr)
			}
			for _, want := range tt.want {
				if !strings.Contains(stdout, want) {
					t.Errorf("no %q in\n%s", want, stdout)
				}
			}
			text, err := os.ReadFile(tt.file)
			if err != nil || !strings.Contains(string(text), tt.holds) {
				t.Errorf("%s: no %q: %v\n%s", tt.file, tt.holds, err, text)
			}
			lint(t)
			if _, err := os.Stat(".github"); strings.Contains(tt.args, "none") && !errors.Is(err, fs.ErrNotExist) {
				t.Error("a workflow was written")
			}
			scenario := regexp.MustCompile(`wrote (.*)/first\.yaml\n`).FindStringSubmatch(stdout)
			if status, stdout, stderr := teapot(t, "run", scenario[1], "--report="); status != cli.StatusHolds {
				t.Errorf("status %d\n%s%s", status, stdout, stderr)
			}
		})
	}
}

// lint has actionlint check the workflow for GitHub, and reads the other.
func lint(t *testing.T) {
	t.Helper()
	if text, err := os.ReadFile(".gitlab-ci.yml"); err == nil {
		var jobs map[string]struct {
			Image       string
			Script      []string
			AfterScript []string `yaml:"after_script"`
			Rules       []any
			Artifacts   map[string]any
		}
		if err := yaml.Unmarshal(text, &jobs); err != nil || len(jobs) != 1 || len(jobs["scenarios"].Script) == 0 ||
			len(jobs["scenarios"].AfterScript) == 0 || len(jobs["scenarios"].Artifacts) != 3 {
			t.Errorf("%v: %+v\n%s", err, jobs, text)
		}
	}
	const workflow = ".github/workflows/teapot.yml"
	if _, err := os.Stat(workflow); err != nil {
		return
	}
	file, err := filepath.Abs(workflow)
	if err != nil {
		t.Fatal(err)
	}
	if err := hasActionlint(); err != nil {
		t.Logf("without actionlint, which could not be built: %v", err)
		return
	}
	if out, err := actionlint(file).CombinedOutput(); err != nil {
		t.Errorf("actionlint: %v\n%s", err, out)
	}
}

func actionlint(args ...string) *exec.Cmd {
	cmd := exec.Command("go", append([]string{"tool", "-modfile=.ci/tools.mod", "actionlint"}, args...)...)
	cmd.Dir = filepath.Dir(sourceFolder)
	return cmd
}

var hasActionlint = sync.OnceValue(func() error { return actionlint("-version").Run() })

// TestInitRefuses has folders that no test can stand in.
func TestInitRefuses(t *testing.T) {
	const mod = "module example.com/mine\n"
	for name, tt := range map[string]struct {
		files map[string]string
		args  []string
		want  string
	}{
		"a file":       {map[string]string{"go.mod": mod, "x": ""}, []string{"x"}, "x: a file: want a folder"},
		"below a file": {map[string]string{"go.mod": mod, "x": ""}, []string{"x/y/z"}, "x: a file: want a folder"},
		"a blank":      {map[string]string{"go.mod": mod}, []string{"my load"}, "my load: want a folder of letters"},
		"a suite": {
			map[string]string{"go.mod": mod, "x/a_test.go": "package x\n\nvar _ = ginkgo.RunSpecs(nil, \"\")\n"},
			[]string{"x"},
			"x/a_test.go: its package has a suite already",
		},
		"two packages": {
			map[string]string{"go.mod": mod, "x/a.go": "package a\n", "x/b.go": "package b\n"},
			[]string{"x"},
			"found packages a",
		},
		"another server": {map[string]string{"go.mod": mod}, []string{"--ci", "travis"}, "--ci"},
	} {
		inFolder(t, tt.files)
		before := tree(t)
		status, _, stderr := teapot(t, append([]string{"init"}, tt.args...)...)
		if status != cli.StatusBadInput || !strings.Contains(stderr, tt.want) || !slices.Equal(before, tree(t)) {
			t.Errorf("%s: status %d, no %q in %s", name, status, tt.want, stderr)
		}
	}
}

// TestInitIgnores runs, in a repository made by init, the commands of its
// workflow and all else that leaves files, and wants git to ignore each.
func TestInitIgnores(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a test of a new module")
	}
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git: ", err)
	}
	t.Setenv("GITLAB_CI", "true")
	for name, tt := range map[string]struct {
		ci    string
		files map[string]string // beside the module's
	}{
		"a module, GitHub": {"github", map[string]string{"go.mod": "", "go.sum": "", "a.go": "package a\n"}},
		"a module, GitLab": {"gitlab", map[string]string{"go.mod": "", "go.sum": "", "a.go": "package a\n"}},
		"none, GitHub":     {"github", map[string]string{"a": ""}},
		"none, GitLab":     {"gitlab", map[string]string{"a": ""}},
	} {
		t.Run(name, func(t *testing.T) {
			inModule(t, tt.files)
			_, module := tt.files["go.mod"]
			if !module {
				shell(t, "rm go.mod")
			}
			shell(t, "git init --quiet")
			folder, _ := os.Getwd()
			t.Setenv("CI_PROJECT_DIR", folder)
			status, stdout, stderr := teapot(t, "init", "--ci", tt.ci, "load")
			if status != cli.StatusHolds {
				t.Fatalf("status %d\n%s", status, stderr)
			}
			if module {
				for _, command := range steps(stdout) {
					shell(t, command)
				}
			}
			shell(t, "git add --all && git -c user.name=a -c user.email=a@b commit --quiet -m all")
			left := runWorkflow(t, module)
			if untracked := shell(t, "git status --porcelain"); untracked != "" {
				t.Errorf("git does not ignore\n%s", untracked)
			}
			for _, file := range left {
				if _, err := os.Stat(file); err != nil {
					t.Errorf("the workflow leaves no %s", file)
				}
			}
		})
	}
}

// runWorkflow runs what the workflow of the working folder runs, with teapot in
// this process, and teapot flags in the folder of the reports. It returns the
// reports that the workflow names.
func runWorkflow(t *testing.T, module bool) []string {
	t.Helper()
	text, err := os.ReadFile(".github/workflows/teapot.yml")
	if err != nil {
		text, err = os.ReadFile(".gitlab-ci.yml")
	}
	if err != nil {
		t.Fatal(err)
	}
	joined := regexp.MustCompile(`>-\n`).ReplaceAllString(string(text), "")
	joined = regexp.MustCompile(`\n +--`).ReplaceAllString(joined, " --")
	command := regexp.MustCompile(`go (test|tool teapot|run \S+/cmd/teapot@\S+) ([^\n]*)`)
	commands := command.FindAllStringSubmatch(joined, -1)
	if len(commands) == 0 {
		t.Fatalf("no command in\n%s", text)
	}
	for _, command := range commands {
		if command[1] == "test" {
			shell(t, command[0])
			continue
		}
		if status, stdout, stderr := teapot(t, strings.Fields(command[2])...); status != cli.StatusHolds {
			t.Fatalf("%s: status %d\n%s%s", command[0], status, stdout, stderr)
		}
	}
	if module {
		t.Chdir("load")
		defer t.Chdir("..")
	}
	if status, _, stderr := teapot(t, "flags", "br", "--quiet"); status != cli.StatusHolds {
		t.Error(stderr)
	}
	return regexp.MustCompile(`[\w/]*teapot-report\.[\w.]+`).FindAllString(joined, -1)
}
