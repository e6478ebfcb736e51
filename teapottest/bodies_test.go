package teapottest_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestBodyConsumed: a client that sends a body once, and nothing when it tries
// again, is found whatever the first attempt met, and one that sends it again
// passes.
func TestBodyConsumed(t *testing.T) {
	for _, fault := range []string{
		"kind: status, status: 503", "kind: status, status: 503, after: true", "kind: truncate", "kind: reset",
		"kind: reset, after: true", "kind: reset_head", "kind: reset_body", "kind: empty", "kind: garbage",
		"kind: bad_length", "kind: hang",
	} {
		for _, length := range []bool{true, false} {
			world := `
server:
  latency: uniform(10ms, 100ms)
  content: {routes: [{path: "/orders/{id}", method: POST, status: 201, json: {order: "{id}"}}]}
  faults: [{` + fault + `, rate: 0.5}]
workload: {task: check, keys: {count: 10, prefix: /orders/}, timeout: 1s, retry: {attempts: 3, wait: 150ms}}`
			for _, right := range []bool{true, false} {
				said := checked(t, world, func(ctx context.Context, client *http.Client, url string) (err error) {
					body := bytes.NewBufferString(`{"tea": "green"}`)
					for n := range 3 {
						if n > 0 {
							<-time.After(150 * time.Millisecond)
						}
						if right {
							body = bytes.NewBufferString(`{"tea": "green"}`)
						}
						var sent io.Reader = body
						if !length {
							sent = io.MultiReader(body)
						}
						if err = ordered(ctx, client, url, sent); err == nil {
							break
						}
					}
					return err
				})
				found := strings.Contains(said, "sent another body, of 0 bytes")
				if accused := strings.Contains(said, "got "); right && accused || !right && !found {
					t.Errorf("%s, length known: %t, right: %t: %s", fault, length, right, said)
				}
			}
		}
	}
}

// ordered sends an order once.
func ordered(ctx context.Context, client *http.Client, url string, body io.Reader) error {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, body)
	if err != nil {
		return err
	}
	req.Header.Set("Idempotency-Key", url)
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	if err == nil && resp.StatusCode != http.StatusCreated {
		err = errors.New(resp.Status)
	}
	return err
}
