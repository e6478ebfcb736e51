package oracle_test

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/oracle"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/fault"
	"github.com/teapot-go/teapot/servers/limits"
)

const ms = time.Millisecond

// tasks reads "key:from-to=status": a task that ran between these milliseconds
// and reported the status, or, with 0, a timeout.
func tasks(text string) []record.Sample {
	samples := []record.Sample{}
	for word := range strings.FieldsSeq(text) {
		s := record.Sample{Attempt: 1, Seen: record.Seen{Class: record.Timeout}}
		var from, to time.Duration
		key, rest, _ := strings.Cut(word, ":")
		if _, err := fmt.Sscanf(rest, "%d-%d=%d", &from, &to, &s.Status); err != nil {
			panic(word)
		}
		s.Key, s.Started, s.Finished = key, from*ms, to*ms
		if s.Status != 0 {
			s.Class = record.ClassOf(s.Status)
		}
		samples = append(samples, s)
	}
	return samples
}

// requests reads "key#attempt:at+took=status/note": a request that came at this
// millisecond, took so many, and was answered with the status. 0 means that the
// client went away first. The notes are those of [marked].
func requests(text string) []servers.Entry {
	journal := []servers.Entry{}
	for word := range strings.FieldsSeq(text) {
		e := servers.Entry{Met: servers.None, Done: true, Bytes: 4452}
		var at, took time.Duration
		key, rest, _ := strings.Cut(word, "#")
		rest, note, _ := strings.Cut(rest, "/")
		if _, err := fmt.Sscanf(rest, "%d:%d+%d=%d", &e.Attempt, &at, &took, &e.Status); err != nil {
			panic(word)
		}
		e.Key, e.Arrived, e.Took, e.Planned.Status = key, at*ms, took*ms, e.Status
		switch {
		case e.Status == 0:
			e.Met, e.Done, e.Gone, e.Planned.Status = "", false, e.Took, 200
		case e.Status >= 400:
			e.Met, e.Planned.Fault = fault.Status, fault.Status
		}
		journal = append(journal, marked(e, note))
	}
	return journal
}

// marked is a request with something special about it.
func marked(e servers.Entry, note string) servers.Entry {
	switch note {
	case "":
	case "resent": // by the client's transport
		e.Resent = true
	case "refused": // by a rate limit
		e.TurnedAway, e.Met = limits.ByRate, ""
	case "slow": // to close, when the client has gone
		e.Met, e.Gone, e.Done = fault.SlowClose, e.Took, false
		e.Planned = servers.Fate{Fault: fault.SlowClose, Status: 200}
	case "refusing": // what it would have answered
		e.Planned = servers.Fate{Fault: fault.Status, Status: 404}
	case "reset": // without an answer, which a transport may send again
		e.Met, e.Done, e.Gone, e.Planned = fault.Reset, false, 0, servers.Fate{Fault: fault.Reset, Status: 200}
		e.Counted, e.Idempotent, e.Method = true, true, http.MethodGet
	case "get", "head":
		e.Method, e.Idempotent = strings.ToUpper(note), true
	case "post":
		e.Method = http.MethodPost
	case "cut": // within the body
		e.Met, e.Done, e.Method, e.Idempotent = fault.Truncate, false, http.MethodGet, true
		e.Planned = servers.Fate{Fault: fault.Truncate, Status: e.Status}
	case "hung": // after the head
		e.Met, e.Done = fault.HangBody, false
		e.Planned = servers.Fate{Fault: fault.HangBody, Status: 200}
	case "unchanged": // since the client asked before
		e.Planned.Status = 200
	case "hop0", "hop1", "hop2": // of a redirect
		e.Hop, e.Met = int(note[3]-'0'), fault.Redirect
		e.Planned = servers.Fate{Fault: fault.Redirect, Status: 200}
	default:
		panic(note)
	}
	return e
}

