package oracle_test

import (
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/oracle"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
)

// TestKeptAnswer has a client that reports the answer of an earlier task. Where
// times are exact, an answer that came as the task began was over, so that it
// cannot be for both.
func TestKeptAnswer(t *testing.T) {
	for _, tt := range []struct {
		name, tasks, journal string
		exact                bool
		unasked              oracle.Unasked
		want                 string // of the second task
	}{
		{"as it began", "A:0-10=503 A:10-10=503", "A#1:0+10=503", true, oracle.Unsaid, "doubt"},
		{"as it began, and it must ask", "A:0-10=503 A:10-10=503", "A#1:0+10=503", true, oracle.Never, "differs"},
		{"as it began, and it may share", "A:0-10=503 A:10-10=503", "A#1:0+10=503", true, oracle.Shared, "agrees"},
		{"as it began, real", "A:0-10=503 A:10-10=503", "A#1:0+10=503", false, oracle.Never, "agrees"},
		{"while it ran", "A:0-10=503 A:9-10=503", "A#1:0+10=503", true, oracle.Never, "agrees"},
		{"before it", "A:0-10=503 A:11-11=503", "A#1:0+10=503", true, oracle.Never, "differs"},
		{"all at one instant", "A:10-10=503 A:10-10=503", "A#1:10+0=503", true, oracle.Never, "agrees"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := oracle.Oracle{
				Plan:     func(string, int, int) record.Planned { return record.Planned{PlannedClass: record.OK} },
				Truth:    func(e servers.Entry) record.Planned { return oracle.TruthOf(e, e.Planned, 0) },
				Attempts: 1, Exact: tt.exact, Epoch: time.Unix(1000, 0), Unasked: tt.unasked,
			}
			samples := tasks(tt.tasks)
			for i := range samples {
				samples[i].Seq = i
			}
			o.Join(samples, requests(tt.journal), o.Epoch)
			got := map[bool]string{true: "agrees", false: "differs"}[samples[1].Agrees()]
			if samples[1].Doubt != "" {
				got = "doubt"
			}
			if got != tt.want {
				t.Errorf("got %s, want %s: %+v", got, tt.want, samples[1])
			}
		})
	}
}

// TestNotSent has a client that is known to send a request report a timeout of
// one that never came. A machine may have kept it back, and the virtual clock
// does not.
func TestNotSent(t *testing.T) {
	for _, tt := range []struct {
		name, task string
		unasked    oracle.Unasked
		exact      bool
		want       string
	}{
		{"a timeout", "A:0-10=0", oracle.Always, false, "doubt"},
		{"a timeout, exact", "A:0-10=0", oracle.Always, true, "differs"},
		{"a status", "A:0-10=503", oracle.Always, false, "differs"},
		{"another client", "A:0-10=0", oracle.Never, false, "differs"},
	} {
		o := oracle.Oracle{
			Plan:     func(string, int, int) record.Planned { return record.Planned{PlannedClass: record.OK} },
			Truth:    func(e servers.Entry) record.Planned { return oracle.TruthOf(e, e.Planned, 0) },
			Attempts: 1, Exact: tt.exact, Epoch: time.Unix(1000, 0), Unasked: tt.unasked,
		}
		samples := tasks(tt.task + " B:0-1=200")
		o.Join(samples, requests("B#1:0+1=200"), o.Epoch)
		got := map[bool]string{true: "agrees", false: "differs"}[samples[0].Agrees()]
		if samples[0].Doubt != "" {
			got = "doubt"
		}
		if got != tt.want {
			t.Errorf("%s: got %s, want %s: %+v", tt.name, got, tt.want, samples[0])
		}
	}
}

// TestSharedOfSeveral has a task without a request report what another task's
// was answered, of a key that has one task or several, and other keys after it.
func TestSharedOfSeveral(t *testing.T) {
	const one = "A:20-30=503 "
	for _, tt := range []struct{ tasks, journal string }{
		{one, "A#1:20+10=503 "},
		{"A:0-10=200 " + one, "A#1:0+10=200 A#1:20+10=503 "},
		{one + "A:40-50=200 ", "A#1:20+10=503 A#1:40+10=200 "},
		{"A:0-10=200 " + one + "A:40-50=404 ", "A#1:0+10=200 A#1:20+10=503 A#1:40+10=404 "},
	} {
		for _, asked := range []struct {
			task string
			want bool
		}{{"B:22-31=503", true}, {"B:22-31=404", false}, {"B:31-35=503", false}} {
			o := oracle.Oracle{
				Plan:     func(string, int, int) record.Planned { return record.Planned{PlannedClass: record.OK} },
				Truth:    func(e servers.Entry) record.Planned { return oracle.TruthOf(e, e.Planned, 0) },
				Attempts: 1, Exact: true, Epoch: time.Unix(1000, 0), Unasked: oracle.Shared,
			}
			samples := tasks(tt.tasks + "C:0-10=200 C:20-30=200 D:0-9=200 " + asked.task)
			for i := range samples {
				samples[i].Seq = i
			}
			o.Join(samples, requests(tt.journal+"C#1:0+10=200 C#1:20+10=200 D#1:0+9=200"), o.Epoch)
			for i, s := range samples {
				if want := i < len(samples)-1 || asked.want; s.Agrees() != want || s.Doubt != "" {
					t.Errorf("%s: %s agrees: %t, doubt %q, want %t", tt.tasks, s.Key, s.Agrees(), s.Doubt, want)
				}
			}
		}
	}
}
