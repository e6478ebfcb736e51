package command

import (
	"cmp"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"github.com/teapot-go/teapot/command/internal/cli"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports"
)

// optionEffects has for every option of every command a command line that it
// changes when it is added, and the command lines in which it would have no
// effect, and is refused. PORT stands for a free port, and OTHER for another.
var optionEffects = map[string]struct {
	before, option string
	refused        []string
	unseen         string // why the effect cannot be seen here
}{
	"run --clock": {before: "run real.yaml --report= --format csv", option: "--clock virtual"},
	"run --seed":  {before: "run little.yaml --report= --format csv", option: "--seed 2"},
	"run --only":  {before: "run little.yaml --report=", option: "--only little/pool/2"},
	"run --cluster": {
		refused: []string{"run little.yaml --cluster nats://127.0.0.1:1"},
		unseen:  "it needs a server and workers: see TestWorkerInterrupted",
	},
	"run --report": {before: "run little.yaml", option: "--report x.html"},
	"run --json":   {before: "run little.yaml", option: "--json x.json"},
	"run --ci":     {unseen: "it is of CI services: see TestAnnotations"},
	"run --samples": {
		"run many.yaml --report= --format csv", "--samples 100", []string{"run many.yaml --samples 99"}, "",
	},
	"run --live":     {unseen: "its page is there during the run: see TestLive"},
	"run -q/--quiet": {before: "run little.yaml", option: "--quiet"},
	"run --repeat": {
		"run real.yaml --report= --format csv", "--repeat 3",
		[]string{"run little.yaml --repeat 3"},
		"",
	},
	"run --baseline": {before: "run little.yaml", option: "--baseline old.json"},
	"run --against":  {before: "run little.yaml --only little/pool/2", option: "--against ./same"},
	"run --against-json": {
		"run little.yaml --only little/pool/2 --against ./same", "--against-json x.json",
		[]string{"run little.yaml --against-json x.json"},
		"",
	},
	"run --comparison": {
		"run little.yaml --baseline old.json", "--comparison x.md",
		[]string{"run little.yaml --comparison x.md"},
		"",
	},
	"run --format": {before: "run little.yaml", option: "--format csv"},
	"run --out":    {before: "run little.yaml", option: "--out x.csv"},

	"worker --cluster": {unseen: "it needs a server and a run: see TestWorkerInterrupted"},
	"worker --slots":   {unseen: "the same: see TestExamples"},
	"worker --runs":    {unseen: "the same: see TestExamples"},

	"hunt --seeds": {
		refused: []string{"hunt little.yaml --seeds 1 --for 1s"}, unseen: "it prints times: see TestHunt",
	},
	"hunt --for":  {refused: []string{"hunt little.yaml --for 1s --seeds 1"}, unseen: "it is a time: see TestHunt"},
	"hunt --seed": {before: "hunt little.yaml --only little/pool/2 --seeds 1 --format csv", option: "--seed 2"},
	"hunt --only": {
		"hunt little.yaml --seeds 1 --format csv", "--only little/pool/2",
		[]string{"hunt little.yaml --only large"},
		"",
	},
	"hunt --jobs":       {unseen: "what is found does not depend on it: see TestJobs of package hunt"},
	"hunt --keep-going": {unseen: "it needs a wrong client: see testOwnHunt"},
	"hunt --corpus":     {unseen: "it needs a wrong client: see testOwnHunt"},
	"hunt --json":       {before: "hunt little.yaml --only little/pool/2 --seeds 1 -q", option: "--json x.json"},
	"hunt -q/--quiet":   {unseen: "it prints times: see TestHunt"},
	"hunt --format":     {before: "hunt little.yaml --only little/pool/2 --seeds 1 -q", option: "--format csv"},
	"hunt --out":        {before: "hunt little.yaml --only little/pool/2 --seeds 1 -q", option: "--out x.csv"},

	"load --rate":    {"load SERVICE --yaml", "--rate 20/s", []string{"load SERVICE --yaml --rate 0/s"}, ""},
	"load --for":     {"load SERVICE --yaml", "--for 20s", []string{"load SERVICE --yaml --for soon"}, ""},
	"load --poisson": {before: "load SERVICE --yaml", option: "--poisson"},
	"load --keys":    {"load SERVICE --yaml", "--keys paths.txt", []string{"load SERVICE --yaml --keys none.txt"}, ""},
	"load --timeout": {"load SERVICE --yaml", "--timeout 1s", []string{"load SERVICE --yaml --timeout 0s"}, ""},
	"load --driver":  {"load SERVICE --yaml", "--driver fasthttp", []string{"load SERVICE --yaml --driver slow"}, ""},
	"load --p99":     {"load SERVICE --yaml", "--p99 <=1s", []string{"load SERVICE --yaml --p99 1s"}, ""},
	"load --errors":  {"load SERVICE --yaml", "--errors <=1%", []string{"load SERVICE --yaml --errors few"}, ""},
	"load --seed": {
		"load SERVICE --yaml --poisson", "--seed 2",
		[]string{"load SERVICE --yaml --seed 2"},
		"",
	},
	"load --yaml": {unseen: "it takes the place of a run: see TestLoad"},
	"load --report": {
		refused: []string{"load SERVICE --yaml --report x.html"}, unseen: "its times differ: see TestLoad",
	},
	"load --json": {
		refused: []string{"load SERVICE --yaml --json x.json"}, unseen: "its times differ: see TestLoad",
	},
	"load --allow-remote": {
		before: "load SERVICE --yaml", option: "--allow-remote 127.0.0.1",
		refused: []string{"load SERVICE --yaml --allow-remote other.test"},
	},
	"load --samples": {
		refused: []string{"load SERVICE --yaml --samples 100", "load SERVICE --samples 1000001"},
		unseen:  "its times differ: see TestLoadSamples",
	},
	"load --live": {
		refused: []string{"load SERVICE --yaml --live"}, unseen: "its page is there during the run: see TestLive",
	},
	"load -q/--quiet": {
		refused: []string{"load SERVICE --yaml --quiet"}, unseen: "its times differ: see TestLoad",
	},

	"check --fix":       {before: "check wrong.yaml", option: "--fix"},
	"init --ci":         {before: "init new", option: "--ci gitlab"},
	"learn --fields":    {"learn two.log", "--fields time=2", []string{"learn two.log --fields tim=2"}, ""},
	"learn --unit":      {before: "learn two.log", option: "--unit ms"},
	"learn --host":      {"learn two.log", "--host a.example", []string{"learn two.log --host c.example"}, ""},
	"learn --routes":    {before: "learn two.log", option: "--routes 1"},
	"learn --points":    {before: "learn two.log", option: "--points 2"},
	"learn --tasks":     {before: "learn two.log", option: "--tasks 1"},
	"trace -o/--output": {before: "trace two.log", option: "--output x.jsonl"},
	"trace --from":      {"trace offsets.csv", "--from 2s", []string{"trace offsets.csv --from soon"}, ""},
	"trace --until":     {"trace offsets.csv", "--until 2s", []string{"trace offsets.csv --until soon"}, ""},
	"trace --speed":     {before: "trace offsets.csv", option: "--speed 2x"},
	"trace --host":      {"trace two.log", "--host a.example", []string{"trace two.log --host c.example"}, ""},
	"trace --time":      {"trace offsets.csv", "--time sent", []string{"trace two.log --time x"}, ""},
	"trace --key":       {"trace offsets.csv", "--key name", []string{"trace two.log --key x"}, ""},
	"init --plain":      {refused: []string{"init new --plain"}, unseen: "it needs a module: see TestInit"},
	"explain --schema":  {"explain", "--schema", []string{"explain clock --schema"}, ""},

	"serve --port": {before: "serve local --port PORT", option: "--port OTHER"},
	"serve --bind": {before: "serve local --port 0", option: "--bind 0.0.0.0"},
	"serve --latency": {
		"serve local --port 0", "--latency 1ms",
		[]string{"serve --scenario little.yaml --latency 1ms"},
		"",
	},
	"serve --error-rate": {
		"serve local --port 0", "--error-rate 0.5", []string{"serve --scenario little.yaml --error-rate 0.5"}, "",
	},
	"serve --status": {
		"serve local --port 0 --error-rate 0.5", "--status 503",
		[]string{
			"serve --scenario little.yaml --status 503", "serve local --status 503",
			"serve error --error-rate 0 --status 503",
		},
		"",
	},
	"serve --seed": {
		"serve local --port 0 --error-rate 0.5", "--seed 1",
		[]string{
			"serve --scenario little.yaml --seed 1", "serve local --seed 1", "serve delay --latency 1s --seed 1",
			"serve error --latency 1s --error-rate 1 --seed 1",
		},
		"",
	},
	"serve --allow-host": {
		refused: []string{"serve local --allow-host a/b", "serve local --bind 0.0.0.0 --allow-host tea.test"},
		unseen:  "see TestServedNames",
	},
	"serve --dot-files": {
		refused: []string{"serve local --dot-files"},
		unseen:  "see TestServeDirectory",
	},
	"serve --directory": {before: "serve local --port 0", option: "--directory public"},
	"serve --protocol": {
		"serve local --port 0", "--protocol https",
		[]string{"serve --scenario little.yaml --protocol h2"},
		"",
	},
	"serve --scenario": {
		"serve --port 0", "--scenario faults.yaml",
		[]string{"serve local --scenario faults.yaml"},
		"",
	},
	"serve --admin":   {before: "serve local --port 0", option: "--admin 0"},
	"serve --timeout": {refused: withoutAdmin("serve local", "--timeout 1s"), unseen: "see TestSeenTimeout"},
	"serve --report": {
		"serve local --port 0 --admin 0", "--report x.html", withoutAdmin("serve local", "--report x.html"), "",
	},
	"serve --json": {
		"serve local --port 0 --admin 0", "--json x.json",
		append(withoutAdmin("serve local", "--json x.json"), "serve local --admin 0 --report x --json x"), "",
	},
	"serve -v/--verbose": {before: "serve local --port 0", option: "-v"},

	"proxy --port": {
		"proxy SERVICE --port PORT", "--port OTHER",
		[]string{"proxy SERVICE --port -1"},
		"",
	},
	"proxy --bind": {before: "proxy SERVICE --port 0", option: "--bind 0.0.0.0"},
	"proxy --allow-host": {
		refused: []string{"proxy SERVICE --allow-host a/b", "proxy SERVICE --bind 0.0.0.0 --allow-host tea.test"},
		unseen:  "see TestServedNames",
	},
	"proxy --latency": {"proxy SERVICE --port 0", "--latency 1ms", scenarioDecides("--latency 1ms"), ""},
	"proxy --error-rate": {
		"proxy SERVICE --port 0", "--error-rate 0.5",
		append(scenarioDecides("--error-rate 0.5"), "proxy SERVICE --error-rate 2"), "",
	},
	"proxy --status": {
		"proxy SERVICE --port 0 --error-rate 0.5", "--status 500",
		append(scenarioDecides("--status 500"), "proxy SERVICE --status 500",
			"proxy SERVICE --error-rate 1 --status 7"), "",
	},
	"proxy --seed": {
		"proxy SERVICE --port 0 --error-rate 0.5", "--seed 2",
		append(scenarioDecides("--seed 2"), "proxy SERVICE --seed 2"), "",
	},
	"proxy --key": {
		"proxy SERVICE --port 0 --error-rate 0.5", "--key method_uri",
		append(scenarioDecides("--key path"), "proxy SERVICE --key path", "proxy SERVICE --error-rate 1 --key id"), "",
	},
	"proxy --protocol": {"proxy SERVICE --port 0", "--protocol https", scenarioDecides("--protocol h2"), ""},
	"proxy --scenario": {before: "proxy SERVICE --port 0", option: "--scenario faults.yaml"},
	"proxy --admin":    {before: "proxy SERVICE --port 0", option: "--admin 0"},
	"proxy --timeout": {
		refused: append(withoutAdmin("proxy SERVICE", "--timeout 1s"), scenarioDecides("--admin 0 --timeout 1s")...),
		unseen:  "see TestSeenTimeout",
	},
	"proxy --report": {
		"proxy SERVICE --port 0 --admin 0", "--report x.html", withoutAdmin("proxy SERVICE", "--report x.html"), "",
	},
	"proxy --json": {
		"proxy SERVICE --port 0 --admin 0", "--json x.json", withoutAdmin("proxy SERVICE", "--json x.json"), "",
	},
	"proxy -v/--verbose": {before: "proxy SERVICE --port 0", option: "-v"},
	"proxy --allow-remote": {
		refused: []string{"proxy SERVICE --allow-remote example.org"},
		unseen:  "it lets the proxy leave the machine, which no test does",
	},

	"flags -a/--all":     {"flags --yaml", "-a", []string{"flags br -a", "flags -e -a"}, ""},
	"flags -e/--every":   {"flags --yaml", "-e", []string{"flags br -e", "flags -a -e"}, ""},
	"flags -l/--limit":   {before: "flags --yaml", option: "-l 3"},
	"flags -m/--max_req": {"flags --yaml", "-m 3", []string{"flags --executor sequential -m 3"}, ""},
	"flags -s/--server":  {before: "flags --yaml", option: "-s delay"},
	"flags --port": {
		"flags br --dest= --port PORT", "--port OTHER",
		[]string{"flags -s http://127.0.0.1:PORT/flags --port 80", "flags --yaml --port 80"},
		"",
	},
	"flags --allow-remote": {
		"flags -s http://192.0.2.1/flags -m 0", "--allow-remote", // of two mistakes one is mended
		[]string{"flags --allow-remote", "flags -s delay --allow-remote"}, "",
	},
	"flags --executor": {before: "flags --yaml", option: "--executor async"},
	"flags --timeout":  {before: "flags --yaml", option: "--timeout 9s"},
	"flags --seed": {
		"flags -s error --yaml", "--seed 1",
		[]string{"flags --seed 1", "flags --yaml --seed 1", "flags -s http://127.0.0.1:PORT/flags --seed 1"},
		"",
	},
	"flags --dest": {"flags br --port PORT", "--dest x", []string{"flags --yaml --dest x"}, ""},
	"flags -v/--verbose": {
		"flags br --dest= --port PORT", "-v",
		[]string{"flags --yaml -v", "flags --format csv -v"},
		"",
	},
	"flags -q/--quiet": {
		"flags", "-q",
		[]string{"flags --yaml -q", "flags -v -q", "flags --futures -q"},
		"a bar is drawn on a terminal only",
	},
	"flags --futures": {
		"flags br --dest= --port PORT", "--futures",
		[]string{"flags --yaml --futures", "flags --out - --format csv --futures"},
		"",
	},
	"flags --report": {"flags br --dest= --port PORT", "--report x.html", []string{"flags --yaml --report x.html"}, ""},
	"flags --yaml": {
		"flags br", "--yaml",
		[]string{"flags --executor process --yaml", "flags -s http://127.0.0.1:PORT/flags --yaml"},
		"",
	},
	"flags --format": {"flags br --dest= --port PORT", "--format csv", []string{"flags --yaml --format csv"}, ""},
	"flags --out":    {"flags br --dest= --port PORT", "--out x.csv", []string{"flags --yaml --out x.csv"}, ""},

	"primes --executor":     {before: "primes 1 7 --yaml", option: "--executor pool"},
	"primes --as-completed": {before: "primes 1 7 --yaml", option: "--as-completed"},
	"primes --yaml":         {before: "primes 1 7 --executor pool", option: "--yaml"},
	"primes --format": {
		"primes 1 7 --executor pool", "--format csv",
		[]string{"primes 1 7 --yaml --format csv"},
		"",
	},
	"primes --out": {
		"primes 1 7 --executor pool", "--out x.csv",
		[]string{"primes 1 7 --yaml --out x.csv"},
		"",
	},

	"loiter -w/--workers":   {"loiter --yaml", "-w 2", []string{"loiter --executor sequential -w 2"}, ""},
	"loiter --executor":     {before: "loiter --yaml", option: "--executor async"},
	"loiter --clock":        {before: "loiter --yaml", option: "--clock virtual"},
	"loiter --as-completed": {before: "loiter --yaml", option: "--as-completed"},
	"loiter --yaml":         {before: "loiter --clock virtual", option: "--yaml"},
	"loiter --format":       {"loiter --clock virtual", "--format csv", []string{"loiter --yaml --format csv"}, ""},
	"loiter --out":          {"loiter --clock virtual", "--out x.csv", []string{"loiter --yaml --out x.csv"}, ""},

	"report --format": {before: "report old.json", option: "--format csv"},
	"report --out":    {before: "report old.json", option: "--out x.csv"},

	"trend --format":      {before: "trend history", option: "--format json"},
	"trend --out":         {before: "trend history", option: "--out x.html"},
	"trend --last":        {before: "trend history", option: "--last 20"},
	"trend --tolerance":   {before: "trend history", option: "--tolerance 1%"},
	"compare --format":    {before: "compare old.json old.json", option: "--format markdown"},
	"compare --out":       {before: "compare old.json old.json", option: "--out x.txt"},
	"compare --tolerance": {before: "compare times.json slower.json", option: "--tolerance 1%"},
}