// TestJoin has clients that send what clients send. A correct one is explained;
// a wrong one is not.
func TestJoin(t *testing.T) {
	tests := []struct {
		name     string
		attempts int
		samples  []record.Sample
		journal  []servers.Entry
		want     string // a word a task: agrees, differs or doubt
	}{
		{"one request", 1, tasks("A:0-10=200"), requests("A#1:1+8=200"), "agrees"},
		{"the head of a failure whose body breaks off", 1, tasks("A:0-10=404"), requests("A#1:1+8=404/cut"), "agrees"},
		{"the same, and three attempts", 3, tasks("A:0-10=404"), requests("A#1:1+8=404/cut"), "agrees"},
		{"another head than that", 1, tasks("A:0-10=500"), requests("A#1:1+8=404/cut"), "differs"},
		{"a success of it", 1, tasks("A:0-10=200"), requests("A#1:1+8=404/cut"), "differs"},
		{"the head of a failure to try again", 3, tasks("A:0-10=503"), requests("A#1:1+8=503/cut"), "differs"},
		{"the head of a success whose body breaks off", 1, tasks("A:0-10=200"), requests("A#1:1+8=200/cut"), "differs"},

		{"a POST that is not sent again", 3, tasks("A:0-10=503"), requests("A#1:1+8=503/post"), "agrees"},
		{"a GET that is not sent again", 3, tasks("A:0-10=503"), requests("A#1:1+8=503/get"), "differs"},

		{
			"what it has once more, and not got", 1,
			tasks("A:0-250=200"), requests("A#1:1+8=200/get A#1:210+8=503/get"), "doubt",
		},
		{
			"what it has once more, and not got, by a policy of three attempts", 3,
			tasks("A:0-250=200"), requests("A#1:1+8=200/get A#1:210+8=503/get"), "agrees",
		},
		{
			"the head alone, and then not the rest", 1,
			tasks("A:0-250=200"), requests("A#1:1+8=200/head A#1:210+8=503/get"), "differs",
		},
		{"none", 1, tasks("A:0-10=200"), requests(""), "differs"},
		{"a lie", 1, tasks("A:0-10=200"), requests("A#1:1+8=503"), "differs"},
		{"a lost success", 1, tasks("A:0-10=503"), requests("A#1:1+8=200"), "differs"},

		{
			"a hedge that wins, and a loser that the client leaves", 1,
			tasks("A:0-50=200"),
			requests("A#1:1+49=0 A#1:30+20=200"), "agrees",
		},
		{"a hedge that loses", 1, tasks("A:0-50=200"), requests("A#1:1+48=200 A#1:30+20=0"), "agrees"},
		{
			"a hedge whose loser was answered too", 1,
			tasks("A:0-50=200"),
			requests("A#1:1+60=200 A#1:30+20=200"), "agrees",
		},
		{"a hedge whose loser failed", 1, tasks("A:0-50=200"), requests("A#1:1+31=503 A#2:30+20=200"), "agrees"},
		{
			"a hedge that is sent as the answer comes", 1,
			tasks("A:0-50=200"),
			requests("A#1:1+29=200 A#2:31+1=0"), "agrees",
		},
		{"a hedge that lies", 1, tasks("A:0-50=200"), requests("A#1:1+49=0 A#1:30+20=503"), "differs"},

		{"a retry that says so", 3, tasks("A:0-50=200"), requests("A#1:1+9=503 A#2:20+20=200"), "agrees"},
		{"a retry that does not", 3, tasks("A:0-50=200"), requests("A#1:1+9=503 A#1:20+20=200"), "agrees"},
		{"a retry that nothing asks for", 1, tasks("A:0-50=200"), requests("A#1:1+9=503 A#2:20+20=200"), "agrees"},
		{"a retry whose success is lost", 3, tasks("A:0-50=503"), requests("A#1:1+9=503 A#2:20+20=200"), "differs"},
		{
			"a retry whose success is lost, and that nothing asks for", 1,
			tasks("A:0-250=503"),
			requests("A#1:1+9=503 A#2:210+20=200"), "differs",
		},
		{
			"a hedge that may have crossed the answer", 1,
			tasks("A:0-50=503"),
			requests("A#1:1+9=503 A#2:20+20=200"), "doubt",
		},
		{"a hedge that is told", 1, tasks("A:0-50=200"), requests("A#1:1+9=503 A#2:20+20=200"), "agrees"},
		{"a hedge, and told what none met", 1, tasks("A:0-50=404"), requests("A#1:1+9=503 A#2:20+20=200"), "differs"},
		{"a retry too few", 3, tasks("A:0-50=503"), requests("A#1:1+9=503"), "differs"},
		{"as many failures as it may meet", 2, tasks("A:0-50=503"), requests("A#1:1+9=503 A#2:20+20=503"), "agrees"},
		{
			"a fourth attempt of three", 3,
			tasks("A:0-50=200"),
			requests("A#1:1+1=503 A#2:3+1=503 A#3:5+1=503 A#4:7+1=200"), "differs",
		},

		{"a stored answer that is still good", 1, tasks("A:0-10=200"), requests("A#1:1+8=304/unchanged"), "agrees"},
		{
			"redirects followed", 1,
			tasks("A:0-10=200"),
			requests("A#1:1+2=302/hop0 A#1:4+2=302/hop1 A#1:7+2=200/hop2"), "agrees",
		},
		{"a redirect not followed", 1, tasks("A:0-10=302"), requests("A#1:1+2=302/hop0"), "agrees"},
		{
			"a redirect not followed, and taken for a success", 1,
			tasks("A:0-10=200"),
			requests("A#1:1+2=302/hop0"), "differs",
		},
		{"sent again by the transport", 1, tasks("A:0-10=200"), requests("A#1:1+2=503 A#1:4+2=200/resent"), "agrees"},
		{"HEAD, then GET", 1, tasks("A:0-10=200"), requests("A#1:1+2=200 A#2:4+2=200"), "agrees"},
		{
			"a server that is slow to close, and a client that is not", 1,
			tasks("A:0-10=206"), requests("A#1:1+2=200 A#2:4+5=206/slow"), "agrees",
		},
		{"a timeout", 1, tasks("A:0-10=0"), requests("A#1:1+9=0"), "differs"}, // nothing was planned to take so long

		{
			"one URL, one after another, with an outage", 1,
			tasks("A:0-10=503 A:10-20=503 A:20-30=200"),
			requests("A#1:0+10=503 A#1:11+9=503 A#1:21+9=200"), "agrees agrees agrees",
		},
		{
			"one URL, one after another, without a pause", 1,
			tasks("A:0-10=503 A:10-20=200"),
			requests("A#1:0+10=503 A#1:10+10=200"), "agrees agrees",
		},
		{
			"one URL, all at once, with a rate limit", 1,
			tasks("A:0-10=429 A:0-10=200 A:0-10=429"),
			requests("A#1:1+9=200 A#1:1+1=429/refused A#1:2+1=429/refused"), "agrees agrees agrees",
		},
		{
			"one URL, all at once, a lost error", 1,
			tasks("A:0-10=200 A:0-10=200"),
			requests("A#1:1+9=200 A#1:2+1=503"), "agrees doubt",
		},
		{
			"one URL, one after another, a lost error", 1,
			tasks("A:0-10=200 A:11-20=200"),
			requests("A#1:1+8=200 A#1:12+7=503"), "agrees differs",
		},
		{
			"one URL, all at once, an error that none met", 1,
			tasks("A:0-10=200 A:0-10=503"),
			requests("A#1:1+9=200 A#1:2+1=200"), "agrees differs",
		},
		{
			"one answer for all who wait", 1,
			tasks("A:0-10=200 A:2-10=200 A:5-10=200"),
			requests("A#1:1+9=200"), "agrees agrees agrees",
		},
		{
			"one failure for all who wait", 1,
			tasks("A:0-10=503 A:2-10=503"),
			requests("A#1:1+9=503"), "agrees agrees",
		},
		{
			"an answer from before, as of a cache", 1,
			tasks("A:0-10=200 A:20-30=200"),
			requests("A#1:1+9=200"), "agrees doubt",
		},
		{
			"another answer than that from before", 1,
			tasks("A:0-10=404 A:20-30=200"),
			requests("A#1:1+9=404"), "agrees differs",
		},
		{
			"the one that ended first takes what came first", 1,
			tasks("A:0-100=200 A:0-10=200 A:5-50=200"),
			requests("A#1:1+5=200 A#1:20+5=200 A#1:60+5=200"), "agrees agrees agrees",
		},
		{
			"an attempt that is certain, and others that are not", 3,
			tasks("A:0-100=503 A:20-60=200"),
			requests("A#1:1+9=503 A#2:30+9=503 A#3:35+9=200 A#4:50+9=503"), "agrees agrees",
		},
		{
			"an attempt that is certain, and no others", 3,
			tasks("A:0-15=503 A:20-60=200"), requests("A#1:1+9=503 A#2:30+9=200"), "differs agrees",
		},
		{
			"keys apart", 1,
			tasks("A:0-10=200 B:0-10=503"),
			requests("B#1:1+9=503 A#1:2+1=200"), "agrees agrees",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			epoch := time.Unix(1000, 0)
			o := oracle.Oracle{
				Plan:     func(string, int, int) record.Planned { return record.Planned{PlannedClass: record.OK} },
				Truth:    func(e servers.Entry) record.Planned { return oracle.TruthOf(e, e.Planned, 0) },
				Attempts: tt.attempts, Epoch: epoch,
			}
			for i := range tt.journal { // the server started a second before the run
				tt.journal[i].Arrived += time.Second
			}
			o.Join(tt.samples, tt.journal, epoch.Add(time.Second))
			var got []string
			for _, s := range tt.samples {
				switch {
				case s.Doubt != "":
					got = append(got, "doubt")
				case s.Agrees():
					got = append(got, "agrees")
				default:
					got = append(got, "differs")
				}
			}
			if said := strings.Join(got, " "); said != tt.want {
				t.Errorf("got %s, want %s: %s", said, tt.want, fmt.Sprintf("%+v", tt.samples))
			}
		})
	}
}

