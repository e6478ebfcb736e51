package oracle_test

import (
	"fmt"
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
			tasks("A:0-50=503"),
			requests("A#1:1+9=503 A#2:20+20=200"), "differs",
		},
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
			"an answer from before", 1,
			tasks("A:0-10=200 A:20-30=200"),
			requests("A#1:1+9=200"), "agrees differs",
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

// BenchmarkJoin joins a million tasks and their requests, of keys of their own
// and of one key.
func BenchmarkJoin(b *testing.B) {
	for _, keys := range []int{1_000_000, 1} {
		b.Run(fmt.Sprintf("%d keys", keys), func(b *testing.B) {
			var samples []record.Sample
			var entries []servers.Entry
			for i := range 100_000 {
				key, from := fmt.Sprint(i%keys), time.Duration(i/100)
				samples = append(samples, record.Sample{
					Key: key, Started: from * ms, Finished: (from + 50) * ms,
					Seen: record.Seen{Class: record.OK, Status: 200},
				})
				entries = append(entries, servers.Entry{
					Key: key, Attempt: 1, Arrived: (from + 1) * ms, Took: 48 * ms,
					Met: servers.None, Done: true, Status: 200, Planned: servers.Fate{Fault: servers.None, Status: 200},
				})
			}
			o := oracle.Oracle{
				Plan:  func(string, int, int) record.Planned { return record.Planned{PlannedClass: record.OK} },
				Truth: func(e servers.Entry) record.Planned { return oracle.TruthOf(e, e.Planned, 0) },
				Epoch: time.Unix(1000, 0),
			}
			b.ReportAllocs()
			for b.Loop() {
				o.Join(samples, entries, o.Epoch)
			}
		})
	}
}