// withoutAdmin is a command line with an option that judges what no client can
// tell.
func withoutAdmin(command, option string) []string { return []string{command + " " + option} }

// scenarioDecides is a command line with an option that a scenario leaves
// nothing to do for.
func scenarioDecides(option string) []string {
	return []string{"proxy SERVICE --scenario faults.yaml " + option}
}

// TestOptionEffects wants of every option of every command that it has an
// effect, and that it is refused where it would have none. A command line that
// is run twice does the same, times apart.
func TestOptionEffects(t *testing.T) {
	known := map[string]bool{}
	eachOption(t, func(id string, option *kong.Value) {
		if option.Flag == nil {
			return
		}
		known[id] = true
		row, found := optionEffects[id]
		if !found {
			t.Errorf("%s: not in the table", id)
			return
		}
		t.Run(id, func(t *testing.T) {
			inOptionsFolder(t)
			if strings.HasPrefix(id, "trend ") {
				inHistory(t, 40, func(i int) float64 { return 1 + 0.03*float64(i/20) })
			}
			service := httptest.NewServer(http.NotFoundHandler())
			defer service.Close()
			ports := strings.NewReplacer("PORT", freePort(t), "OTHER", freePort(t), "SERVICE", service.URL)
			if row.unseen == "" {
				vary := varying(row.before)
				seen := func(line string) string { return vary.ReplaceAllString(effect(t, ports.Replace(line)), "…") }
				before := seen(row.before)
				if again := seen(row.before); again != before {
					t.Errorf("teapot %s\n--- once\n%s--- twice\n%s", row.before, before, again)
				}
				if with := row.before + " " + row.option; seen(with) == before {
					t.Errorf("teapot %s does what it does without the option:\n%s", with, before)
				}
			}
			for _, line := range row.refused {
				status, stdout, stderr := teapot(t, strings.Fields(ports.Replace(line))...)
				if _, name, _ := strings.Cut(id, " "); status != cli.StatusBadInput || stdout != "" ||
					!strings.Contains(stderr, name[strings.LastIndex(name, "/")+1:]) {
					t.Errorf("teapot %s: status %d, %s%s", line, status, stdout, stderr)
				}
			}
		})
	})
	for id := range optionEffects {
		if !known[id] {
			t.Errorf("%s: no command has this option", id)
		}
	}
}

