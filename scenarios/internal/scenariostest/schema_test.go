package scenarios_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/invopop/jsonschema"
	validator "github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/scenarios/explain"
	"github.com/teapot-go/teapot/scenarios/internal/workload"
	"github.com/teapot-go/teapot/scenarios/strict"
	"github.com/teapot-go/teapot/servers/fault"
)

const schemaFile = "../../scenario.schema.json"

// unseen are the files of testdata/bad whose mistakes a schema cannot see, and
// why.
var unseen = map[string]string{
	"anchor": "is gone in what the YAML stands for", "anchor-mapping": "the same", "directive": "the same",
	"key-anchor":  "the same",
	"alias-list":  "the same",
	"merge-alias": "the same", "merge-key": "the same", "tag-custom": "the same",
	"document-end": "is the first document's schema", "document-second": "the same",
	"control-escaped":      "holds for every text",
	"download-no-flags":    "is one key's matter with another",
	"download-keys":        "the same",
	"download-no-server":   "the same",
	"retry-whole":          "the same",
	"unasked-download":     "the same",
	"reads-download":       "the same",
	"reads-no-server":      "the same",
	"unasked-loiter":       "the same",
	"unasked-no-server":    "the same",
	"executor-twice":       "the same",
	"cluster-none":         "the same",
	"driver-handler":       "the same",
	"driver-other":         "the same",
	"driver-virtual":       "the same",
	"driver-unknown":       "a program adds names of its own",
	"executor-twice-apart": "the same",
	"executor-unsized":     "the same",
	"arrivals-batch":       "the same",
	"arrivals-many":        "how many tasks there are is not in the schema",
	"arrivals-none":        "the same",

	"arrivals-long":            "how many tasks there are is not in the schema",
	"arrivals-long-capacity":   "the same",
	"arrivals-long-generators": "the same",
	"arrivals-long-hunt":       "the same",
	"arrivals-long-pick":       "the same",
	"arrivals-long-window":     "the same",

	"pick-alone":         "is one key's matter with another",
	"generators-closed":  "the same",
	"generators-users":   "the same",
	"generators-find":    "the same",
	"generators-batch":   "the same",
	"generators-cluster": "the same",
	"generators-many":    "how many tasks there are is not in the schema",
	"lateness-closed":    "the same", "lateness-virtual": "the same",
	"users-alone":            "the same",
	"users-arrivals":         "the same",
	"users-batch":            "the same",
	"users-endless":          "the same",
	"users-outcomes":         "the same",
	"users-ramp-level":       "is two numbers' matter",
	"users-ramp-none":        "the same",
	"find-missing":           "is one key's matter with another",
	"find-fixed":             "the same",
	"find-stages":            "the same",
	"find-nothing":           "the same",
	"find-range":             "is two numbers' matter",
	"fault-late":             "is the plan's matter",
	"fault-late-users":       "the same",
	"fault-late-closed":      "the same",
	"users-short":            "is one key's matter with another",
	"users-many":             "how many tasks there are is not in the schema",
	"users-outcomes-counted": "the same",
	"keys-source-file":       "what a file has is not in the schema",
	"keys-body":              "which keys are paths is not in the schema",
	"keys-source-none":       "is one key's matter with another",
	"keys-source-prime":      "what a task's keys are is not in the schema",
	"prime-virtual":          "which clock a task needs is not in the schema",
	"prime-key":              "what a task's keys are is not in the schema",
	"prime-flags":            "the same",
	"process-closure":        "which task an executor can run is not in the schema",
	"process-limit":          "which keys an executor has is not in the schema",
	"loiter-flags":           "the same",
	"attempts-loiter":        "the same",
	"loiter-keys":            "the same",
	"loiter-no-keys":         "the same",
	"loiter-server":          "the same",
	"loiter-timeout":         "the same",
	"order-by-map":           "the same",
	"order-by-map-unsaid":    "the same",
	"outcomes-empty":         "the same",
	"outcomes-sum":           "the same",
	"percentile-real":        "the same",
	"speedup-absent":         "the same",
	"speedup-alone":          "the same",
	"speedup-ambiguous":      "the same",
	"speedup-unsized":        "the same",
	"latency-order":          "is two numbers' matter",
	"latency-forms":          "the same",
	"fault-wire":             "is one key's matter with another",
	"fault-body":             "the same",
	"transport":              "the same",
	"transport-faults":       "the same",
	"transport-command":      "the same",
	"transport-process":      "the same",
	"unprocessed":            "the same",
	"record-headers":         "the same",
	"record-headers-empty":   "the same",
	"vary-unmet":             "is the ranges' matter with the keys, the executors and the faults",
	"vary-arrivals-closed":   "is one key's matter with another",
	"vary-arrivals-many":     "is the plan's matter",
	"vary-arrivals-none":     "is one key's matter with another",
	"vary-arrivals-order":    "is two numbers' matter",
	"hunt-real":              "is that of the task",
	"interleave-real":        "is one key's matter with another",
	"fault-at-unmet":         "is keys' and attempts' matter with those of the workload",
	"latencies-unmet":        "is keys' matter with those of the workload",
	"record-headers-many":    "the same",
	"fault-status":           "the same",
	"body-order":             "the same",
	"body-doubling":          "the same",
	"body-huge":              "a pattern cannot see",
	"fault-size":             "the same",
	"capacity-queue":         "is one key's matter with another",
	"capacity-retry":         "the same",
	"capacity-planned":       "the same",
	"capacity-schedule":      "the same",
	"rate-limit-planned":     "the same",
	"executor-unknown":       "may be registered",
	"task-empty":             "the same",
	"task-unknown":           "the same",
	"cr":                     "the same",
	"command-absent":         "is another file's matter", "command-alone": "is one key's matter with another",
	"command-lines":  "the same",
	"content-absent": "is another file's matter", "content-har": "the same",
	"content-body":           "is one key's matter with another",
	"content-empty":          "the same",
	"content-keys":           "the same",
	"content-no-keys":        "the same",
	"content-sources":        "the same",
	"content-upstream":       "the same",
	"key-flags":              "the same",
	"content-routes-pattern": "a pattern cannot see",
	"content-routes-twice":   "the same",
	"content-upstream-url":   "the same",
	"content-remote":         "is one key's matter with another",
	"content-remote-none":    "the same",
	"content-unknown":        "may be registered",
	"batch-unknown":          "the same",
	"batch-none":             "is one key's matter with another",
	"batch-absent":           "is another file's matter",
	"latency-closed":         "is one key's matter with another",
	"outcomes-classes":       "the same",
	"outcomes-errors":        "the same",
	"outcomes-least":         "the same",
	"outcomes-most":          "the same",
	"outcomes-part":          "the same",
	"recovery-late":          "the same",
	"recovery-none":          "the same",
	"unmet":                  "is the plan's matter",
	"unmet-outcomes":         "the same",
	"unmet-queue":            "the same",
	"unmet-real":             "the same",
}

