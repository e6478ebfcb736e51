package live

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/reports/html"
	"github.com/teapot-go/teapot/reports/text"
	"github.com/teapot-go/teapot/servers/loopback"
)

const (
	// every is how often the page is brought up to date.
	every = 500 * time.Millisecond
	// patient is how long the report waits for the pages that have it.
	patient = 3 * time.Second
	// shown is how many runs that are over a page lists.
	shown = 50
)

// A Page shows runs while they are under way to browsers of this machine. It
// answers requests for a loopback name only, so that no page of another site
// can read it. Any number of goroutines may call its methods; on a nil Page
// they do nothing.
type Page struct {
	server *http.Server
	url    string
	over   chan struct{} // closed when the runs are
	close  sync.Once

	serves sync.WaitGroup
	read   chan struct{} // a page has fetched the report

	mu     sync.Mutex
	run    *Meter
	ended  []html.Ended
	report []byte    // nil until the runs are over
	open   int       // pages that wait for events
	sent   int       // pages that have not asked for events yet
	last   time.Time // when the latest of these was sent
}

// Serve begins to serve a page on a free port of the loopback.
func Serve() (*Page, error) {
	l, err := loopback.Listen()
	if err != nil {
		return nil, fmt.Errorf("--live: %w", err)
	}
	p := &Page{url: "http://" + l.Addr().String() + "/", over: make(chan struct{}), read: make(chan struct{}, 100)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", p.serve)
	mux.HandleFunc("GET /events", p.events)
	mux.HandleFunc("GET /report", p.serveReport)
	mux.Handle("GET /metrics", p.serveMetrics())
	own := loopback.Only(mux, "the page is for this machine: ask for it as 127.0.0.1")
	p.server = &http.Server{Handler: own, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute}
	p.serves.Go(func() { _ = p.server.Serve(l) })
	return p, nil
}

// URL returns where the page is.
func (p *Page) URL() string { return p.url }

// Show shows a run that begins.
func (p *Page) Show(run *Meter) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.run = run
}

// End lists a run that is over.
func (p *Page) End(name, verdict string) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = append(p.ended, html.Ended{Name: name, Verdict: verdict, Good: verdict == "ok"})
	if len(p.ended) > shown {
		p.ended = p.ended[1:]
	}
}

// Close ends the page. Browsers that have it open get the report, if there is
// one, and keep it. A second call does nothing.
func (p *Page) Close(report reports.Reporter) {
	if p != nil {
		p.close.Do(func() { p.end(report) })
	}
}

func (p *Page) end(report reports.Reporter) {
	var text bytes.Buffer
	made := report != nil && report(&text) == nil
	p.mu.Lock()
	readers := 0
	if made {
		p.report = text.Bytes()
		readers = p.readers()
	}
	p.mu.Unlock()
	close(p.over) // from now on they end to wait for events
	ctx, cancel := context.WithTimeout(context.Background(), patient)
	defer cancel()
	p.await(ctx, readers)
	if p.server.Shutdown(ctx) != nil {
		_ = p.server.Close()
	}
	p.serves.Wait()
}

// readers returns how many pages are open, or are about to be. The caller holds
// mu.
func (p *Page) readers() int {
	if time.Since(p.last) < patient {
		return p.open + p.sent
	}
	return p.open
}

// await waits until so many pages have fetched the report.
func (p *Page) await(ctx context.Context, pages int) {
	for range pages {
		select {
		case <-p.read:
		case <-ctx.Done():
			return
		}
	}
}

// serve sends the page, which then asks for events.
func (p *Page) serve(w http.ResponseWriter, _ *http.Request) {
	p.mu.Lock()
	p.sent, p.last = p.sent+1, time.Now()
	p.mu.Unlock()
	send(w, html.Live("/events"))
}

// events sends what the page shows until the runs are over.
func (p *Page) events(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	p.count(1)
	defer p.count(-1)
	to, tick := http.NewResponseController(w), time.NewTicker(every)
	defer tick.Stop()
	for {
		if u, ok := p.underway(); ok {
			var part bytes.Buffer
			if u.Report(&part) != nil || event(w, "underway", part.String()) != nil {
				return
			}
		}
		if to.Flush() != nil {
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-p.over:
			p.sendLast(w)
			return
		case <-tick.C:
		}
	}
}

// sendLast sends the last event.
func (p *Page) sendLast(w http.ResponseWriter) {
	p.mu.Lock()
	has := p.report != nil
	p.mu.Unlock()
	if has {
		_ = event(w, "report", "/report")
		return
	}
	_ = event(w, "end", "The runs are over; there is no report.")
}

// event writes one event, whose data is a text as JSON.
func event(w http.ResponseWriter, name, data string) error {
	text, err := json.Marshal(data)
	if err == nil {
		_, err = fmt.Fprintf(w, "event: %s\ndata: %s\n\n", name, text)
	}
	return err
}

// count counts a page that begins or ends to wait for events.
func (p *Page) count(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.open += n; n > 0 {
		p.sent = max(0, p.sent-1)
	}
}

func (p *Page) serveReport(w http.ResponseWriter, _ *http.Request) {
	p.mu.Lock()
	report := p.report
	p.mu.Unlock()
	if report == nil {
		http.Error(w, "the runs are not over", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(report)
	select {
	case p.read <- struct{}{}:
	default: // fetched more often than pages were open
	}
}

// underway returns what there is to show, if a run has begun.
func (p *Page) underway() (html.Underway, bool) {
	p.mu.Lock()
	run, ended := p.run, append([]html.Ended{}, p.ended...)
	p.mu.Unlock()
	if run == nil {
		return html.Underway{}, false
	}
	r := run.Read()
	u := html.Underway{Name: r.Name, Facts: facts(r), Course: run.Course(), Over: ended}
	for i, w := range r.Workers {
		if i == 0 {
			u.WorkerHead = workerHead
		}
		u.Workers = append(u.Workers, html.Worker{Cells: w.row(), Ill: w.ill()})
	}
	return u, true
}

// facts lists what a reading says.
func facts(r Reading) []html.Fact {
	all := []html.Fact{
		{Name: "finished", Value: fmt.Sprintf("%d of %d", r.Done(), r.Tasks)},
		{Name: "ok", Value: fmt.Sprint(r.OK)},
	}
	add := func(name, value string) { all = append(all, html.Fact{Name: name, Value: value}) }
	if r.Missing > 0 {
		add("not found", fmt.Sprint(r.Missing))
	}
	add("errors", fmt.Sprint(r.Wrong))
	add("running", fmt.Sprint(r.Under))
	clock := "elapsed"
	if r.Virtual {
		clock = "elapsed, simulated"
	}
	add(clock, text.Short(r.Elapsed.Round(100*time.Millisecond)))
	if left, ok := r.Left(); ok {
		add("left", text.Short(left.Round(100*time.Millisecond)))
	}
	if r.Timed {
		add("rate", fmt.Sprintf("%.3g/s", r.Rate))
		add("latency p50", text.Short(r.P50))
		add("latency p99", text.Short(r.P99))
		add("sent late, p99", text.Short(r.Lateness))
	}
	return all
}

func send(w http.ResponseWriter, page reports.Reporter) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_ = page(w)
}