// TestSentOn has a server that sends on when its client has gone: the client's
// next attempt comes before the server's answer has ended, and is one all the
// same.
func TestSentOn(t *testing.T) {
	const timeout = 100 * ms
	for _, tt := range []struct {
		name    string
		exact   bool
		journal string
		want    bool
	}{
		{"three attempts", true, "A#1:0+110=200 A#2:100+120=200 A#3:200+130=200", true},
		{"and no third", true, "A#1:0+110=200 A#2:100+120=200", false},
		{"a real clock", false, "A#1:2+110=200 A#2:101+120=200 A#3:202+130=200", true},
		{"and no third", false, "A#1:2+110=200 A#2:101+120=200", false},
		{"one attempt, and a hedge", true, "A#1:0+110=200 A#2:50+110=200 A#3:200+130=200", false},
	} {
		t.Run(fmt.Sprint(tt.name, " exact: ", tt.exact), func(t *testing.T) {
			o := oracle.Oracle{
				Plan:     func(string, int, int) record.Planned { return record.Planned{PlannedClass: record.OK} },
				Attempts: 3, Exact: tt.exact, Epoch: time.Unix(1000, 0),
				Truth: func(e servers.Entry) record.Planned {
					return oracle.TruthOf(e, servers.Fate{Fault: servers.None, Status: 200, Latency: e.Took}, timeout)
				},
			}
			samples := tasks("A:0-300=0")
			o.Join(samples, requests(tt.journal), o.Epoch)
			got := samples[0].Agrees() && samples[0].Did != record.ActionGaveUp
			if got != tt.want {
				t.Errorf("got %v, want %v: %+v", got, tt.want, samples[0])
			}
		})
	}
}