// Patterns of what Go reads, and of what is above 0 by having a digit that is
// not 0.
const (
	blank    = `[ \t]*`
	number   = `([0-9]+(\.[0-9]*)?|\.[0-9]+)`
	share    = `(0*1(\.0*)?|0*\.[0-9]+|0+\.?)` // at most 1; what an exponent makes of a number, a pattern cannot see
	wait     = `\+?(` + number + `(ns|us|µs|μs|ms|s|m|h))+`
	waits    = blank + wait + blank
	two      = blank + `(uniform|normal|lognormal|pareto)` + blank + `\(` + waits + `,` + waits + `\)` + blank
	one      = blank + `exponential` + blank + `\(` + waits + `\)` + blank
	several  = blank + `list` + blank + `\(` + waits + `(,` + waits + `)*\)` + blank
	positive = `[1-9]`

	perSecond = `\+?` + number + `([eE][+-]?[0-9]+)?/[smh]`
	tasks     = `[0-9]{1,7}`
	percent   = `\+?` + number + `([eE][+-]?[0-9]+)?%` // 100 at most, which a pattern cannot see
	size      = `[0-9]+[ \t]*([KMG]i?)?B`              // 1GiB at most, which a pattern cannot see
)

// leaf returns the schema of a type that decodes itself, known by its name, or
// nil to leave a type to the library.
func leaf(t reflect.Type) *jsonschema.Schema {
	list := func(items *jsonschema.Schema) *jsonschema.Schema {
		return &jsonschema.Schema{Type: "array", Items: items, MinItems: new(uint64(1))}
	}
	whole := func(low, high int) *jsonschema.Schema {
		return &jsonschema.Schema{
			Type: "integer", Minimum: json.Number(fmt.Sprint(low)),
			Maximum: json.Number(fmt.Sprint(high)),
		}
	}
	matching := func(pattern string, also ...string) *jsonschema.Schema {
		s := &jsonschema.Schema{Type: "string", Pattern: "^" + pattern + "$"}
		for _, p := range also {
			s.AllOf = append(s.AllOf, &jsonschema.Schema{Pattern: p})
		}
		return s
	}
	either := func(one ...*jsonschema.Schema) *jsonschema.Schema { return &jsonschema.Schema{AnyOf: one} }
	bound := func(number string) string { // which of two is the higher, a pattern cannot see
		one := blank + `[<>]=` + blank + number + blank
		return `(` + one + `)(,(` + one + `))?`
	}
	portion := func() *jsonschema.Schema {
		some := `(` + tasks + `|` + percent + `)`
		return either(whole(0, maxCount), matching(bound(some)), matching(blank+some+blank))
	}
	if v, ok := reflect.Zero(t).Interface().(strict.Enum); ok {
		s := &jsonschema.Schema{Type: "string"}
		for _, w := range v.Values() {
			s.Enum = append(s.Enum, w)
		}
		return s
	}
	switch strings.ToLower(t.Name()) {
	case "string":
		return &jsonschema.Schema{Extras: map[string]any{"type": []string{"string", "number", "boolean"}}}
	case "uint64":
		return &jsonschema.Schema{Type: "integer", Minimum: "0", Maximum: "18446744073709551615"}
	case "rate":
		if t.Kind() == reflect.Struct { // of arrivals
			return matching(perSecond, positive)
		}
		fraction := &jsonschema.Schema{Type: "number", ExclusiveMinimum: "0", Maximum: "1"}
		return either(fraction, matching(percent, positive))
	case "positivenumber":
		return &jsonschema.Schema{Type: "number", ExclusiveMinimum: "0", Maximum: "1000000000"}
	case "statuscode":
		return either(whole(400, 599), &jsonschema.Schema{Enum: []any{204, 301, 302, 303, 304, 307, 308}})
	case "truth":
		return &jsonschema.Schema{Type: "boolean"}
	case "headerfield":
		return matching("[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\\x00-\\x08\\x0a-\\x1f\\x7f]*")
	case "headsize":
		return either(whole(fault.MinHugeHead, 1<<30), matching(blank+size+blank))
	case "bandwidth":
		return matching(`[0-9]+[KM]?B/s`, positive)
	case "keypattern":
		return &jsonschema.Schema{Extras: map[string]any{"type": []string{"string", "number", "boolean"}}}
	case "count":
		return whole(1, maxCount)
	case "attemptcount":
		return whole(1, maxAttempts)
	case "retrycount":
		return whole(2, maxAttempts)
	case "hopcount":
		return whole(1, fault.MaxHops)
	case "countlist":
		return either(whole(1, maxCount), list(whole(1, maxCount)))
	case "duration":
		return matching(wait, positive)
	case "retryafter":
		return either(matching(wait, positive), matching(`date\(`+wait+`\)`, positive),
			matching(`[A-Z][a-z]+, [0-9]{2}[ -][A-Z][a-z]{2}[ -][0-9]{2,4} [0-9:]{8} GMT`))
	case "retrycause":
		return either(&jsonschema.Schema{Enum: []any{
			"timeout", "refused", "reset", "truncated", "malformed", "redirect", "4xx", "5xx",
		}}, whole(400, 599))
	case "pauses":
		return either(matching(wait, positive), matching(`uniform\(.*\)`), matching(`exponential\(.*\)`))
	case "atleast":
		return matching(blank+">="+blank+`(\+?(`+share+`|`+number+`[eE][+-]?[0-9]+)|`+percent+`)`+blank, positive)
	case "atmost":
		return matching(blank+"<="+waits, positive)
	case "ratebound":
		return matching(bound(`\+?`+number+`([eE][+-]?[0-9]+)?/s`), positive)
	case "timebound":
		return matching(bound(wait), positive)
	case "countbound":
		return either(whole(0, maxCount), matching(bound(tasks)))
	case "sharebound":
		return portion()
	case "timesrule":
		return either() // the bounds of a window, or a list of them
	case "interleaving": // of up to 10 changes, and a seed below 2^64, which a pattern cannot see
		return matching(`((random|mixed)(\(\s*[0-9]+\s*\))?|priorities\(\s*\+?[0-9]+\s*(,\s*[0-9]+\s*)?\))`)
	case "distribution":
		return either(matching(waits), matching(two), matching(one), matching(several),
			&jsonschema.Schema{Enum: []any{0, "0"}})
	case "bodysize":
		return either(matching(blank+size+blank), matching(blank+`(uniform|doubling)`+blank+`\(`+blank+size+blank+`,`+
			blank+size+blank+`\)`))
	case "flaglist":
		return either(&jsonschema.Schema{Enum: []any{"top20", "all", "every"}}, list(matching("[A-Za-z]{1,2}")))
	case "requestkey":
		return matching(`(path|uri|method_uri|header\(.+\)|json\(/.*\))`)
	case "methodname":
		return matching(`[A-Z]+(-[A-Z]+)*`)
	case "successstatus":
		return whole(300, 599)
	case "answerstatus":
		return whole(200, 599)
	case "jsonbody":
		return &jsonschema.Schema{Extras: map[string]any{
			"type": []string{"array", "boolean", "null", "number", "object", "string"},
		}}
	case "taskrule", "batchrule":
		return either(&jsonschema.Schema{Type: "string"}) // and a command
	case "exitrule":
		var classes []any
		for _, c := range record.Classes() {
			if c != record.Lost {
				classes = append(classes, string(c))
			}
		}
		class := &jsonschema.Schema{Enum: classes}
		return &jsonschema.Schema{
			Type: "object", AdditionalProperties: jsonschema.FalseSchema,
			PatternProperties: map[string]*jsonschema.Schema{
				"^[0-9]{1,3}$": either(class, list(class)), // up to 255, which a pattern cannot see
			},
		}
	case "contentrule":
		return either(&jsonschema.Schema{Type: "string"}) // and a source
	case "keyrule":
		return either(list(leaf(reflect.TypeFor[string]()))) // and what they are made from
	case "arrivals":
		return either() // a stage, or a list of them
	case "users":
		return either(whole(1, maxCount)) // and a ramp
	case "countfromzero":
		return whole(0, maxCount)
	case "poisson":
		return either(matching(perSecond, positive), &jsonschema.Schema{Enum: []any{true, "find"}})
	case "rateorfind":
		return either(matching(perSecond, positive), &jsonschema.Schema{Enum: []any{"find"}})
	case "closeness":
		fraction := &jsonschema.Schema{Type: "number", Minimum: "0.001", Maximum: "1"}
		return either(fraction, matching(percent+"?", positive)) // 0.1% at least, which a pattern cannot see
	case "ratefromzero":
		return matching(perSecond)
	case "pick":
		return either(&jsonschema.Schema{Enum: []any{"cycle", "uniform"}}, matching(`zipf\(.+\)`))
	case "outcomerule":
		counts := &jsonschema.Schema{
			Type: "object", Properties: jsonschema.NewProperties(),
			AdditionalProperties: jsonschema.FalseSchema,
		}
		for _, outcome := range []string{
			"ok", "not_found", "error", "status", "redirect", "timeout", "refused", "reset", "truncated", "malformed",
			"failed", "lost",
		} {
			count := portion()
			count.Description = outcome + " is the number of tasks with this outcome, or a bound for it. " +
				"The default is 0 where the others are numbers alone, and else any."
			counts.Properties.Set(outcome, count)
		}
		return either(&jsonschema.Schema{Enum: []any{"planned"}}, counts)
	case "leakrule":
		left := &jsonschema.Schema{
			Type: "object", Properties: jsonschema.NewProperties(),
			AdditionalProperties: jsonschema.FalseSchema,
		}
		ignore, grace := list(&jsonschema.Schema{Type: "string", Pattern: `[^*]`}), matching(waits, positive)
		ignore.Description = "ignore lists patterns of functions in the stacks of goroutines, of paths of files and " +
			"of names of processes, in which * stands for any text. The default is none."
		grace.Description = "grace is how long what is left may take to end after the run, such as 10s. " +
			"The default is 1s."
		left.Properties.Set("ignore", ignore)
		left.Properties.Set("grace", grace)
		return either(&jsonschema.Schema{Enum: []any{"none", "any"}}, left)
	}
	return nil
}

