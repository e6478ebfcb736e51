package told

import (
	"net/http"
	"time"

	"github.com/teapot-go/teapot/harness/oracle"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/content"
)

// An About says what is known of a server and its clients.
type About struct {
	Name, Text   string // of the scenario or the server
	File, Source string // of the scenario; "" without one
	Line         int    // where the file has the workload, or else the server
	Seed         uint64
	Workload     []string // the keys that the client is to ask for; nil if that is not known

	Oracle  oracle.Oracle
	Foreign bool                       // the content is not the flags: any text may be a key
	Key     func(*http.Request) string // the key of a request

	AnyClass, AnyRetries bool   // these are not judged
	Remedy               string // what lets the client's timeout be known
}

// Plain is what is known of a server without a scenario, whose clients may make
// any number of attempts and wait no longer than timeout; 0 if that is not
// known.
func Plain(name, text string, c servers.Config, timeout time.Duration) About {
	return About{
		Name: name, Text: text, Seed: c.Plan.Seed, Oracle: oracle.Of(c.Plan, timeout), Foreign: c.Plan.Foreign,
		Key: keyOf(c), Remedy: "add --timeout, with the client's timeout for each attempt",
	}
}

// Scenario is what is known of the server of a scenario, which is started.
// timeout is that of the client, if the scenario has no workload.
func Scenario(s *scenarios.Scenario, c servers.Config, server *servers.Server, timeout time.Duration) (About, error) {
	if len(s.Keys()) == 0 {
		a := Plain(s.Name, s.About, c, timeout)
		a.File, a.Source, a.Line = s.File(), s.Text(), s.Line("server")
		a.AnyClass, a.AnyRetries = s.Expect.Classification == "any", s.Expect.Retries == "any"
		return a, nil
	}
	w, err := scenarios.RequestWorkload(nil)(s, server)
	if err != nil {
		return About{}, err
	}
	a := About{
		Name: s.Name, Text: s.About, File: s.File(), Source: s.Text(), Line: s.Line("workload"), Seed: c.Plan.Seed,
		Oracle: w.Oracle, Foreign: c.Plan.Foreign, Key: keyOf(c),
		AnyClass: s.Expect.Classification == "any", AnyRetries: s.Expect.Retries == "any",
		Remedy: "add workload.timeout, with the client's timeout for each attempt",
	}
	for _, key := range s.Keys() {
		if r, err := http.NewRequest(http.MethodGet, key, nil); err == nil && a.Foreign {
			key = a.Key(r)
		}
		a.Workload = append(a.Workload, key)
	}
	return a, nil
}

// keyOf returns what tells a server the key of a request.
func keyOf(c servers.Config) func(*http.Request) string {
	if c.Key != nil {
		return c.Key
	}
	return func(r *http.Request) string { return content.Key(r.URL.Path) }
}
