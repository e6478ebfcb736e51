// Package teapottest tests a client in a few lines of a plain Go test, under
// simulated load.
//
//	func TestFetch(t *testing.T) {
//		const world = "server: {faults: [{kind: reset, rate: 0.2}]}"
//		teapottest.Check(t, world, Fetch) // the code under test
//	}
//
//	func Fetch(ctx context.Context, client *http.Client, url string) error
//
// It fails if the code loses an error, reports one that was not there, leaks,
// or hangs. Time is simulated, so that waits cost nothing.
//
// Simulated time needs goroutines, channels and locks of the run alone. Where
// the code has those of the whole program, such as a worker that a package
// starts, or keeps those of one run for that of the next executor or world,
// Check fails and says so: then give it clock: real, which takes the time that
// the waits take, or clock: auto, which chooses.
package teapottest

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/classify"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/text"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/scenarios/strict"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/keys"
	"github.com/teapot-go/teapot/servers/taskid"
)

// Task is the name of the task that [Check] runs, and of the batch that
// [CheckBatch] runs, for scenarios with a workload of their own.
const Task = "check"

// Check calls do many times at once, each time for another URL of a planned
// server, and fails the test with every finding.
//
// The scenario is a scenario file, of which each part may be left out: clock is
// then virtual, workload has a hundred keys, executors is a pool of ten
// workers, and expect.classification is plain, so that any error is as good as
// any other. A workload has the task [Task]. Its keys are paths if the server
// has content.
//
// With hunt, such as hunt: {seeds: 1000}, Check tries as many worlds of the
// scenario, and leaves the smallest one that fails in testdata/hunt, in a
// folder of the test's name. Those that are there are tried first.
//
// do returns nil if and only if the code under test takes the request for a
// success. The URL is that of one resource, of which do may ask as often as it
// likes. The client reaches nothing but the server, and marks the requests as
// those of their task. A clone of its Transport does not mark them, and keeps
// connections of its own. do must return when ctx is done, which is when the
// workload's timeout is over, and must not use t.FailNow.
func Check(t testing.TB, scenario string, do func(ctx context.Context, client *http.Client, url string) error) {
	t.Helper()
	check(t, scenario, vocabulary(do))
}

// vocabulary has the code under test as the task of [Check].
func vocabulary(do func(ctx context.Context, client *http.Client, url string) error) scenarios.Vocabulary {
	return scenarios.Vocabulary{Tasks: map[string]scenarios.WorkloadFunc{
		Task: scenarios.RequestWorkload(func(ctx context.Context, s *servers.Server, key string, n int) record.Seen {
			return seen(do(ctx, clientOf(ctx, s), urlOf(ctx, s, key, n)))
		}),
	}}
}

// CheckBatch is [Check] for a whole program that has a pool of its own. What it
// reports of each key is held to the class of each error. The workload has the
// batch [Task], and executors is the pool of ten workers that the program must
// then have.
func CheckBatch(t testing.TB, scenario string, program harness.Batch) {
	t.Helper()
	check(t, scenario, scenarios.Vocabulary{Batches: map[string]func(int) (harness.Batch, error){
		Task: func(int) (harness.Batch, error) { return program, nil },
	}})
}