// TestLeftUnderWay has a client that sends one more request than it needs, and
// does not wait for that. Nothing but the timeout of 100 ms ends a request that
// hangs, so one that has gone on for less told the task nothing.
func TestLeftUnderWay(t *testing.T) {
	for _, tt := range []struct{ name, task, journal, want string }{
		{"beside its answer", "A:0-12=200", "A#1:1+500=200/hung A#2:2+8=200", "agrees"},
		{"late, when the answer has come", "A:0-50=200", "A#2:1+8=200 A#1:11+500=200/hung", "agrees"},
		{"after the task", "A:0-10=200", "A#2:1+8=200 A#1:11+500=200/hung", "agrees"},
		{"and waited for it", "A:0-120=200", "A#2:1+8=200 A#1:11+500=200/hung", "differs"},
		{"after an error", "A:0-50=200", "A#1:1+8=503 A#2:11+500=200/hung", "differs"},
		{"and says that it is too late", "A:0-50=0", "A#1:1+8=200 A#2:11+500=200/hung", "agrees"},
	} {
		for _, exact := range []bool{false, true} {
			t.Run(fmt.Sprint(tt.name, " exact: ", exact), func(t *testing.T) {
				o := oracle.Oracle{
					Plan:     func(string, int, int) record.Planned { return record.Planned{PlannedClass: record.OK} },
					Attempts: 1, Exact: exact, Epoch: time.Unix(1000, 0),
					Truth: func(e servers.Entry) record.Planned { return oracle.TruthOf(e, e.Planned, 100*ms) },
				}
				samples := tasks(tt.task)
				o.Join(samples, requests(tt.journal), o.Epoch)
				if got := map[bool]string{true: "agrees", false: "differs"}[samples[0].Agrees()]; got != tt.want {
					t.Errorf("got %s, want %s: %+v", got, tt.want, samples[0])
				}
			})
		}
	}
}