// inOptionsFolder makes a folder with the files that the command lines name the
// working one.
func inOptionsFolder(t *testing.T) {
	t.Helper()
	inFolder(t, map[string]string{
		"little.yaml": scenario, "public/tea.txt": "green", "old.json": string(littleRecorded()),
		"many.yaml": "name: many\nclock: virtual\nserver: {body: 1B}\n" +
			"workload: {task: download, keys: {count: 300}}\nexecutors: [{kind: async}]\n",
		"paths.txt":   "/a\n/b\n",
		"offsets.csv": "at,sent,key,name\n1,2,a,b\n3,5,c,d\n",
		"two.log": loggedLine("/a", "0.011 0.5") + "a.example:80 " + loggedLine("/a", "0.021 0.5") +
			"b.example:80 " + loggedLine("/b", "0.031 0.5") + loggedLine("/a", "0.041 0.5"),
		"wrong.yaml": strings.Replace(scenario, "workload", "wrokload", 1),
		"real.yaml":  "name: real\nclock: real\nworkload: {task: loiter, keys: [0]}\nexecutors: [{kind: sequential}]\n",
		"faults.yaml": "name: faults\nserver: {faults: [{kind: status, status: 418, rate: 1}]}\n" +
			"workload: {task: download, flags: [BR]}\nexecutors: [{kind: sequential}]\n",
	})
	otherBuild(t, "same", `teapot "$@"`)
	host, recs, err := new(cli.Console).ReadRecordings("old.json")
	if err != nil {
		t.Fatal(err)
	}
	for file, more := range map[string]time.Duration{"times.json": 0, "slower.json": recs[0].Makespan * 3 / 100} {
		var rounds []*record.Recording
		for i := range 20 {
			r := *recs[0]
			r.Clock, r.Round = record.Real, i
			endAt(&r, r.Makespan+more+time.Duration(i%3)*time.Microsecond)
			rounds = append(rounds, &r)
		}
		if err := reports.WriteFile(file, reports.JSON(host, rounds)); err != nil {
			t.Fatal(err)
		}
	}
}