// check runs a scenario and fails the test with every finding.
func check(t testing.TB, scenario string, v scenarios.Vocabulary) {
	t.Helper()
	batch := v.Batches != nil
	given := strict.Decode("", []byte(scenario), new(scenarios.Scenario))
	refuse(t, given, batch)
	s, mistakes := v.Parse(t.Name(), []byte(completed(scenario, batch)))
	if mistakes != nil {
		t.Fatal(mistakes)
	}
	if s.Hunt != nil && !batch && !given.Has("expect.classification") {
		s = plain(t, v, s) // also in the files of smaller worlds
	}
	if !batch && s.Workload.Task.Name != Task {
		t.Fatal("workload.task: " + cmp.Or(s.Workload.Task.Name, "this") + " does not call the code under test: want " +
			Task)
	}
	if batch && s.Workload.Batch.Name != Task {
		t.Fatal("workload: this does not call the program under test: want batch: " + Task)
	}
	if !batch && !given.Has("server.body") && !given.Has("server.content") {
		wantFlags(t, s.Workload.Keys.List)
	}
	if s.Expect.Classification == "" && !batch {
		s.Expect.Classification = "plain"
	}
	if childRuns(v, s) {
		return
	}
	newRunner := func() *scenarios.Runner {
		return &scenarios.Runner{
			Vocabulary: v,
			Reproduce:  func(scenarios.Case) string { return fmt.Sprintf("go test -run '^%s$'", t.Name()) },
			ChildArgs:  []string{"-test.run=" + pattern(t.Name()), "-test.count=1"},
		}
	}
	s, ok := attempt(t, s, newRunner())
	if !ok {
		return
	}
	if s.Hunt != nil {
		huntThrough(t, s, newRunner)
		return
	}
	runner := newRunner()
	for _, c := range s.Cases() {
		rec, err := runner.Run(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		for _, finding := range rec.Findings() {
			t.Errorf("%s: %s", c.Executor(), told(finding))
		}
	}
}

// refuse fails the test if the scenario is for the other of [Check] and
// [CheckBatch], or has what a program could not know.
func refuse(t testing.TB, given *strict.Document, batch bool) {
	t.Helper()
	switch {
	case !batch && given.Has("workload.batch"):
		t.Fatal("workload.batch: Check calls a function for each URL: call CheckBatch for a whole program, or want " +
			"task: " + Task)
	case batch && given.Has("workload.task"):
		t.Fatal("workload.task: CheckBatch calls a whole program: call Check for a function of a URL, or want batch: " +
			Task)
	case batch && given.Has("vary.workers"):
		t.Fatal("vary.workers: the program is not told how many workers it may have: want vary without workers")
	}
}

// wantFlags fails the test if a key is not the code of a flag.
func wantFlags(t testing.TB, listed []string) {
	t.Helper()
	for _, key := range listed {
		if keys.Path(key) != servers.FlagPath(key) {
			t.Fatal("workload.keys: " + strict.Quote(key) + ": the server has nothing but flags: want the code of a " +
				"flag such as BR, or server.body or server.content")
		}
	}
}

// told returns a finding in several lines. Its place is left out: the scenario
// has lines that the test does not.
func told(v record.Violation) string {
	if v.Inconclusive {
		return text.Inert(fmt.Sprintf("%s: %s: %s; %s", v.Check, v.Doubt(), v.Got, v.Want))
	}
	const indent = "\n        "
	lines := strings.NewReplacer("\n", indent+"     ")
	told := v.Check + ":" + indent + "got  " + lines.Replace(v.Got) + indent + "want " + lines.Replace(v.Want)
	if len(v.Requests) > 0 {
		told += indent + strings.Join(v.Requests, indent)
	}
	return text.Inert(told)
}

// completed returns a scenario with the parts that it lacks.
func completed(scenario string, batch bool) string {
	given := strict.Decode("", []byte(scenario), new(scenarios.Scenario))
	what, executors := "task: "+Task, "[{kind: pool, workers: 10}]"
	if batch {
		what, executors = "batch: "+Task, "[{kind: own, workers: 10}]"
	}
	workload := "{" + what + ", flags: all, limit: 100}"
	if given.Has("server.content") {
		workload = "{" + what + ", keys: [/" + strings.Repeat(", /", 99) + "]}"
	}
	var text strings.Builder
	text.WriteString(strings.TrimRight(scenario, "\n ") + "\n")
	for _, part := range [][2]string{
		{"name", "check"},
		{"clock", "virtual"},
		{"server", "{latency: 0s}"},
		{"workload", workload},
		{"executors", executors},
	} {
		if !given.Has(part[0]) {
			text.WriteString(part[0] + ": " + part[1] + "\n")
		}
	}
	return text.String()
}

// clientOf returns a client whose requests name the task of ctx, also those
// that are built without it. Code may clone its Transport, as one does with an
// *http.Transport, but over TLS: there net/http has a protocol of its own in
// the place of marking.
func clientOf(ctx context.Context, s *servers.Server) *http.Client {
	client := *s.Client()
	marks := marking{client.Transport, taskid.FromContext(ctx)}
	client.Transport = marks
	if base, ok := marks.base.(*http.Transport); ok && base.TLSClientConfig == nil {
		own := base.Clone()
		own.RegisterProtocol("http", marks)
		client.Transport = own
	}
	return &client
}

// marking marks requests as those of a task.
type marking struct {
	base   http.RoundTripper
	number int
}

// RoundTrip implements [http.RoundTripper].
func (m marking) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(taskid.NewContext(r.Context(), m.number))
	taskid.Mark(r)
	return m.base.RoundTrip(r)
}

// CloseIdleConnections does nothing: tasks share their connections, which the
// server closes.
func (marking) CloseIdleConnections() {}

// urlOf returns the URL of a key.
func urlOf(ctx context.Context, s *servers.Server, key string, attempt int) string {
	return s.URLOf(ctx, key, attempt) + keys.Path(key)
}

// seen is what code reports that returns an error or none.
func seen(err error) record.Seen {
	if err == nil {
		return record.Seen{Class: record.OK}
	}
	class := classify.Class(nil, err)
	if class.Outcome() != record.OutcomeError { // of an error that is the code's own
		class = record.Failed
	}
	return record.Seen{Class: class, Error: err.Error()}
}
