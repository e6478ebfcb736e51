package admin_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/admin"
)

// What Prometheus would see of a server that was asked for a flag and for
// nothing that there is.
func ExampleStart() {
	server, err := servers.Start(servers.Config{})
	if err != nil {
		panic(err)
	}
	defer server.Close()
	watch, err := admin.Start(server, admin.Config{})
	if err != nil {
		panic(err)
	}
	defer watch.Close()

	for _, path := range []string{servers.FlagPath("BR"), "/tea"} {
		resp, err := server.Client().Get(server.URL() + path)
		if err != nil {
			panic(err)
		}
		resp.Body.Close()
	}
	server.Close() // now both stand in the journal

	resp, err := http.Get(watch.URL() + "/metrics")
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()
	defer http.DefaultClient.CloseIdleConnections()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		panic(err)
	}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "teapot_requests_total") {
			fmt.Print(line)
		}
	}
	// Output:
	// teapot_requests_total{fault="none",status="200",turned_away=""} 1
	// teapot_requests_total{fault="none",status="404",turned_away=""} 1
}
