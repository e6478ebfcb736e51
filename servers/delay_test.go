package servers

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

// TestCarriedOut has requests that arrived a second ago: what was done since is
// part of the planned latency.
func TestCarriedOut(t *testing.T) {
	content := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "tea") })
	refused := Plan{Faults: []Fault{{Kind: StatusFault, Status: 418}}}
	tests := []struct {
		name   string
		plan   Plan
		fate   Fate
		status int
		waits  time.Duration
	}{
		{"faithful", Plan{}, Fate{Fault: None, Status: 200}, 200, 0},
		{"late", Plan{}, Fate{Fault: None, Status: 200, Latency: 3 * time.Second}, 200, 2 * time.Second},
		{"due", Plan{}, Fate{Fault: None, Status: 200, Latency: time.Second}, 200, 0},
		{"overdue", Plan{}, Fate{Fault: None, Status: 200, Latency: time.Millisecond}, 200, 0},
		{"refused", refused, Fate{Fault: StatusFault, Rule: 1, Status: 418}, 418, 0},
		{
			"refused late", refused,
			Fate{Fault: StatusFault, Rule: 1, Status: 418, Latency: 3 * time.Second},
			418,
			2 * time.Second,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				arrived := time.Now()
				time.Sleep(time.Second)
				begin, w := time.Now(), httptest.NewRecorder()
				var met []Kind
				act := test.plan.act(test.fate, content)
				noted := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					met = append(met,
						test.fate.Fault)
					act.ServeHTTP(w, r)
				})
				(&Server{core: &core{plan: test.plan}}).delay(test.fate, arrived, noted, w,
					httptest.NewRequest(http.MethodGet, "/", nil))
				if got := time.Since(begin); w.Code != test.status || got != test.waits {
					t.Errorf("got %d after %v, want %d after %v", w.Code, got, test.status, test.waits)
				}
				if len(met) != 1 || met[0] != test.fate.Fault {
					t.Errorf("it says that it has met %v, want %v", met, test.fate.Fault)
				}
			})
		})
	}
}
