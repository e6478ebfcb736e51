package html

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/teapot-go/teapot/reports/charts"
	"github.com/teapot-go/teapot/reports/internal/fixture"
)

func underway(t *testing.T, finished int) Underway {
	t.Helper()
	f := charts.Flow{Moment: time.Second, Tasks: 100}
	for i := range finished {
		f.Add(time.Duration(i)*time.Second, true, i%10 == 0, 1)
	}
	return Underway{
		Name:  `a "name" <script>alert(1)</script>`,
		Facts: []Fact{{"finished", fmt.Sprintf("%d of 100", finished)}}, Course: f.Course(),
		WorkerHead: []string{"worker", "state", "slots"},
		Workers: []Worker{
			{Cells: []string{"vm/1/AB", "running", "4"}},
			{Cells: []string{"<script>alert(2)</script>", "lost: it was not heard for 6s", "no limit"}, Ill: true},
		},
		Over: []Ended{{"before/pool", "ok", true}, {"before/async", "3 violations", false}},
	}
}

// TestBrowserLive opens a live page, sees it change, and then become the
// report.
func TestBrowserLive(t *testing.T) {
	ctx := browse(t)
	heard := overhear(t, ctx)
	next := make(chan func() (name, data string))
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { _ = Live("/events")(w) })
	mux.HandleFunc("GET /report", func(w http.ResponseWriter, _ *http.Request) {
		_ = Report(testHost, fixture.Suite(20))(w)
	})
	mux.HandleFunc("GET /events", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for event := range next {
			name, data := event()
			text, _ := json.Marshal(data)
			_, _ = fmt.Fprintf(w, "event: %s\ndata: %s\n\n", name, text)
			_ = http.NewResponseController(w).Flush()
		}
	})
	s := httptest.NewServer(mux)
	defer s.Close()
	if err := chromedp.Do(ctx, chromedp.Navigate(s.URL)); err != nil {
		t.Fatal(err)
	}
	shows := func(text string) {
		t.Helper()
		ready := fmt.Sprintf(`document.body !== null && document.body.innerText.includes(%q)`, text)
		if _, err := chromedp.Run(ctx, chromedp.Poll[bool](ready)); err != nil {
			t.Fatalf("the page does not come to show %q: %v", text, err)
		}
	}
	for _, finished := range []int{7, 60} {
		next <- func() (string, string) {
			var part bytes.Buffer
			if err := underway(t, finished).Report(&part); err != nil {
				t.Error(err)
			}
			return "underway", part.String()
		}
		shows(fmt.Sprintf("%d of 100", finished))
		shows("<script>")
	}
	next <- func() (string, string) { return "report", "/report" }
	close(next)
	if err := chromedp.Do(ctx, chromedp.WaitVisible("#summary")); err != nil {
		t.Fatalf("the page does not become the report: %v", err)
	}
	heard.Lock()
	defer heard.Unlock()
	for _, url := range heard.requests {
		if !strings.HasPrefix(url, s.URL) && !strings.HasPrefix(url, "data:") {
			t.Errorf("the page asked for %s", url)
		}
	}
	for _, c := range heard.complaints {
		t.Errorf("the browser complained: %s", c)
	}
}
