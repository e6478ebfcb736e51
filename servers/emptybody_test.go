package servers_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/fault"
	waits "github.com/teapot-go/teapot/servers/latency"
)

// TestNoBody has answers of which no byte, or one, is there to be sent before a
// fault strikes: the latency is spent all the same, before the head, which the
// journal knows.
func TestNoBody(t *testing.T) {
	kinds := []servers.Kind{
		fault.Truncate, fault.TruncateChunked, fault.ResetBody, fault.Surplus, fault.SlowClose,
		fault.WrongType, fault.Corrupt, fault.IgnoreRange, fault.None,
	}
	for _, kind := range kinds {
		for size := range 3 {
			for _, place := range []waits.Phase{waits.BeforeBody, waits.OverBody} {
				t.Run(string(kind)+"/"+strings.Repeat("x", size)+"/"+string(place), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						c := servers.Config{Memory: true, Plan: servers.Plan{Spend: place, Latency: latency(t, "1s")}}
						if kind != fault.None {
							c.Plan.Faults = []servers.Fault{{Kind: kind, Rate: 1}}
						}
						c.Content = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
							w.WriteHeader(http.StatusAccepted)
							w.Header().Set("Teapot-Late", "too late")
							io.WriteString(w, strings.Repeat("x", size))
						})
						s, begin := start(t, c), time.Now()
						a, err := ask(t.Context(), s, http.MethodGet, s.URL()+"/tea", 0)
						want := c.Plan.Fate("/tea", 1).Latency
						if got := time.Since(begin); got != want || a.status != http.StatusAccepted ||
							(err != nil) != ((kind.Body() == fault.PartialBody) && kind != fault.Surplus) {
							t.Errorf("got %d after %v, %v, want 202 after %v", a.status, got, err, want)
						}
						if late := a.header.Get("Teapot-Late"); late != "" && kind.Body() != fault.PartialBody {
							t.Errorf("a header was sent that was set behind the head: %s", late)
						}
						mustClose(t, s)
						if e := s.Journal()[0]; size == 0 && e.Waited != want {
							t.Errorf("the journal has the first byte at %v, want %v", e.Waited, want)
						}
					})
				})
			}
		}
	}
}
