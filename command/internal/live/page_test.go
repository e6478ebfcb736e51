package live

import (
	"bufio"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/record"
)

const ms = time.Millisecond

// run has so many tasks run one after the other, each for 10 ms and sent 2 ms
// late; every tenth fails, and takes 100 ms.
func run(m *Meter, n int) {
	at := time.Duration(0)
	for i := range n {
		s := record.Sample{Seq: i, Due: at, Submitted: at + 2*ms, Started: at + 2*ms}
		m.Step(harness.Submitted, s)
		m.Step(harness.Started, s)
		s.Finished, s.Class = s.Started+8*ms, record.OK
		if i%10 == 9 {
			s.Finished, s.Class = s.Started+98*ms, record.Timeout
		}
		m.Step(harness.Finished, s)
		m.Step(harness.Delivered, s)
		at = s.Finished
	}
}

func TestMeter(t *testing.T) {
	m := NewMeter("a/pool", record.Virtual, 5000)
	if r := m.Read(); r.Timed || r.Done() != 0 || r.Rate != 0 {
		t.Errorf("before the first step: got %+v", r)
	}
	if _, ok := m.Read().Left(); ok {
		t.Error("before the first task has ended nothing tells what is left")
	}
	run(m, 4000)
	r := m.Read()
	r.Real = 0
	want := Reading{
		Name: "a/pool", Tasks: 5000, OK: 3600, Wrong: 400, Elapsed: 400 * 190 * ms, Virtual: true, Timed: true,
		Rate: r.Rate, P50: 10 * ms, P99: 100 * ms, Lateness: 2 * ms,
	}
	if !reflect.DeepEqual(r, want) {
		t.Errorf("got  %+v\nwant %+v", r, want)
	}
	if r.Rate < 50 || r.Rate > 56 { // 10 tasks in 190 ms
		t.Errorf("a rate of %v, want 52.6", r.Rate)
	}
	if len(m.last) > kept || m.Course() == nil {
		t.Errorf("%d tasks kept, want %d at most", len(m.last), kept)
	}
}

// TestMeterAgain has a run made again: what is read is of the last one alone.
func TestMeterAgain(t *testing.T) {
	m := NewMeter("a/pool", record.Virtual, 200)
	for _, n := range []int{150, 200, 30} {
		run(m, n)
		if r := m.Read(); r.Done() != n || r.Under != 0 || r.Elapsed > time.Duration(n)*100*ms {
			t.Errorf("got %+v after %d tasks", r, n)
		}
	}
}

// TestMeterIdle has nothing end for a while under the real clock: the rate
// falls, and the time goes on.
func TestMeterIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewMeter("a/pool", record.Real, 100)
		run(m, 50)
		before := m.Read()
		time.Sleep(time.Second)
		if r := m.Read(); r.Rate >= before.Rate || r.Elapsed <= before.Elapsed {
			t.Errorf("got %v after %v, before %v after %v", r.Rate, r.Elapsed, before.Rate, before.Elapsed)
		}
		time.Sleep(recent)
		if r := m.Read(); r.Timed || r.Rate != 0 {
			t.Errorf("nothing has ended for long: got %+v", r)
		}
		if left, ok := m.Read().Left(); !ok || left <= 0 {
			t.Errorf("left %v, %v", left, ok)
		}
	})
}

func written(s string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
}

// TestPage reads the events of a page as a browser does, until they name the
// report, and then reads that.
func TestPage(t *testing.T) {
	defer goleak.VerifyNone(t)
	p, err := Serve()
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	m := NewMeter("a/pool", record.Virtual, 50)
	run(m, 30)
	p.Show(m)
	p.End("before/pool", "2 violations")
	resp, err := client.Get(p.URL() + "events")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	closed := make(chan struct{})
	first := true
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		switch line := lines.Text(); {
		case strings.Contains(line, "a/pool") && first:
			first = false
			if !strings.Contains(line, "30 of 50") || !strings.Contains(line, "2 violations") {
				t.Errorf("got %.300s", line)
			}
			go func() { defer close(closed); p.Close(written("the report")) }()
		case line == `data: "/report"`:
			report, err := client.Get(p.URL() + "report")
			if err != nil {
				t.Fatal(err)
			}
			if all, _ := io.ReadAll(report.Body); string(all) != "the report" {
				t.Errorf("got %q, want the report", all)
			}
			_ = report.Body.Close()
		}
	}
	if first {
		t.Error("no event shows the run")
	}
	<-closed
	p.Close(nil) // does nothing
	if _, err := client.Get(p.URL()); err == nil {
		t.Error("the page answers after its end")
	}
}

// TestPageJustSent has the runs end before a browser has asked for the events
// of the page that it has: it still gets the report.
func TestPageJustSent(t *testing.T) {
	defer goleak.VerifyNone(t)
	p, err := Serve()
	if err != nil {
		t.Fatal(err)
	}
	read := func(name string) string { // over a connection of its own
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		resp, err := client.Get(p.URL() + name)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		all, _ := io.ReadAll(resp.Body)
		return string(all)
	}
	read("")
	closed := make(chan struct{})
	go func() { defer close(closed); p.Close(written("the report")) }()
	<-p.over
	if events := read("events"); !strings.Contains(events, `"/report"`) {
		t.Errorf("got the events %q", events)
	}
	if report := read("report"); report != "the report" {
		t.Errorf("got %q, want the report", report)
	}
	<-closed
}

// TestPageWithoutReaders ends at once: there is no one to wait for.
func TestPageWithoutReaders(t *testing.T) {
	for _, report := range []func(io.Writer) error{nil, written("the report")} {
		p, err := Serve()
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan struct{})
		go func() { p.Close(report); close(done) }()
		<-done
	}
	var none *Page
	none.Show(nil)
	none.End("a", "ok")
	none.Close(nil)
}

// TestLoopbackOnly asks by names of other hosts, as a page of another site can
// once its name leads here.
func TestLoopbackOnly(t *testing.T) {
	p, err := Serve()
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close(nil)
	for host, want := range map[string]int{
		"localhost": http.StatusOK, "localhost:80": http.StatusOK, "127.0.0.1": http.StatusOK, "[::1]:9": http.StatusOK,
		"evil.example": http.StatusForbidden, "192.0.2.1:80": http.StatusForbidden,
		"127.0.0.1.evil.example": http.StatusForbidden,
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.URL(), http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = host
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%s: status %d, want %d", host, resp.StatusCode, want)
		}
	}
}
