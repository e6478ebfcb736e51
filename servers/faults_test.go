package servers

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

// TestCarriedOut has requests that arrived a second ago: what was done since is part of the planned latency.
func TestCarriedOut(t *testing.T) {
	content := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "tea") })
	tests := []struct {
		name   string
		fate   Fate
		status int
		waits  time.Duration
	}{
		{"faithful", Fate{Fault: None, Status: 200}, 200, 0},
		{"late", Fate{Fault: None, Status: 200, Latency: 3 * time.Second}, 200, 2 * time.Second},
		{"due", Fate{Fault: None, Status: 200, Latency: time.Second}, 200, 0},
		{"overdue", Fate{Fault: None, Status: 200, Latency: time.Millisecond}, 200, 0},
		{"refused", Fate{Fault: StatusFault, Status: 418}, 418, 0},
		{"refused late", Fate{Fault: StatusFault, Status: 503, Latency: 3 * time.Second}, 503, 2 * time.Second},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				arrived := time.Now()
				time.Sleep(time.Second)
				begin, w := time.Now(), httptest.NewRecorder()
				test.fate.carriedOut(arrived, content).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
				if got := time.Since(begin); w.Code != test.status || got != test.waits {
					t.Errorf("got %d after %v, want %d after %v", w.Code, got, test.status, test.waits)
				}
			})
		})
	}
}