// unexportedComments adds the comments on the fields of a file's unexported
// structs, which the reflector does not read.
func unexportedComments(t *testing.T, comments map[string]string, pkg, file string) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok || spec.Name.IsExported() {
			return true
		}
		fields, ok := spec.Type.(*ast.StructType)
		if !ok {
			return false
		}
		for _, f := range fields.Fields.List {
			for _, name := range f.Names {
				comments[pkg+"."+spec.Name.Name+"."+name.Name] = f.Doc.Text()
			}
		}
		return false
	})
}

// makeSchema derives the schema from the types, and the descriptions from their
// comments.
func makeSchema(t *testing.T) []byte {
	t.Helper()
	r := &jsonschema.Reflector{
		Anonymous: true, DoNotReference: true, FieldNameTag: "yaml",
		RequiredFromJSONSchemaTags: true, Mapper: leaf,
	}
	of := reflect.TypeFor[scenarios.Scenario]()
	if err := r.AddGoComments(of.PkgPath()+"/internal/scenariostest", "../.."); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("../../language*.go")
	if err != nil || len(files) == 0 {
		t.Fatal("no files of the language")
	}
	for _, file := range files {
		unexportedComments(t, r.CommentMap, of.PkgPath(), file)
	}
	about := r.CommentMap[of.PkgPath()+".Scenario"]
	for name, comment := range r.CommentMap {
		r.CommentMap[name] = strings.Join(strings.Fields(comment), " ")
		if strings.Count(strings.TrimPrefix(name, of.PkgPath()), ".") == 1 {
			delete(r.CommentMap, name) // a type's: a field of the type has a comment that says more
		}
	}
	s := r.ReflectFromType(of)
	s.Title, s.Description = "teapot scenario", strings.Join(strings.Fields(about), " ")
	property := func(s *jsonschema.Schema, key string) *jsonschema.Schema {
		p, ok := s.Properties.Get(key)
		if !ok {
			t.Fatalf("no key %s", key)
		}
		return p
	}
	property(s, "name").Extras = map[string]any{"type": []string{"string", "integer", "boolean"}}
	property(s, "name").Pattern = validName.String()
	property(s, "name").Minimum = "0"
	executors, tasks := property(s, "executors"), property(s, "workload")
	executors.MinItems = new(uint64(1))
	property(executors.Items, "kind").Examples = []any{"sequential", "pool", "async", "process", "own"}
	source := r.ReflectFromType(reflect.TypeFor[scenarios.Source]())
	source.Version = ""
	content := property(property(s, "server"), "content")
	content.AnyOf = append(content.AnyOf, source)
	property(property(property(s, "server"), "latencies").Items, "keys").MinItems = new(uint64(1))
	property(property(property(s, "server"), "faults").Items, "except").MinItems = new(uint64(1))
	for pair := property(s, "vary").Properties.Oldest(); pair != nil; pair = pair.Next() {
		pair.Value.MinItems, pair.Value.MaxItems = new(uint64(2)), new(uint64(2))
	}
	property(s, "vary").MinProperties = new(uint64(1))
	property(source, "routes").MinItems = new(uint64(1))
	retry := property(tasks, "retry")
	property(retry, "on").MinItems = new(uint64(1))
	commands := map[string]*jsonschema.Schema{}
	for key, name := range map[string]string{"task": "Task", "batch": "Batch"} {
		of, _ := reflect.TypeFor[scenarios.Workload]().FieldByName(name)
		form, _ := of.Type.FieldByName("Command")
		commands[key] = r.ReflectFromType(form.Type.Elem())
		commands[key].Version = ""
		property(commands[key], "command").MinItems = new(uint64(1))
		property(tasks, key).AnyOf = append(property(tasks, key).AnyOf, commands[key])
	}
	sources := map[string]*jsonschema.Schema{
		"keys":     r.ReflectFromType(reflect.TypeFor[workload.Keys]()),
		"arrivals": r.ReflectFromType(reflect.TypeFor[workload.Arrival]()),
		"users":    r.ReflectFromType(reflect.TypeFor[workload.Crowd]()),
	}
	latency, _ := reflect.TypeFor[scenarios.Expect]().FieldByName("Latency")
	forms, _ := latency.Type.FieldByName("Windows")
	for _, key := range []string{"latency", "service"} {
		window, rule := r.ReflectFromType(forms.Type.Elem()), property(property(s, "expect"), key)
		window.Version = ""
		rule.AnyOf = []*jsonschema.Schema{window, {Type: "array", Items: window, MinItems: new(uint64(1))}}
		describeKeys(t, window, ".expect."+key)
	}
	for key, source := range sources {
		source.Version = ""
		property(tasks, key).AnyOf = append(property(tasks, key).AnyOf, source)
	}
	rates := property(property(s, "find"), "rate")
	rates.MinItems, rates.MaxItems = new(uint64(2)), new(uint64(2))
	ramp := property(sources["users"], "ramp")
	ramp.MinItems, ramp.MaxItems = new(uint64(2)), new(uint64(2))
	stages := &jsonschema.Schema{Type: "array", Items: sources["arrivals"], MinItems: new(uint64(1))}
	property(tasks, "arrivals").AnyOf = append(property(tasks, "arrivals").AnyOf, stages)
	property(property(s, "expect"), "success").MinItems = new(uint64(1))
	property(tasks, "task").Examples = []any{"download", "loiter", "prime"}
	tasks.AnyOf = []*jsonschema.Schema{{Required: []string{"task"}}, {Required: []string{"batch"}}}
	describeKeys(t, s, "")
	describeKeys(t, source, ".server.content")
	describeKeys(t, commands["task"], ".workload.task")
	describeKeys(t, commands["batch"], ".workload.batch")
	describeKeys(t, sources["keys"], ".workload.keys")
	describeKeys(t, sources["arrivals"], ".workload.arrivals")
	describeKeys(t, sources["users"], ".workload.users")
	exemplify(t, s, "")
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(text, '\n')
}

