package reports

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/internal/fixture"
)

func TestJSON(t *testing.T) {
	golden(t, "testdata/trouble.json", render(t, JSON(testHost, fixture.Troubled()[:1])))
	for _, recs := range [][]*record.Recording{
		nil, fixture.Suite(20), fixture.Troubled(),
		{fixture.Hostile()},
		{fixture.Long()},
		{{Scenario: `"samples": []`, Clock: record.Real, Delivery: record.InOrder, Interrupted: true}},
	} {
		text := render(t, JSON(testHost, recs))
		host, read, err := Read(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if host != testHost {
			t.Errorf("got host %v, want %v", host, testHost)
		}
		if again := render(t, JSON(host, read)); again != text {
			t.Errorf("read and written again, it differs:\n%s", cmp.Diff(text, again))
		}
		if strings.Contains(text, "null") {
			t.Error("a list or a map is null")
		}
	}
}

func TestJSONDiffersInTheHostAlone(t *testing.T) {
	other := testHost
	other.CPUs = 64
	a := strings.Split(render(t, JSON(testHost, fixture.Suite(20))), "\n")
	b := strings.Split(render(t, JSON(other, fixture.Suite(20))), "\n")
	for i := range a {
		if (a[i] != b[i]) != (i == 1) {
			t.Errorf("line %d: %s\nand %s", i+1, a[i], b[i])
		}
	}
}

func TestJSONNamesTheRunThatCannotBeWritten(t *testing.T) {
	r := fixture.Suite(20)[1]
	r.Speedup = math.Inf(1)
	if err := JSON(
		testHost,
		[]*record.Recording{r},
	)(
		io.Discard,
	); err == nil ||
		!strings.Contains(err.Error(), "error-20 on pool/10") {
		t.Errorf("got error %v", err)
	}
}

// refused are documents that [Read] refuses, and what the error names. HOST
// stands for a host, and RUN for the keys of a run that is valid but for its
// samples.
var refused = []struct{ in, want string }{
	{"", "not a recording"},
	{"<html>", "not a recording"},
	{"[]", "not a recording"},
	{"{}", `its format is "", want "teapot.recording/1"`},
	{`{"format":"teapot.recording/2","runs":7}`, `its format is "teapot.recording/2", want "teapot.recording/1"`},
	{`{"format":"teapot.recording/1","host":HOST,"runs":[null]}`, "runs[0]: got null, want a value"},
	{
		`{"format":"teapot.recording/1","runs":[{"samples":[{"seq":"x"}]}]}`,
		"runs[0].samples[0].seq: got string, want a whole number",
	},
	{`{"format":"teapot.recording/1","runs":[]} more`, "not a recording"},
	{"\x00", `it begins with '\x00'`},
	{`{"format":"teapot.recording/1","host":{"cpus":-1},"runs":[{},{}]}`, "host: keys are missing: " +
		"want go, os, arch, max_procs, started\nruns[0]: keys are missing: want scenario, file, position, executor, "},
	{
		`{"format":"teapot.recording/1","host":{"cpus":-1},"runs":[{},{}]}`,
		"violations, samples\nruns[1]: keys are missing",
	},
	{
		`{"format":"teapot.recording/1","host":HOST,"runs":[{RUN,"samples":[]}]}`,
		`runs[0], "s/pool": samples: got none, want at least one`,
	},
	{`{"format":"teapot.recording/1","host":HOST,"runs":[{RUN}]}`, "runs[0]: keys are missing: want samples"},
	{`{"format":"teapot.recording/1","runs":[]}`, "the document: keys are missing: want host"},
	{`{"format":"teapot.recording/1","host":HOST}`, "the document: keys are missing: want runs"},
	{`{"format":"teapot.recording/1","host":HOST,"runs":[],"Runs":[]}`, "Runs: unknown key: want runs"},
	{
		`{"format":"teapot.recording/1","host":HOST,"runs":[{RUN,"samples":[],"LIMIT":"x"}]}`,
		"runs[0].LIMIT: unknown key: want limit",
	},
	{
		`{"format":"teapot.recording/1","host":HOST,"runs":[{RUN,"samples":[{"seqs":0}]}]}`,
		"runs[0].samples[0].seqs: unknown key: want the keys of teapot.recording/1 alone",
	},
	{
		`{"format":"teapot.recording/1","host":HOST,"runs":[{RUN,"samples":[{"seqs":0}]}]}`,
		"runs[0].samples[0]: keys are missing: want seq, key, attempt, due_ns, ",
	},
	{
		`{"format":"teapot.recording/1","host":HOST,"runs":[{RUN,"samples":[{"requests":[{}]}]}]}`,
		"runs[0].samples[0].requests[0]: keys are missing: want attempt, arrived_ns",
	},
	{
		`{"format":"teapot.recording/1","host":HOST,"runs":[{RUN,"samples":[],"inconclusive":[{}]}]}`,
		"runs[0].inconclusive[0]: keys are missing: want check, got, want",
	},
	{
		`{"format":"teapot.recording/1","host":HOST,"runs":[{RUN,"samples":[],"search":{"tried":[{}]}}]}`,
		"runs[0].search.tried[0]: keys are missing: want rate, runs",
	},
	{
		`{"format":"teapot.recording/1","host":HOST,"runs":[{RUN,"samples":null}]}`,
		"runs[0].samples: got null, want a value",
	},
	{
		`{"format":"teapot.recording/1","host":HOST,"runs":[{RUN,"samples":[],"cost":null}]}`,
		"runs[0].cost: got null, want a value",
	},
	{
		`{"format":"teapot.recording/1","host":HOST,"runs":[{RUN,"samples":[],"leaks":[null]}]}`,
		"runs[0].leaks[0]: got null, want a value",
	},
	{`{"format":"teapot.recording/1","host":null,"runs":[]}`, "host: got null, want a value"},
	{`{"format":"teapot.recording/1","host":HOST,"runs":null}`, "runs: got null, want a value"},
	{
		`{"format":"teapot.recording/1","host":HOST,"runs":[{RUN,"samples":[null]}]}`,
		"runs[0].samples[0]: got null, want a value",
	},
	{
		`{"format":"teapot.recording/1","host":HOST,"runs":[{RUN,"samples":[],"\u001b[2J":1}]}`,
		`runs[0].\x1b[2J: unknown key`,
	},
}

func TestReadRefuses(t *testing.T) {
	fill := strings.NewReplacer(
		"HOST", `{"go":"","os":"","arch":"","cpus":1,"max_procs":1,"started":"2026-11-03T14:05:09Z"}`,
		"RUN", `"scenario":"s","file":"","position":0,"executor":"pool","workers":0,"clock":"real","seed":1,`+
			`"delivery":"map","makespan_ns":0,"ideal_makespan_ns":0,"outcomes":{},"classes":{},"latency_ns":{},`+
			`"violations":[]`)
	for _, c := range refused {
		_, _, err := Read(strings.NewReader(fill.Replace(c.in)))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want %s", c.in, err, c.want)
		}
	}
}