// TestLeftAtTheTimeout has a machine that stands still: the client leaves at
// its timeout of 300 ms what would have been answered, and tries again.
func TestLeftAtTheTimeout(t *testing.T) {
	for _, tt := range []struct {
		name, journal string
		status        int // of the task; 0 is a timeout
		want          bool
	}{
		{"then an answer", "A#1:1+650=0 A#2:660+8=200", 200, true},
		{"then an error, which is told", "A#1:1+650=0 A#2:660+8=404", 404, true},
		{"then an error, which is hidden", "A#1:1+650=0 A#2:660+8=404", 200, false},
		{"what fails, then an answer", "A#1:1+650=0/refusing A#2:660+8=200", 200, true},
		{"what fails, then that", "A#1:1+650=0/refusing A#2:660+8=404", 404, true},
		{"then again, then an answer", "A#1:1+650=0 A#2:660+300=0 A#3:970+8=200", 200, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := oracle.Oracle{
				Plan:     func(string, int, int) record.Planned { return record.Planned{PlannedClass: record.OK} },
				Truth:    func(e servers.Entry) record.Planned { return oracle.TruthOf(e, e.Planned, 300*ms) },
				Attempts: 3, Timeout: 300 * ms, Epoch: time.Unix(1000, 0),
				Retry: &oracle.Retry{On: func(class record.Class, _ int) bool { return class == record.Timeout }},
			}
			samples, journal := tasks(fmt.Sprintf("A:0-1000=%d", tt.status)), requests(tt.journal)
			for i := range journal {
				journal[i].Method, journal[i].Idempotent = http.MethodGet, true
			}
			o.Join(samples, journal, o.Epoch)
			if got := samples[0].Agrees(); got != tt.want {
				t.Errorf("got %v, want %v: %+v", got, tt.want, samples[0])
			}
		})
	}
}

// TestLeftNear has a client of four attempts, of which it leaves two at its
// timeout of 300 ms that would have been answered, and tells the error of the
// last. On a machine that can be as late it may have been right to.
func TestLeftNear(t *testing.T) {
	const left = "A#1:1+727=0 A#2:360+285=0/reset A#3:680+1087=0 A#4:1855+49=0/reset"
	for _, tt := range []struct {
		name, journal string
		class         record.Class
		late          time.Duration
		exact         bool
		agrees, doubt bool
	}{
		{"late", left, record.Malformed, 100 * ms, false, false, true},
		{"not so late", left, record.Malformed, 10 * ms, false, false, false},
		{"the virtual clock", left, record.Malformed, 100 * ms, true, false, false},
		{"late, and none left", "A#1:1+9=200", record.Malformed, 100 * ms, false, false, false},
		{"late, and told what it met", left, record.Reset, 100 * ms, false, false, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := oracle.Oracle{
				Plan:     func(string, int, int) record.Planned { return record.Planned{PlannedClass: record.OK} },
				Truth:    func(e servers.Entry) record.Planned { return oracle.TruthOf(e, e.Planned, 300*ms) },
				Attempts: 4, Timeout: 300 * ms, Epoch: time.Unix(1000, 0), Late: tt.late, Exact: tt.exact,
				Retry: &oracle.Retry{On: func(class record.Class, _ int) bool { return class != record.OK }},
			}
			samples := tasks("A:0-1950=0")
			samples[0].Class = tt.class
			o.Join(samples, requests(tt.journal), o.Epoch)
			if got, doubt := samples[0].Agrees(), samples[0].Doubt != ""; got != tt.agrees || doubt != tt.doubt {
				t.Errorf("agrees %v, doubt %v: %+v", got, doubt, samples[0])
			}
		})
	}
}