// varying matches what differs in the output of a command line from run to run:
// all numbers of a run under the real clock, and elsewhere times.
func varying(line string) *regexp.Regexp {
	switch {
	case strings.Contains(line, "real.yaml"):
		return regexp.MustCompile(`\d+`)
	case strings.Contains(line, "yaml") || strings.Contains(line, "virtual"):
		return regexp.MustCompile(`$^`) // nothing
	}
	return regexp.MustCompile(`[\d.]+ ?[µnm]?s\b`)
}

// effect returns what a command line does: what it prints, and the files that
// it leaves. A server is asked for a flag twenty times.
func effect(t *testing.T, line string) string {
	t.Helper()
	before := filesHere(t)
	var status int
	var stdout, stderr string
	if args := strings.Fields(line); args[0] == "serve" || args[0] == "proxy" {
		urls, stop := listening(t, args...)
		if len(urls) == 0 {
			_, stdout, stderr := stop()
			t.Fatalf("teapot %s: %s%s", line, stdout, stderr)
		}
		for range 20 {
			if strings.HasPrefix(urls[0], "http://") {
				fetch(t, urls[0]+"/flags/br/br.gif")
			}
		}
		status, stdout, stderr = stop()
		for _, url := range urls {
			if !strings.Contains(line, url[strings.LastIndex(url, ":")+1:]) { // any free port
				stdout = strings.ReplaceAll(stdout, url, "URL "+url[:strings.LastIndex(url, ":")])
			}
		}
	} else {
		status, stdout, stderr = teapot(t, args...)
	}
	made := slices.DeleteFunc(filesHere(t), func(name string) bool { return slices.Contains(before, name) })
	for _, name := range made {
		os.Remove(name)
	}
	text := fmt.Sprintf("status %d\n%s%s%s\n", status, stdout, stderr, strings.Join(made, " "))
	return text
}

