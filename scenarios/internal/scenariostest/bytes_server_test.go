package scenarios_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
)

// benchServer is what the program is to be for a benchmark: a server that
// answers every request with so many bytes, says its address, and goes on until
// its input ends.
const benchServer = "TEAPOT_TEST_BYTES"

func serveBytes(size string) error {
	var n int
	if _, err := fmt.Sscan(size, &n); err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	body := []byte(strings.Repeat("x", n))
	go http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write(body) }))
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}
