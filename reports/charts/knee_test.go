package charts

import (
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/harness/search"
)

// TestKnee draws rates from left to right, and slower ones higher.
func TestKnee(t *testing.T) {
	if NewKnee(&record.Recording{}) != nil {
		t.Error("a run without a search has a knee")
	}
	r := &record.Recording{Search: &search.Result{Found: 20, Missed: 40, Tried: []search.Tried{
		{Rate: 10, Meets: true, P99: 100 * time.Millisecond},
		{Rate: 20, Meets: true, P99: 200 * time.Millisecond},
		{Rate: 40, P99: 400 * time.Millisecond, Errors: 0.5, Why: "p99"},
	}}}
	k := NewKnee(r)
	for what, tt := range map[string]struct{ got, want string }{
		"the line":     {k.P99, "M200 7692L5000 5385L9800 769"},
		"those met":    {k.Met, "M200 7692h0M5000 5385h0"},
		"those missed": {k.Missed, "M9800 769h0"},
		"errors":       {k.Errors, "M9720 100v-100h160v100z"},
		"the found":    {k.Found.Label, "20/s"},
		"most errors":  {k.MostErrors, "50%"},
		"the label":    {k.Label, "3 rates"},
	} {
		if !strings.Contains(tt.got, tt.want) {
			t.Errorf("%s: %q, want %q", what, tt.got, tt.want)
		}
	}
	r.Search.Tried = r.Search.Tried[:1]
	if one := NewKnee(r); one.Met == "" || len(one.Across) != 1 {
		t.Errorf("one rate: %+v", one)
	}
}
