package servers_test

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/content"
	"github.com/teapot-go/teapot/servers/limits"
)

// A test of a client that is to cope with a slow server that refuses a quarter
// of all requests.
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
	defer server.Close() // if the test returns early

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
		fmt.Println(e.Key, "planned", e.Planned.Fault, e.Planned.Latency, "sent", e.Status,
			e.Waited >= e.Planned.Latency)
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
	// uniform(5s, 500ms): the first is above the second: want a duration such as 0s, 50ms or 2s, or uniform(500ms, 5s), normal(2s, 300ms), lognormal(80ms, 2s), exponential(300ms), pareto(50ms, 2s) or list(10ms, 20ms, 2s)
}

// A handler of one's own, behind a plan: what a test would start with httptest,
// and with it everything that can go wrong.
func ExampleStart() {
	hello := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "hello, %s",
			r.URL.Query().Get("name"))
	})
	server, err := servers.Start(servers.Config{Content: hello, TLS: true, HTTP2: true})
	if err != nil {
		panic(err)
	}
	defer server.Close()

	resp, err := server.Client().Get(server.URL() + "/?name=gopher")
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	fmt.Println(resp.Proto, resp.Status, string(body), err)
	// Output:
	// HTTP/2.0 200 OK hello, gopher <nil>
}

// Bodies of any size, that are not held in memory and that a client can verify.
func ExampleConfig_content() {
	size, err := content.ParseSize("doubling(1MB, 16MB)")
	if err != nil {
		panic(err)
	}
	server, err := servers.Start(servers.Config{Content: content.NewBodies(418, size)})
	if err != nil {
		panic(err)
	}
	defer server.Close()

	resp, err := server.Client().Get(server.URL() + "/archive")
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()
	hash := sha256.New()
	n, err := io.Copy(hash, resp.Body)
	digest := "sha-256=:" + base64.StdEncoding.EncodeToString(hash.Sum(nil)) + ":"
	fmt.Println(n, err, resp.Header.Get("Repr-Digest") == digest)
	// Output:
	// 3022638 <nil> true
}

// A server with room for one, which tells everybody else to come back in a
// minute.
func ExampleConfig_capacity() {
	served := make(chan struct{})
	server, err := servers.Start(servers.Config{
		Content: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			close(served)
			<-r.Context().Done()
		}),
		Capacity: limits.Capacity{Concurrent: 1, Policy: limits.TooMany, RetryAfter: time.Minute},
	})
	if err != nil {
		panic(err)
	}
	var wg sync.WaitGroup
	defer wg.Wait()
	defer server.Close()

	wg.Go(func() {
		_, err := server.Client().Get(server.URL())
		fmt.Println("the first has an answer:", err == nil) // Close ends it without one
	})
	<-served
	resp, err := server.Client().Get(server.URL())
	if err != nil {
		panic(err)
	}
	resp.Body.Close()
	fmt.Println(resp.Status, resp.Header.Get("Retry-After"))
	// Output:
	// 429 Too Many Requests 60
	// the first has an answer: false
}
