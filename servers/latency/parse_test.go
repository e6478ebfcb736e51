package latency_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/servers/latency"
)

func TestParse(t *testing.T) {
	tests := []struct{ text, want, wrong string }{
		{text: "0s", want: "0s"},
		{text: "0", want: "0s"},
		{text: "2s", want: "2s"},
		{text: " 50ms ", want: "50ms"},
		{text: "1.5s", want: "1.5s"},
		{text: "3us", want: "3µs"},
		{text: "24h", want: "24h0m0s"},
		{text: "uniform(500ms, 5s)", want: "uniform(500ms, 5s)"},
		{text: "uniform(500ms,5s)", want: "uniform(500ms, 5s)"},
		{text: "  uniform (\t500ms , 5s ) ", want: "uniform(500ms, 5s)"},
		{text: "uniform(0s, 0s)", want: "uniform(0s, 0s)"},
		{text: "uniform(1s, 24h)", want: "uniform(1s, 24h0m0s)"},

		{text: "normal(2s, 300ms)", want: "normal(2s, 300ms)"},
		{text: "normal(0s,0s)", want: "normal(0s, 0s)"},
		{text: "lognormal(80ms, 2s)", want: "lognormal(80ms, 2s)"},
		{text: "exponential( 300ms )", want: "exponential(300ms)"},
		{text: "pareto(50ms, 2s)", want: "pareto(50ms, 2s)"},
		{text: "list(2s)", want: "list(2s)"},
		{text: "list(10ms,20ms, 2s)", want: "list(10ms, 20ms, 2s)"},

		{text: "", wrong: `""`},
		{text: "2", wrong: `"2"`},
		{text: "soon", wrong: `"soon"`},
		{text: "2s 3s", wrong: `"2s 3s"`},
		{text: "2s)", wrong: `"2s)"`},
		{text: "-1s", wrong: "-1s is negative"},
		{text: "25h", wrong: "25h0m0s is more than 24h0m0s"},
		{text: "uniform", wrong: `"uniform"`},
		{text: "uniform(", wrong: "closing parenthesis"},
		{text: "uniform(1s, 2s", wrong: "closing parenthesis"},
		{text: "uniform(1s, 2s) or so", wrong: "closing parenthesis"},
		{text: "uniform(1s, 2s))", wrong: "closing parenthesis"},
		{text: "uniform()", wrong: "two durations"},
		{text: "uniform(1s)", wrong: "two durations"},
		{text: "uniform(1s, 2s, 3s)", wrong: "two durations"},
		{text: "uniform(, 2s)", wrong: `""`},
		{text: "uniform(1s, )", wrong: `""`},
		{text: "uniform(low, 2s)", wrong: `"low"`},
		{text: "uniform(1s, high)", wrong: `"high"`},
		{text: "uniform(-1s, 2s)", wrong: "-1s is negative"},
		{text: "uniform(1s, 25h)", wrong: "25h0m0s is more than"},
		{text: "uniform(2s, 1s)", wrong: "uniform(2s, 1s): the first is above the second"},
		{text: "Uniform(1s, 2s)", wrong: `"Uniform"`},
		{text: "gauss(1s, 2s)", wrong: `"gauss"`},
		{text: "(1s, 2s)", wrong: `""`},
		{text: "normal(1s)", wrong: "normal takes a mean and a standard deviation"},
		{text: "lognormal(2s, 1s)", wrong: "lognormal(2s, 1s): the first is above the second"},
		{text: "lognormal(0s, 1s)", wrong: "lognormal(0s, 1s): the first is 0"},
		{text: "lognormal(1s)", wrong: "lognormal takes a median and a 99th percentile"},
		{text: "exponential(1s, 2s)", wrong: "exponential takes a mean"},
		{text: "exponential()", wrong: "exponential takes a mean"},
		{text: "pareto(2s, 1s)", wrong: "the first is above the second"},
		{text: "pareto(0s, 1s)", wrong: "the first is 0"},
		{text: "list()", wrong: "list takes one or more durations"},
		{text: "list(1s,)", wrong: `""`},
		{text: "list(1s" + strings.Repeat(", 1s", 9999) + ")", want: "list(1s" + strings.Repeat(", 1s", 9999) + ")"},
		{
			text:  "list(1s" + strings.Repeat(", 1s", 10_000) + ")",
			wrong: "list(" + strings.Repeat("1s, ", 13) + "1s,…: 10001 durations are more than 10000",
		},
		{text: "list(1s" + strings.Repeat(", 1s", 10_000), wrong: "…\" does not end with its closing parenthesis"},
		{text: "list(1s, " + strings.Repeat("x", 10_000) + ")", wrong: "xx…\" is not a duration"},
		{text: strings.Repeat("x", 10_000) + "(1s)", wrong: "xx…\""},
	}
	for _, test := range tests {
		l, err := latency.Parse(test.text)
		switch {
		case test.wrong == "" && err != nil:
			t.Errorf("%q: %v", test.text, err)
		case test.wrong == "" && l.String() != test.want:
			t.Errorf("%q: got %s, want %s", test.text, l, test.want)
		case test.wrong != "" && (err == nil || !strings.Contains(err.Error(), test.wrong) ||
			!strings.HasSuffix(err.Error(), ": want "+latency.Forms)):
			t.Errorf("%q: got the error %v, want one that names %s, and the forms", test.text, err, test.wrong)
		case test.wrong != "" && l != nil:
			t.Errorf("%q: got both an error and %s", test.text, l)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"", "0s", "2s", "1.5h", "-1s", "24h1ns", "uniform(500ms, 5s)", "uniform(0s,0s)", "uniform (1ns ,24h)",
		"uniform(", "uniform(1s,2s)x",
		"uniform(1s,2s,3s)", "uniform((1s,2s))", "9223372036854775807ns", "uniform(.5ms, 1µs)",
		"normal(2s, 300ms)", "lognormal(80ms, 2s)", "exponential(300ms)", "pareto(50ms, 2s)", "list(10ms, 20ms, 2s)",
		"pareto(1ns, 24h)",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		l, err := latency.Parse(text)
		if err != nil {
			return
		}
		again, err := latency.Parse(l.String())
		if err != nil || again.String() != l.String() {
			t.Fatalf("%q is %#v, which writes itself %q, which is %#v, %v", text, l, l, again, err)
		}
		for seed := range uint64(3) {
			d := l.Draw(rand.NewPCG(seed, 0))
			if d < 0 || d > 24*time.Hour {
				t.Errorf("%q draws %v", text, d)
			}
			if e := again.Draw(rand.NewPCG(seed, 0)); d != e {
				t.Errorf("%q draws %v, and %v when it is read again", text, d, e)
			}
		}
	})
}
