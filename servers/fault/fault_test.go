package fault_test

import (
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/servers/fault"
)

func TestStrikes(t *testing.T) {
	const sec = time.Second
	br := fault.Request{Key: "BR", Attempt: 1, Position: 6, Since: 5 * sec}
	with := func(change func(*fault.Request)) fault.Request {
		r := br
		change(&r)
		return r
	}
	for _, tt := range []struct {
		name    string
		fault   fault.Fault
		request fault.Request
		draw    float64
		want    bool
	}{
		{"no condition", fault.Fault{}, br, 0, false},
		{"below the rate", fault.Fault{Rate: 0.5}, br, 0.4999, true},
		{"at the rate", fault.Fault{Rate: 0.5}, br, 0.5, false},
		{"rate 1", fault.Fault{Rate: 1}, br, 1 - 0x1p-53, true},

		{"the key", fault.Fault{Keys: []string{"CN", "BR"}}, br, 0.99, true},
		{"another key", fault.Fault{Keys: []string{"CN"}}, br, 0, false},
		{"a pattern", fault.Fault{Keys: []string{"[AB]?"}}, br, 0, true},
		{"another pattern", fault.Fault{Keys: []string{"[AC]?"}}, br, 0, false},
		{"the key and below the rate", fault.Fault{Keys: []string{"BR"}, Rate: 0.5}, br, 0.4, true},
		{"the key and above the rate", fault.Fault{Keys: []string{"BR"}, Rate: 0.5}, br, 0.6, false},

		{"an exception", fault.Fault{Rate: 1, Except: []string{"B*"}}, br, 0, false},
		{"no exception", fault.Fault{Rate: 1, Except: []string{"C*", "[AC]?"}}, br, 0.9, true},
		{"the key and an exception", fault.Fault{Keys: []string{"B*"}, Except: []string{"BR"}}, br, 0, false},
		{"an exception alone", fault.Fault{Except: []string{"C*"}}, br, 0, false},

		{"the first of two attempts", fault.Fault{Attempts: 2}, br, 0.9, true},
		{
			"the last of two attempts",
			fault.Fault{Attempts: 2},
			with(func(r *fault.Request) { r.Attempt = 2 }), 0.9,
			true,
		},
		{"the third attempt", fault.Fault{Attempts: 2}, with(func(r *fault.Request) { r.Attempt = 3 }), 0, false},

		{"one request", fault.Fault{At: fault.At{Key: "BR", Attempt: 1}}, br, 0.9, true},
		{"one request, by default the first", fault.Fault{At: fault.At{Key: "BR"}}, br, 0.9, true},
		{"another attempt", fault.Fault{At: fault.At{Key: "BR", Attempt: 2}}, br, 0, false},
		{"one request's key is no pattern", fault.Fault{At: fault.At{Key: "B*"}}, br, 0, false},
		{
			"the attempt after the first",
			fault.Fault{At: fault.At{Key: "BR"}},
			with(func(r *fault.Request) { r.Attempt = 2 }), 0,
			false,
		},

		{"a third", fault.Fault{Every: 3}, br, 0.9, true},
		{"no fourth", fault.Fault{Every: 4}, br, 0, false},
		{"every", fault.Fault{Every: 1}, br, 0.9, true},
		{"no position", fault.Fault{Every: 1}, with(func(r *fault.Request) { r.Position = 0 }), 0, false},

		{"before the window", fault.Fault{From: 5*sec + 1}, br, 0, false},
		{"as the window opens", fault.Fault{From: 5 * sec}, br, 0.9, true},
		{"within the window", fault.Fault{From: 4 * sec, Until: 6 * sec}, br, 0.9, true},
		{"as the window closes", fault.Fault{Until: 5 * sec}, br, 0, false},
		{"before it closes", fault.Fault{Until: 5*sec + 1}, br, 0.9, true},
		{
			"everything",
			fault.Fault{Rate: 0.5, Keys: []string{"B*"}, Attempts: 1, Every: 2, From: sec, Until: 9 * sec},
			br, 0.4, true,
		},
	} {
		if got := tt.fault.Strikes(tt.request, tt.draw); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestCheck(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fault fault.Fault
		want  string // what the error's lines begin with; "" for none
	}{
		{"a status", fault.Fault{Kind: fault.Status, Status: 400, Rate: 1}, ""},
		{"everything that a status has", fault.Fault{
			Kind: fault.Status, Status: 429, Reason: "Tea", Body: "tea",
			RetryAfter: time.Minute, Rate: 1,
		}, ""},
		{"every condition", fault.Fault{
			Kind: fault.Hang, Rate: 0.5, Keys: []string{"[AB]*"}, Attempts: 1, Every: 1,
			From: 1, Until: 2,
		}, ""},
		{"a chain", fault.Fault{Kind: fault.Redirect, Hops: fault.MaxHops, Rate: 1}, ""},
		{"a huge head", fault.Fault{Kind: fault.HugeHead, Size: 1 << 30, Rate: 1}, ""},
		{"a slow close", fault.Fault{Kind: fault.SlowClose, Delay: 1, Rate: 1}, ""},

		{"a condition and no rate", fault.Fault{Kind: fault.Hang, Attempts: 1}, ""},
		{
			"no condition",
			fault.Fault{Kind: fault.Status, Status: 503},
			"no condition: want a rate above 0, keys, at, attempts, every, from or until",
		},

		{"no kind", fault.Fault{}, `kind "": want status, redirect, `},
		{"none", fault.Fault{Kind: fault.None}, `kind "none"`},
		{"another kind", fault.Fault{Kind: "sulk"}, `kind "sulk"`},
		{"no status", fault.Fault{Kind: fault.Status}, "status 0: want 204, 304, or 400 to 599"},
		{"a good status", fault.Fault{Kind: fault.Status, Status: 200}, "status 200: want 204, 304, or 400 to 599"},
		{"NaN", fault.Fault{Kind: fault.Hang, Rate: math.NaN()}, "rate NaN"},
		{"a pattern", fault.Fault{Kind: fault.Hang, Keys: []string{"B", "["}}, `key "[": want a key, or a pattern`},
		{"attempts", fault.Fault{Kind: fault.Hang, Attempts: -1}, "attempts -1"},
		{"attempt", fault.Fault{Kind: fault.Hang, At: fault.At{Key: "BR", Attempt: -1}}, "attempt -1"},
		{"every", fault.Fault{Kind: fault.Hang, Every: -1}, "every -1"},
		{"from", fault.Fault{Kind: fault.Hang, From: -1}, "from -1ns until 0s"},
		{"a window of nothing", fault.Fault{Kind: fault.Hang, From: 1, Until: 1}, "from 1ns until 1ns"},
		{
			"a hang's status",
			fault.Fault{Kind: fault.Hang, Status: 418},
			"status 418: a fault of kind hang takes no status",
		},
		{
			"a reset's reason",
			fault.Fault{Kind: fault.Reset, Reason: "x"},
			"reason x: a fault of kind reset takes no reason",
		},
		{"a reset's body", fault.Fault{Kind: fault.Reset, Body: "x"}, "body x: a fault of kind reset takes no body"},
		{"a hang's hops", fault.Fault{Kind: fault.Hang, Hops: 1}, "hops 1: a fault of kind hang takes no hops"},
		{"a reason of two lines", fault.Fault{Kind: fault.Status, Status: 400, Reason: "a\r\nb"}, "reason a"},
		{
			"a retry too early",
			fault.Fault{Kind: fault.Status, Status: 503, RetryAfter: time.Millisecond},
			"retry after 1ms: want whole seconds",
		},
		{
			"a retry of a 400",
			fault.Fault{Kind: fault.Status, Status: 400, RetryAfter: time.Second},
			"retry after 1s: want whole seconds, date(10s) or an HTTP date, with status 413, 429 or 503",
		},
		{"too many hops", fault.Fault{Kind: fault.Redirect, Hops: fault.MaxHops + 1}, "hops 6: want 1 to 5"},
		{
			"a small head",
			fault.Fault{Kind: fault.HugeHead, Size: 10 << 20},
			"size 10485760: want 10485761, which is more than net/http reads, to 1073741824",
		},
		{"no head", fault.Fault{Kind: fault.HugeHead, Size: -1}, "size -1"},
		{"a quick close", fault.Fault{Kind: fault.SlowClose, Delay: -1}, "delay -1ns"},
	} {
		err := tt.fault.Check()
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%s: %v", tt.name, err)
		case tt.want != "" && (err == nil || !strings.HasPrefix(err.Error(), tt.want)):
			t.Errorf("%s: got %v, want %s", tt.name, err, tt.want)
		}
	}
}