// exemplify adds to the schema of each key the value that it has in its
// example.
func exemplify(t *testing.T, s *jsonschema.Schema, path string) {
	t.Helper()
	if s.Items != nil {
		exemplify(t, s.Items, path)
	}
	for _, way := range s.AnyOf {
		exemplify(t, way, path)
	}
	for pair := s.Properties.Oldest(); pair != nil; pair = pair.Next() {
		at := strings.TrimPrefix(path+"."+pair.Key, ".")
		if pair.Value.Examples == nil {
			pair.Value.Examples = []any{exampleValue(t, at)}
		}
		exemplify(t, pair.Value, at)
	}
}

// exampleValue returns the value that a key has in its example.
func exampleValue(t *testing.T, path string) (value any) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(explain.Example(path)), &value); err != nil {
		t.Errorf("the example of %s: %v", path, err)
	}
	for _, name := range explain.Split(path) {
		if list, ok := value.([]any); ok && len(list) > 0 {
			value = list[0]
		}
		mapping, _ := value.(map[string]any)
		if value = mapping[name]; value == nil {
			t.Fatalf("%s: it has no example in package explain that shows it", path)
		}
	}
	return value
}

// describeKeys makes each description begin with the YAML key, where the
// comment begins with the name of the Go field. It reports keys without a
// description.
func describeKeys(t *testing.T, s *jsonschema.Schema, path string) {
	t.Helper()
	if s.Items != nil {
		describeKeys(t, s.Items, path+"[]")
	}
	for pair := s.Properties.Oldest(); pair != nil; pair = pair.Next() {
		at := path + "." + pair.Key
		name, rest, _ := strings.Cut(pair.Value.Description, " ")
		if !strings.EqualFold(name, strings.NewReplacer("_", "", ".", "").Replace(pair.Key)) || rest == "" {
			t.Errorf("%s: the description %q does not begin with its name: comment on its field", at,
				pair.Value.Description)
		}
		pair.Value.Description = pair.Key + " " + rest
		describeKeys(t, pair.Value, at)
	}
}

