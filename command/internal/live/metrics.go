package live

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// serveMetrics returns a handler with what the page shows in the text format of
// Prometheus.
func (p *Page) serveMetrics() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collector{p})
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
}

// A collector reads the meter of the run under way.
type collector struct{ page *Page }

// described returns the description of a number.
func described(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

const ofLatency = "Latency of the tasks that ended in the last ten seconds, from when each was due: percentile "

var (
	tasksPlanned = described("teapot_run_tasks_planned", "Tasks of the run under way.", "run")
	tasksEnded   = described("teapot_run_tasks_ended", "Those that have ended, by outcome.", "run", "outcome")
	tasksRunning = described("teapot_run_tasks_running", "Those that run.", "run")
	rate         = described("teapot_run_tasks_per_second", "Tasks that ended a second, lately.", "run")
	p50          = described("teapot_run_latency_p50_seconds", ofLatency+"50.", "run")
	p99          = described("teapot_run_latency_p99_seconds", ofLatency+"99.", "run")
	late         = described("teapot_run_lateness_p99_seconds",
		"How late the tasks of the last ten seconds were sent: percentile 99.", "run")

	workerSlots   = described("teapot_worker_slots", "Tasks that a worker runs at a time, 0 for no limit.", "worker")
	workerRunning = described("teapot_worker_tasks_running", "Tasks that a worker has.", "worker")
	workerDone    = described("teapot_worker_tasks_done", "Tasks of the run under way that a worker has run.", "worker")
	workerSilent  = described("teapot_worker_silent_seconds", "Since a worker was heard.", "worker")
	workerApart   = described("teapot_worker_clock_error_seconds",
		"By how much the clock of a load generator may be off.", "worker")
	workerLost = described("teapot_worker_lost", "1 if a worker is lost, else 0.", "worker")
)

// Describe implements [prometheus.Collector]. Which numbers there are depends
// on the run.
func (collector) Describe(chan<- *prometheus.Desc) {}

// Collect implements [prometheus.Collector].
func (c collector) Collect(to chan<- prometheus.Metric) {
	c.page.mu.Lock()
	run := c.page.run
	c.page.mu.Unlock()
	if run == nil {
		return
	}
	r := run.Read()
	gauge := func(what *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(what, prometheus.GaugeValue, value, labels...)
	}
	gauge(tasksPlanned, float64(r.Tasks), r.Name)
	gauge(tasksEnded, float64(r.OK), r.Name, "ok")
	gauge(tasksEnded, float64(r.Missing), r.Name, "not_found")
	gauge(tasksEnded, float64(r.Wrong), r.Name, "error")
	gauge(tasksRunning, float64(r.Under), r.Name)
	if r.Timed {
		gauge(rate, r.Rate, r.Name)
		gauge(p50, r.P50.Seconds(), r.Name)
		gauge(p99, r.P99.Seconds(), r.Name)
		gauge(late, max(r.Lateness, 0).Seconds(), r.Name)
	}
	for _, w := range r.Workers {
		gauge(workerSlots, float64(w.Slots), w.Name)
		gauge(workerRunning, float64(w.Running), w.Name)
		gauge(workerDone, float64(w.Done), w.Name)
		gauge(workerSilent, w.Heard.Round(time.Millisecond).Seconds(), w.Name)
		gauge(workerApart, w.Apart.Seconds(), w.Name)
		lost := 0.0
		if w.Lost {
			lost = 1
		}
		gauge(workerLost, lost, w.Name)
	}
}