// TestLag has a client of three attempts that each came to the timeout of 300
// ms. The server heard late of the first that it was left: after the second had
// come. On a machine that can be as late that is no hedge.
func TestLag(t *testing.T) {
	for _, tt := range []struct {
		name, journal string
		late          time.Duration
		exact, want   bool
	}{
		{"at once", "A#1:1+300=200/hung A#2:310+300=200/hung A#3:620+300=200/hung", 0, false, true},
		{"late", "A#1:1+600=200/hung A#2:310+300=200/hung A#3:620+300=200/hung", 100 * ms, false, true},
		{"later than the machine", "A#1:1+600=200/hung A#2:310+300=200/hung A#3:620+300=200/hung", 0, false, false},
		{"the virtual clock", "A#1:1+600=200/hung A#2:310+300=200/hung A#3:620+300=200/hung", 100 * ms, true, false},
		{"one too few", "A#1:1+600=200/hung A#2:310+300=200/hung", 100 * ms, false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := oracle.Oracle{
				Plan:     func(string, int, int) record.Planned { return record.Planned{PlannedClass: record.OK} },
				Truth:    func(e servers.Entry) record.Planned { return oracle.TruthOf(e, e.Planned, 300*ms) },
				Attempts: 3, Timeout: 300 * ms, Epoch: time.Unix(1000, 0), Late: tt.late, Exact: tt.exact,
			}
			samples, journal := tasks("A:0-930=0"), requests(tt.journal)
			for i := range journal {
				journal[i].Gone = journal[i].Took
			}
			o.Join(samples, journal, o.Epoch)
			if got := samples[0].Agrees(); got != tt.want {
				t.Errorf("got %v, want %v: %+v", got, tt.want, samples[0])
			}
		})
	}
}

// TestMaybeResent has a client of three attempts, whose transport sent some of
// its requests again at once when a connection had broken, and counts them all
// as one. Which of them it was cannot be seen.
func TestMaybeResent(t *testing.T) {
	for _, tt := range []struct {
		name, task, journal string
		want                bool
	}{
		{"none", "A:0-90=503", "A#1:1+9=503 A#2:20+9=503 A#3:40+9=503", true},
		{"the first", "A:0-90=503", "A#1:1+1=0/reset A#2:3+9=503 A#3:20+9=503 A#4:40+9=503", true},
		{"the last", "A:0-90=503", "A#1:1+9=503 A#2:20+1=0/reset A#3:40+1=0/reset A#4:42+9=503", true},
		{
			"two, one after another", "A:0-90=503",
			"A#1:1+9=503 A#2:20+9=503 A#3:40+1=0/reset A#4:42+1=0/reset A#5:44+9=503", true,
		},
		{"two apart", "A:0-90=503", "A#1:1+1=0/reset A#2:3+9=503 A#3:20+9=503 A#4:40+1=0/reset A#5:42+9=503", true},
		{"but that is no success", "A:0-90=200", "A#1:1+9=503 A#2:20+1=0/reset A#3:40+1=0/reset A#4:42+9=503", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := oracle.Oracle{
				Plan:     func(string, int, int) record.Planned { return record.Planned{PlannedClass: record.OK} },
				Attempts: 3, Epoch: time.Unix(1000, 0),
				Truth: func(e servers.Entry) record.Planned { return oracle.TruthOf(e, e.Planned, 0) },
			}
			samples, journal := tasks(tt.task), requests(tt.journal)
			for i := range journal {
				journal[i].Counted, journal[i].Idempotent = true, true
			}
			o.Join(samples, journal, o.Epoch)
			if got := samples[0].Agrees(); got != tt.want {
				t.Errorf("got %v, want %v: %+v", got, tt.want, samples[0])
			}
		})
	}
}

