package servers_test

import (
	"fmt"
	"net/http"

	"github.com/teapot-go/teapot/servers"
)

// A test of a client that is to cope with a slow server that refuses a quarter of all requests.
func Example() {
	latency, err := servers.ParseLatency("uniform(1ms, 5ms)")
	if err != nil {
		panic(err)
	}
	server, err := servers.Start(servers.Config{Plan: servers.Plan{
		Seed:    418,
		Latency: latency,
		Faults:  []servers.Fault{{Kind: servers.StatusFault, Rate: 0.25, Status: http.StatusTeapot}},
	}})
	if err != nil {
		panic(err)
	}
	defer server.Close() // for whoever leaves early

	for _, code := range []string{"BR", "CN", "ZZ"} {
		resp, err := server.Client().Get(server.URL() + servers.FlagPath(code)) // here goes the client under test
		if err != nil {
			panic(err)
		}
		resp.Body.Close()
		fmt.Println(code, resp.Status)
	}

	if err := server.Close(); err != nil {
		panic(err)
	}
	for _, e := range server.Journal() {
		fmt.Println(e.Key, "planned", e.Planned.Fault, e.Planned.Latency, "sent", e.Status, e.Waited >= e.Planned.Latency)
	}
	// Output:
	// BR 418 I'm a teapot
	// CN 200 OK
	// ZZ 404 Not Found
	// BR planned status 4.036845ms sent 418 true
	// CN planned none 3.376518ms sent 200 true
	// ZZ planned none 3.586333ms sent 404 true
}

// A plan can be asked what it will do, without a server.
func ExamplePlan_Fate() {
	plan := servers.Plan{Seed: 418, Faults: []servers.Fault{{Kind: servers.StatusFault, Rate: 0.25, Status: 503}}}
	for attempt := 1; attempt <= 3; attempt++ {
		fate := plan.Fate("BR", attempt)
		fmt.Println(attempt, fate.Fault, fate.Status)
	}
	// Output:
	// 1 status 503
	// 2 status 503
	// 3 none 200
}

func ExampleParseLatency() {
	_, err := servers.ParseLatency("uniform(5s, 500ms)")
	fmt.Println(err)
	// Output:
	// uniform(5s, 500ms): the first is above the second
}
