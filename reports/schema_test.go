package reports

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/invopop/jsonschema"
	validator "github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/internal/fixture"
)

const schemaFile = "recording.schema.json"

// meanings describes the keys that the comments in the source do not.
var meanings = map[string]string{
	"format":   "the name and number of this format",
	"host":     "where and when the runs were made",
	"runs":     "one run for each scenario on each executor, in the order in which they ran",
	"scenario": "the scenario's name",
	"about":    "what the scenario is about",
	"file":     "the scenario's file",
	"line":     "the line of the expectation in the file",
	"executor": "the kind of the executor: sequential, pool, async, process or a registered kind",
	"clock":    "the clock of the run: real or virtual",
	"seed":     "the seed that all latencies and faults follow from",
	"delivery": "the order in which results reached the caller: map (the order of submission) or as_completed",
	"cost": "the CPU time and memory of the run: client, server and harness together; absent under the " +
		"virtual clock",
	"outcomes":    "how many tasks had each outcome: ok, not_found or error",
	"classes":     "how many tasks ended in each class; every class but ok and not_found is an error",
	"interrupted": "whether the run was stopped before it ended",
	"violations":  "the expectations that the run did not meet",
	"samples": "what happened to each task, in the order of the workload; to some of the tasks if there are " +
		"totals",
	"check":     "the name of the check that failed",
	"got":       "what was found",
	"want":      "what was expected",
	"reproduce": "the command that repeats the run",
	"class": "how the task ended: ok, not_found, status, redirect, timeout, refused, reset, truncated, " +
		"malformed, failed or lost; of an interrupted run also not_started or cut_off, which count as no outcome",
	"value":        "the result of the task, if it is short",
	"error":        "the error of the task, empty if it had none",
	"finished_ns":  "when the task returned; -1 if it never did",
	"started_ns":   "when the executor ran the task; -1 if it never did",
	"delivered_ns": "when the result reached the caller; -1 if it never did",

	"position":          "the index of this run among the runs of the scenario, from 0",
	"timeout_ns":        "the timeout of the client; 0 if it has none",
	"makespan_ns":       "when the last task finished",
	"ideal_makespan_ns": "when the last task would have finished under ideal first-in, first-out scheduling",
	"speedup": "the makespan of the executor that the scenario names as reference, divided by this one; 0 " +
		"without a reference",
	"latency_ns":        "percentiles of the service time: p50, p90, p95, p99, max",
	"ideal_finished_ns": "when the task would finish under ideal first-in, first-out scheduling",
	"planned_value":     "the result that a correct client reports",
}

// makeSchema derives the schema from the types, and the descriptions from their
// comments.
func makeSchema(t *testing.T) map[string]any {
	t.Helper()
	r := &jsonschema.Reflector{Anonymous: true, ExpandedStruct: true, AllowAdditionalProperties: true}
	base := reflect.TypeFor[document]().PkgPath()
	for _, dir := range []string{".", "../harness"} {
		if err := r.AddGoComments(base, dir); err != nil {
			t.Fatal(err)
		}
	}
	for name, comment := range r.CommentMap { // which the source may break anywhere
		r.CommentMap[name] = strings.Join(strings.Fields(comment), " ")
	}
	text, err := json.Marshal(r.Reflect(&document{}))
	if err != nil {
		t.Fatal(err)
	}
	var schema map[string]any
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	schema["title"] = "teapot recording"
	schema["description"] = "The format of JSON reports. Times are in nanoseconds from the start of the run; -1 " +
		"stands for an event that never happened."
	schema["properties"].(map[string]any)["format"].(map[string]any)["const"] = format
	describe(t, "", schema)
	return schema
}

// describe adds the meanings of the keys that have none, and fails if one
// remains.
func describe(t *testing.T, at string, schema map[string]any) {
	for name, p := range member(schema, "properties") {
		property := p.(map[string]any)
		if meaning := meanings[name]; meaning != "" {
			property["description"] = meaning
		}
		if property["description"] == nil {
			t.Errorf("%s.%s has no description: comment on its field, or add it to meanings", at, name)
		}
	}
	for name, d := range member(schema, "$defs") {
		describe(t, name, d.(map[string]any))
	}
}

func member(schema map[string]any, name string) map[string]any {
	m, _ := schema[name].(map[string]any)
	return m
}

func TestSchema(t *testing.T) {
	schema := makeSchema(t)
	text, err := json.MarshalIndent(schema, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, schemaFile, string(text)+"\n")

	file, err := os.Open(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	loaded, err := validator.UnmarshalJSON(file)
	if err != nil {
		t.Fatal(err)
	}
	c := validator.NewCompiler()
	if err := c.AddResource(schemaFile, loaded); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	validate := func(text string) error {
		doc, err := validator.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		return compiled.Validate(doc)
	}
	for _, recs := range [][]*record.Recording{nil, fixture.Suite(20), fixture.Troubled(), {fixture.Alien()}, {{}}} {
		if err := validate(render(t, JSON(testHost, recs))); err != nil {
			t.Error(err)
		}
	}
	for _, bad := range []string{
		`{}`, `{"format":"teapot.recording/1","host":{},"runs":[]}`,
		strings.Replace(render(t, JSON(testHost, fixture.Suite(20))), format, "teapot.recording/2", 1),
		strings.Replace(render(t, JSON(testHost, fixture.Suite(20))), `"violations": []`, `"violations": null`, 1),
		strings.Replace(render(t, JSON(testHost, fixture.Suite(20))), `"seq":0`, `"seq":0.5`, 1),
	} {
		if validate(bad) == nil {
			t.Errorf("valid by the schema, though it should not be: %.200s", bad)
		}
	}
}
