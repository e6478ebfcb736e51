package admin

import (
	"net/http"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/teapot-go/teapot/servers"
)

// metrics are what Prometheus is told. No label has a client's text in it, so
// that no client can make more of them.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	bytes    prometheus.Counter
	gone     prometheus.Counter
	wait     *prometheus.HistogramVec
	late     prometheus.Histogram
}

// The buckets, in seconds: waits from a quarter of a millisecond to two
// minutes, and what is beyond a plan from ten microseconds to seconds.
var (
	waits    = prometheus.ExponentialBuckets(0.00025, 2, 20)
	lateness = prometheus.ExponentialBuckets(0.00001, 2, 20)
)

func newMetrics(server *servers.Server) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "teapot_requests_total",
			Help: "Requests that have ended, by the planned fault, by what turned them away, and by the status sent " +
				"(0: none).",
		}, []string{"fault", "turned_away", "status"}),
		bytes: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "teapot_body_bytes_total",
			Help: "Bytes of bodies sent.",
		}),
		gone: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "teapot_clients_gone_total",
			Help: "Requests whose client went away before their end.",
		}),
		wait: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "teapot_wait_seconds",
			Help: "From a request's arrival to the first byte of its answer, by the planned fault.", Buckets: waits,
		}, []string{"fault"}),
		late: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "teapot_late_seconds",
			Help: "What an answer's first byte was later than its queue and its plan have it.", Buckets: lateness,
		}),
	}
	gauge := func(name, help string, of func(servers.Load) int) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help},
			func() float64 { return float64(of(server.Load())) })
	}
	m.registry.MustRegister(
		m.requests, m.bytes, m.gone, m.wait, m.late,
		gauge("teapot_connections", "Connections that are open.", func(l servers.Load) int { return l.Connections }),
		gauge("teapot_requests", "Requests that have arrived and not ended.",
			func(l servers.Load) int { return l.Requests }),
		gauge("teapot_requests_queued", "Requests that wait to be let in.",
			func(l servers.Load) int { return l.Queued }),
	)
	return m
}

// count is the server's observer.
func (m *metrics) count(e servers.Entry) {
	fault := string(e.Planned.Fault)
	m.requests.WithLabelValues(fault, string(e.TurnedAway), statusLabel(e.Status)).Inc()
	m.bytes.Add(float64(e.Bytes))
	if e.Gone > 0 {
		m.gone.Inc()
	}
	if e.Status != 0 {
		m.wait.WithLabelValues(fault).Observe(e.Waited.Seconds())
		if e.TurnedAway == "" {
			m.late.Observe(max(0, e.Waited-e.Queued-e.Planned.Latency).Seconds())
		}
	}
}

// statusLabel is a status as a label; what content of the user's own can say
// beyond HTTP is one label together.
func statusLabel(status int) string {
	if status != 0 && (status < 100 || status > 599) {
		return "other"
	}
	return strconv.Itoa(status)
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{DisableCompression: true})
}