// TestResentLate has a client of three attempts without a number, of which the
// server took the second for one that a transport sent again: the client did
// not give up too early if there was time for a pause.
func TestResentLate(t *testing.T) {
	for _, tt := range []struct {
		journal string
		reused  bool // the connection of the first
		doubt   bool
	}{
		{"A#1:1+1=0/reset A#1:53+1=0/reset A#2:155+1=0/reset", false, true},
		{"A#1:1+1=0/reset A#1:53+1=0/reset A#2:155+1=0/reset", true, false},
		{"A#1:1+1=0/reset A#1:3+1=0/reset A#2:155+1=0/reset", false, false}, // as transports do
		{"A#1:1+1=0/reset A#2:155+1=0/reset", false, false},
	} {
		o := oracle.Oracle{
			Plan:     func(string, int, int) record.Planned { return record.Planned{PlannedClass: record.OK} },
			Attempts: 3, Epoch: time.Unix(1000, 0),
			Truth: func(e servers.Entry) record.Planned { return oracle.TruthOf(e, e.Planned, 0) },
			Retry: &oracle.Retry{On: func(class record.Class, _ int) bool { return class == record.Reset }},
		}
		samples, journal := tasks("A:0-200=0"), requests(tt.journal)
		samples[0].Class = record.Reset
		journal[1].Resent = journal[1].Attempt == 1
		journal[0].Reused = tt.reused
		o.Join(samples, journal, o.Epoch)
		if s := samples[0]; s.Did != record.ActionGaveUp || (s.Doubt != "") != tt.doubt {
			t.Errorf("%s: %+v", tt.journal, s)
		}
	}
}

// TestAfterwards has a client that asks for the key of a task again when that
// is over, as one does that refreshes what it has. Under the real clock the
// server may have noted a request late.
func TestAfterwards(t *testing.T) {
	for _, tt := range []struct {
		task, journal string
		exact, want   bool
	}{
		{"A:0-50=503", "A#1:1+9=503 A#2:300+9=200", true, true},
		{"A:0-50=503", "A#1:1+9=503 A#2:300+9=200", false, true},
		{"A:0-50=200", "A#1:1+9=200 A#2:300+9=503", true, true},
		{"A:0-50=503", "A#1:1+9=503 A#2:20+9=200", true, false},
		{"A:0-50=503", "A#1:1+9=503 A#2:60+9=200", false, false},
		{"A:0-50=200", "A#1:1+9=503 A#2:300+9=200", true, false},
		{"A:0-50=503", "A#1:300+9=200", true, false}, // it did not wait
		{"A:0-50=503", "A#1:1+49=503 A#2:50+9=200", true, true},
		{"A:0-50=200", "A#1:1+49=503 A#2:50+0=200", true, true}, // which took no time
	} {
		o := oracle.Oracle{
			Plan:  func(string, int, int) record.Planned { return record.Planned{PlannedClass: record.OK} },
			Exact: tt.exact, Epoch: time.Unix(1000, 0),
			Truth: func(e servers.Entry) record.Planned { return oracle.TruthOf(e, e.Planned, 0) },
		}
		samples := tasks(tt.task)
		o.Join(samples, requests(tt.journal), o.Epoch)
		if got := samples[0].Agrees(); got != tt.want {
			t.Errorf("%s after %s, exact %v: got %v, want %v: %+v", tt.task, tt.journal, tt.exact, got, tt.want,
				samples[0])
		}
	}
}