// filesHere are the names of all files in the working folder.
func filesHere(t *testing.T) (names []string) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// TestNonsense gives every option a value that none of them takes. Where it is
// refused, the message names the option and the value, and says what is wanted.
func TestNonsense(t *testing.T) {
	refused := 0
	eachOption(t, func(id string, option *kong.Value) {
		row, known := optionEffects[id]
		if option.Flag == nil || option.IsBool() || !known {
			return
		}
		inOptionsFolder(t)
		command, name, _ := strings.Cut(id, " ")
		name = name[strings.LastIndex(name, "/")+1:]
		before := strings.NewReplacer("PORT", "0", "OTHER", "0", "SERVICE", "http://127.0.0.1:1").Replace(
			cmp.Or(row.before, command))
		const nonsense = "t?/ea("
		status, _, stderr := teapot(t, append(strings.Fields(before), name+"="+nonsense)...)
		first, _, _ := strings.Cut(stderr, "\n")
		if status != cli.StatusBadInput || !strings.Contains(first, name) {
			return // a name of a file, say
		}
		refused++
		wanted := func(s string) bool { return strings.Contains(first, s) }
		ways := []string{"want", ", or use ", "no such file", "went to it"}
		if !wanted(nonsense) || !slices.ContainsFunc(ways, wanted) {
			t.Errorf("teapot %s %s=%s: %s", before, name, nonsense, first)
		}
	})
	if refused < 20 {
		t.Errorf("%d options refuse nonsense", refused)
	}
}