func compiled(t *testing.T) *validator.Schema {
	t.Helper()
	doc, err := validator.UnmarshalJSON(bytes.NewReader(contents(t, schemaFile)))
	if err != nil {
		t.Fatal(err)
	}
	c := validator.NewCompiler()
	if err := c.AddResource(schemaFile, doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// generic is a file as an editor's YAML library sees it; ok is false where it
// sees nothing.
func generic(t *testing.T, source []byte) (doc any, ok bool) {
	t.Helper()
	var value any
	if err := yaml.Unmarshal(source, &value); err != nil {
		return nil, false
	}
	text, err := json.Marshal(value)
	if err != nil {
		return nil, false
	}
	doc, err = validator.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return doc, true
}

func TestSchema(t *testing.T) {
	golden(t, schemaFile, string(makeSchema(t)))
	schema := compiled(t)
	for _, dir := range []string{"../..", "../../testdata/good"} {
		for _, file := range filesIn(t, dir) {
			doc, ok := generic(t, contents(t, file))
			if !ok {
				t.Fatalf("%s is not YAML", file)
			}
			if err := schema.Validate(doc); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
	for _, file := range filesIn(t, "../../testdata/bad") {
		doc, ok := generic(t, contents(t, file))
		if !ok {
			continue
		}
		why, hidden := unseen[base(file)]
		switch err := schema.Validate(doc); {
		case hidden && err != nil:
			t.Errorf("%s: what is wrong with it %s, but the schema sees: %v", file, why, err)
		case !hidden && err == nil:
			t.Errorf("%s: the schema accepts it", file)
		}
	}
}

// TestSchemaAgrees holds schema and decoder to each other, value by value.
func TestSchemaAgrees(t *testing.T) {
	schema := compiled(t)
	const file = "name: %s\nseed: %s\nclock: virtual\nserver: {latency: %s, faults: [{kind: status, status: %s, " +
		"rate: %s}]}\n" +
		"workload: {task: crawl, keys: [1], timeout: %s}\nexecutors: [{kind: pool, workers: %s}, {kind: async}]\n" +
		"expect: {efficiency: %s, p99: %s, speedup: {over: async, at_least: %s}}\n"
	right := []string{"name", "1", "1s", "418", "1", "1s", "1", `">= 1"`, `"<= 1s"`, "1"}
	values := strings.Fields(`0 1 -1 +1 01 0.5 1.5 -0.5 1. .5 5.0e-1 1.0e3 0x10 1_000 599 600 1000000 1000001 1000000000 18446744073709551615
		18446744073709551616 "1" '418' NaN .nan .inf -.inf true null ~ a A a-b a--b -a "a_b" é "" [] [1] [1,2] [1,a] [0] {} {a:1} 0s 1s -1s +1s 1.5s
		.5s 1.s 1h2m3.5s 1d 1 "1s" 1S 1ns 1µs 1s1 s`)
	values = append(values, `" 1s"`, `"uniform(1s, 2s)"`, `"uniform(1s,2s)"`, `" uniform ( 1s , 2s ) "`,
		`"uniform(1s)"`, `"uniform(1s, 2s, 3s)"`,
		`"uniform(1s, -2s)"`, `"Uniform(1s, 2s)"`, `"uniform(0s, +2s"`, `">= 0.9"`, `">=0.9"`, `">= 0"`, `">= -1"`,
		`">= .5"`, `">= 5."`,
		`">= 1e-3"`, `">= 1.0"`, `">= 01."`, `">= 1.01"`, `">= 2"`, `">= 10"`, `">= 00.5"`, `">= +1"`, `"> 1"`, `">= "`,
		`" >= 1"`, `">=  1 "`, `">= NaN"`, `">= Inf"`, `"<= 1s"`, `"<=1s"`, `"<= 0s"`, `"<= -1s"`, `"<= 1"`, `"< 1s"`)
	// other ways to write a whole number
	lenient := map[string]bool{"+1": true, "01": true, "0x10": true, "1_000": true, "1.": true, "1.0e3": true}
	for i := range right {
		for _, value := range values {
			row := make([]any, len(right))
			for j, r := range right {
				row[j] = r
			}
			row[i] = value
			source := fmt.Appendf(nil, file, row...)
			_, mistakes := registered.Parse("x", source)
			doc, ok := generic(t, source)
			accepted := ok && schema.Validate(doc) == nil
			if accepted != (mistakes == nil) && !(accepted && lenient[value]) {
				t.Errorf("the schema accepts it: %v; the decoder: %v\n%s\n%v", accepted, mistakes == nil,
					source, mistakes)
			}
		}
	}
}