// TestNotedLate has a busy machine, whose server notes the end of an answer
// when its client has sent the next request already. Only under the real clock
// can that be the next attempt.
func TestNotedLate(t *testing.T) {
	for _, tt := range []struct {
		name, journal string
		exact, want   bool
	}{
		{"three attempts", "A#1:0+10=503 A#2:9+10=503 A#3:18+10=503", false, true},
		{"and no third", "A#1:0+10=503 A#2:9+10=503", false, false},
		{"before the answer", "A#1:0+10=503 A#2:4+10=503 A#3:18+10=503", false, false},
		{"exact times", "A#1:0+10=503 A#2:9+10=503 A#3:18+10=503", true, false},
		{"exact times, one after another", "A#1:0+10=503 A#2:10+10=503 A#3:20+10=503", true, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := oracle.Oracle{
				Plan:     func(string, int, int) record.Planned { return record.Planned{PlannedClass: record.OK} },
				Attempts: 3, Exact: tt.exact, Epoch: time.Unix(1000, 0),
				Truth: func(e servers.Entry) record.Planned { return oracle.TruthOf(e, e.Planned, 0) },
			}
			samples, journal := tasks("A:0-30=503"), requests(tt.journal)
			for i := range journal {
				journal[i].Waited = 8 * ms
			}
			o.Join(samples, journal, o.Epoch)
			if got := samples[0].Agrees(); got != tt.want {
				t.Errorf("got %v, want %v: %+v", got, tt.want, samples[0])
			}
		})
	}
}

// A million is a join of so many tasks, each with one request.
type million struct {
	name      string
	keys      int  // of which each has as many tasks
	numbered  bool // the requests name their tasks
	latencies bool // each is planned another latency
	most      int  // megabytes that a join may allocate
}

var millions = []million{
	{"keys of their own", 1_000_000, false, false, 300},
	{"keys of their own, numbered", 1_000_000, true, false, 300},
	{"two tasks a key", 500_000, false, true, 300},
	{"a thousand tasks a key, numbered", 1000, true, true, 300},
	{"one key", 1, false, false, 300},
	{"one key, numbered", 1, true, false, 300},
	{"one key, latencies", 1, false, true, 300},
}

// join returns a function that joins one in so many of the tasks of m.
func (m million) join(part int) func() {
	tasks, keys := 1_000_000/part, max(1, m.keys/part)
	samples, entries := make([]record.Sample, tasks), make([]servers.Entry, tasks)
	for i := range tasks {
		key, from := fmt.Sprint(i%keys), time.Duration(i/100)
		samples[i] = record.Sample{
			Seq: i, Key: key, Started: from * ms, Finished: (from + 50) * ms,
			Seen: record.Seen{Class: record.OK, Status: 200},
		}
		entries[i] = servers.Entry{
			Key: key, Method: http.MethodGet, Idempotent: true, Attempt: 1, Arrived: (from + 1) * ms, Took: 48 * ms,
			Met: servers.None, Done: true, Status: 200, Planned: servers.Fate{Fault: servers.None, Status: 200},
		}
		if m.numbered {
			entries[i].Task = i + 1
		}
		if m.latencies {
			entries[i].Planned.Latency = time.Duration(i)
		}
	}
	o := oracle.Oracle{
		Plan:  func(string, int, int) record.Planned { return record.Planned{PlannedClass: record.OK} },
		Truth: func(e servers.Entry) record.Planned { return oracle.TruthOf(e, e.Planned, 0) },
		Epoch: time.Unix(1000, 0),
	}
	return func() { o.Join(samples, entries, o.Epoch) }
}

// TestJoinMemory: a join of a million allocates at most so much. The test joins
// a twentieth of that.
func TestJoinMemory(t *testing.T) {
	const part = 20
	for _, m := range millions {
		t.Run(m.name, func(t *testing.T) {
			join := m.join(part)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			join()
			runtime.ReadMemStats(&after)
			if got := int(after.TotalAlloc-before.TotalAlloc) * part / 1e6; got > m.most {
				t.Errorf("allocates %d MB for a million tasks, want at most %d", got, m.most)
			}
		})
	}
}

// BenchmarkJoin joins a million. It should take at most two seconds on a
// machine with nothing else to do.
func BenchmarkJoin(b *testing.B) {
	for _, m := range millions {
		b.Run(m.name, func(b *testing.B) {
			join := m.join(1)
			b.ReportAllocs()
			for b.Loop() {
				join()
			}
		})
	}
}