// TestReadIsBounded reads from what has no end.
func TestReadIsBounded(t *testing.T) {
	for _, c := range []struct{ start, rest, want string }{
		{"", "\x00", "begins with"},
		{"", " ", "more than 1000 bytes"},
		{`{"format": "`, "a", "more than 1000 bytes"},
	} {
		if _, err := readDocument(
			io.MultiReader(strings.NewReader(c.start), endless(c.rest)),
			1000,
		); err == nil ||
			!strings.Contains(err.Error(), c.want) {
			t.Errorf("%q and %q for ever: got error %v, want %s", c.start, c.rest, err, c.want)
		}
	}
}

// endless is a reader of one byte for ever.
type endless string

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = e[0]
	}
	return len(p), nil
}

// FuzzRead holds what can be read to two laws: it is written again as it was
// read, and the text can show it. The text can also show what is refused.
func FuzzRead(f *testing.F) {
	var b bytes.Buffer
	if err := JSON(testHost, fixture.Troubled()[:1])(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte(`{"format":"teapot.recording/1","runs":[{"makespan_ns":9223372036854775807,"outcomes":null,` +
		`"samples":[{"worker":9223372036854775807,"started_ns":-9223372036854775808,"finished_ns":1},` +
		`{"finished_ns":9223372036854775807,"planned_latency_ns":-5}]}]}`))
	f.Add([]byte(`{"format":"teapot.recording/1","runs":[{"samples":[{},{},{"finished_ns":9223372036854775807}]}]}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		var unchecked document
		if json.Unmarshal(in, &unchecked) == nil && !slices.Contains(unchecked.Runs, nil) {
			render(t, Text(unchecked.Runs))
		}
		host, recs, err := Read(bytes.NewReader(in))
		if err != nil {
			return
		}
		first := render(t, JSON(host, recs))
		host, recs, err = Read(strings.NewReader(first))
		if err != nil {
			t.Fatalf("what JSON wrote cannot be read: %v\n%s", err, first)
		}
		if again := render(t, JSON(host, recs)); again != first {
			t.Error(cmp.Diff(first, again))
		}
	})
}
