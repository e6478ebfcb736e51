package scenarios_test

import (
	"net/http"
	"testing"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
)

// TestCulpritOfAnswers blames a content of the user's program for its errors,
// and the file for those that it plans.
func TestCulpritOfAnswers(t *testing.T) {
	v := scenarios.Vocabulary{Contents: map[string]func(*scenarios.Scenario) (http.Handler, error){
		"sick": func(*scenarios.Scenario) (http.Handler, error) {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/1" {
					w.WriteHeader(http.StatusInternalServerError)
				}
			}), nil
		},
	}}
	for _, test := range []struct {
		server, keys, expect string
		want                 record.Culprit
	}{
		{"content: sick", "keys: [/1, /2]", `errors: "<= 0"`, record.ByServer},
		{"content: sick", "keys: [/1, /2]", "outcomes: {ok: 2}", record.ByServer},
		{"content: sick, faults: [{kind: status, status: 503, keys: [/2]}]", "keys: [/1, /2]", `errors: "<= 0"`, ""},
		{"content: sick, latency: 1s", "keys: [/2]", `p99: "<= 500ms"`, record.ByFile},
		{
			"content: {routes: [{path: /1, status: 500}, {path: /2}]}", "keys: [/1, /2]", `errors: "<= 0"`,
			record.ByFile,
		},
	} {
		s, mistakes := v.Parse("x.yaml", []byte("name: x\nclock: virtual\nserver: {"+test.server+"}\nworkload: "+
			"{task: download, "+test.keys+"}\nexecutors: [{kind: sequential}]\nexpect: {"+test.expect+"}\n"))
		if mistakes != nil {
			t.Errorf("%+v: %v", test, mistakes)
			continue
		}
		rec, err := (&scenarios.Runner{Vocabulary: v}).Run(t.Context(), s.Cases()[0])
		if err != nil {
			t.Fatal(err)
		}
		if len(rec.Violations) != 1 || rec.Violations[0].Culprit != test.want {
			t.Errorf("%+v: %+v, want one of the %s", test, rec.Violations, test.want)
		}
	}
}
