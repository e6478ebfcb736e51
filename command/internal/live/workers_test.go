package live

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/teapot-go/teapot/harness/record"
)

func TestHealth(t *testing.T) {
	well := Worker{Name: "a", Heard: time.Second}
	for _, tt := range []struct {
		workers []Worker
		told    string
		ill     bool
	}{
		{nil, "", false},
		{[]Worker{well}, "1 worker", false},
		{[]Worker{well, well, well}, "3 workers", false},
		{[]Worker{well, {Name: "b", Heard: 4 * time.Second}}, "2 workers, not heard for 4s: b", true},
		{[]Worker{{Name: "b", Lost: true}, well}, "2 workers, lost: b", true},
	} {
		if told, ill := (Reading{Workers: tt.workers}).Health(); told != tt.told || ill != tt.ill {
			t.Errorf("%v: got %q, %v, want %q, %v", tt.workers, told, ill, tt.told, tt.ill)
		}
	}
}

// TestWorkers shows workers on the page and to Prometheus, whatever their names
// are.
func TestWorkers(t *testing.T) {
	p, err := Serve()
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close(nil)
	get := func(path string) string {
		t.Helper()
		resp, err := http.Get(p.URL() + path)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d, %v", path, resp.StatusCode, err)
		}
		return string(text)
	}
	if text := get("metrics"); strings.Contains(text, "teapot_run") {
		t.Errorf("before the first run: %s", text)
	}
	m := NewMeter("a/cluster", record.Virtual, 50)
	m.Follow(func() []Worker {
		return []Worker{
			{Name: `vm/1/"x"`, State: "running", Slots: 4, Running: 3, Done: 7, Heard: time.Second},
			{Name: "<b>", State: "lost: <i>it</i> is gone", Done: 2, Heard: 90 * time.Second, Apart: ms, Lost: true},
		}
	})
	run(m, 30)
	p.Show(m)
	metrics := get("metrics")
	for _, want := range []string{
		`teapot_run_tasks_planned{run="a/cluster"} 50`,
		`teapot_run_tasks_ended{outcome="error",run="a/cluster"} 3`,
		`teapot_run_latency_p99_seconds{run="a/cluster"} 0.1`,
		`teapot_worker_slots{worker="vm/1/\"x\""} 4`,
		`teapot_worker_tasks_running{worker="vm/1/\"x\""} 3`,
		`teapot_worker_tasks_done{worker="<b>"} 2`,
		`teapot_worker_silent_seconds{worker="<b>"} 90`,
		`teapot_worker_clock_error_seconds{worker="<b>"} 0.001`,
		`teapot_worker_lost{worker="<b>"} 1`,
	} {
		if !strings.Contains(metrics, want+"\n") {
			t.Errorf("want %s in\n%s", want, metrics)
		}
	}
	problems, err := promlint.New(strings.NewReader(metrics)).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("what Prometheus thinks of it: %v, %v", problems, err)
	}
	u, ok := p.underway()
	var page bytes.Buffer
	if !ok || u.Report(&page) != nil {
		t.Fatal("nothing is under way")
	}
	for _, want := range []string{
		`<td class="text">running</td>`, `<td class="text bad">lost: &lt;i&gt;it&lt;/i&gt; is gone</td>`,
		"&lt;b&gt;", ">no limit</td>", ">1m30s ago</td>",
	} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("want %s in\n%s", want, page.String())
		}
	}
}