// TestNesting wraps a fault around another: the outer one spoils what the inner
// one answers.
func TestNesting(t *testing.T) {
	tea := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("tea")) })
	inner := fault.Fault{Kind: fault.Status, Status: 503, Body: "no tea", RetryAfter: 2 * time.Second}.Wrap(tea)
	outer := fault.Fault{Kind: fault.WrongType}.Wrap(fault.Fault{Kind: fault.Redirect, Hops: 1}.Wrap(inner))
	w := httptest.NewRecorder()
	outer.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/a%20b?c=d", nil))
	if got := w.Header().Get("Location"); w.Code != 302 || got != "/a%20b?c=d&teapot-hop=1" {
		t.Fatalf("got %d to %s", w.Code, got)
	}
	next := httptest.NewRequest(http.MethodGet, w.Header().Get("Location"), nil)
	w = httptest.NewRecorder()
	outer.ServeHTTP(w, next)
	if w.Code != 503 || w.Body.String() != "no tea\n" || w.Header().Get("Retry-After") != "2" ||
		w.Header().Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("got %d %q, %v", w.Code, w.Body, w.Header())
	}
	unwrapped := httptest.NewRecorder()
	fault.Fault{Kind: fault.None}.Wrap(tea).ServeHTTP(unwrapped, next)
	if unwrapped.Body.String() != "tea" {
		t.Errorf("no fault: got %q", unwrapped.Body)
	}
}

// TestAborts has a server that cannot give its connection away, as one of
// HTTP/2 cannot: every fault of the wire aborts the answer.
func TestAborts(t *testing.T) {
	tea := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("tea")) })
	for _, k := range fault.Kinds() {
		if k.HTTP2() || k == fault.SlowClose || k.BeforeRequest() {
			continue
		}
		func() {
			defer func() {
				if p := recover(); p != http.ErrAbortHandler {
					t.Errorf("%s: got the panic %v", k, p)
				}
			}()
			fault.Fault{Kind: k}.Wrap(tea).ServeHTTP(httptest.NewRecorder(),
				httptest.NewRequest(http.MethodGet, "/", nil))
			t.Errorf("%s has answered", k)
		}()
	}
}
