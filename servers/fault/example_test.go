package fault_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/teapot-go/teapot/servers/fault"
)

// A fault wraps any handler, of any server.
func ExampleFault_Wrap() {
	tea := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "short and stout") })
	server := httptest.NewServer(fault.Fault{Kind: fault.Truncate}.Wrap(tea))
	defer server.Close()

	resp, err := http.Get(server.URL)
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	fmt.Printf("%s of %d bytes, %q, %v\n", resp.Status, resp.ContentLength, body, err)
	// Output:
	// 200 OK of 15 bytes, "short a", unexpected EOF
}

// A rule says whom a fault strikes.
func ExampleFault_Strikes() {
	first := fault.Fault{Kind: fault.Reset, Keys: []string{"B*"}, Attempts: 2}
	for attempt := 1; attempt <= 3; attempt++ {
		fmt.Println(attempt, first.Strikes(fault.Request{Key: "BR", Attempt: attempt}, 0))
	}
	// Output:
	// 1 true
	// 2 true
	// 3 false
}
