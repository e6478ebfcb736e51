package found

import (
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/harness/search"
)

func searched(found, missed float64, tried search.Tried) *record.Recording {
	return &record.Recording{Search: &search.Result{
		Low: tried.Rate, Found: found, Missed: missed, Tried: []search.Tried{tried},
	}}
}

func TestSentence(t *testing.T) {
	met := search.Tried{Rate: 10, Runs: 2, Met: 2, Meets: true, P99: time.Millisecond, Throughput: 9.876543}
	missed := search.Tried{Rate: 11, Runs: 3, Met: 1, Errors: 0.125, Why: "p99: got 2s\x1b"}
	unknown := search.Tried{Rate: 5, Runs: 2, Unknown: true, Why: "late"}
	for _, tt := range []struct {
		r    *record.Recording
		want string
	}{
		{&record.Recording{}, ""},
		{
			&record.Recording{Search: &search.Result{Found: 10, Missed: 11, Tried: []search.Tried{met, missed}}},
			`10/s is the highest rate that meets the expectations; 11/s does not: p99: got 2s\x1b`,
		},
		{searched(10, 0, met), "the highest rate of the range"},
		{searched(0, 11, missed), "even 11/s does not"},
		{searched(0, 5, unknown), "5/s cannot be judged: late"},
		{&record.Recording{Search: &search.Result{Low: 5}}, "the search was interrupted"},
		{
			&record.Recording{Interrupted: true, Search: &search.Result{Found: 10, Tried: []search.Tried{met}}},
			"10/s meets the expectations; the search was interrupted",
		},
	} {
		if got := Sentence(tt.r); !strings.Contains(got, tt.want) || tt.want == "" && got != "" {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
	_, rows := Table(&record.Recording{Search: &search.Result{
		Found: 10, Missed: 11, Tried: []search.Tried{unknown, met, missed},
	}})
	var all []string
	for _, row := range rows {
		all = append(all, strings.Join(row, " "))
	}
	const want = "5/s – – 0% not judged, 0 of 2|10/s 9.877/s 1ms 0% met, the highest, 2 of 2|" +
		"11/s – – 12.5% missed, 1 of 3"
	if got := strings.Join(all, "|"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
