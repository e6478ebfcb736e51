package scenarios_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/classify"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
)

// TestDigests: a client that mixes up two answers of one length is found by
// their digests, whatever the content is, and one that does not is not accused.
func TestDigests(t *testing.T) {
	answer := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, "tea at %s", r.URL.Path) })
	upstream := httptest.NewServer(answer)
	defer upstream.Close()
	folder := t.TempDir()
	for _, name := range []string{"a", "b"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte("tea at /"+name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pieces := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, piece := range []string{"tea ", "at ", r.URL.Path} {
			_, _ = io.Copy(w, strings.NewReader(piece))
			_ = http.NewResponseController(w).Flush()
		}
	})
	packed := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		var text bytes.Buffer
		to := gzip.NewWriter(&text)
		fmt.Fprintf(to, "tea at %s", r.URL.Path)
		_ = to.Close()
		_, _ = w.Write(text.Bytes())
	})
	fromFile := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.ServeFile(w, r, folder+r.URL.Path)
	})
	for _, tt := range []struct {
		name, content, clock string
		handler              http.Handler
		unknown              bool // of compressed bytes the digest is not known
	}{
		{"a handler", "it", "virtual", answer, false},
		{"a handler that flushes", "it", "virtual", pieces, false},
		{"a handler that serves files", "it", "virtual", fromFile, false},
		{"a handler that compresses", "it", "virtual", packed, true},
		{"routes", `{routes: [{path: "/{id}", body: "tea at /{id}"}]}`, "virtual", nil, false},
		{"a directory", "{directory: " + folder + "}", "virtual", nil, false},
		{"another server", "{upstream: " + upstream.URL + "}", "real", nil, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, mixes := range []bool{false, true} {
				v := asTask(mixing(mixes))
				v.Contents = map[string]func(*scenarios.Scenario) (http.Handler, error){
					"it": func(*scenarios.Scenario) (http.Handler, error) { return tt.handler, nil },
				}
				rec := ran(t, v, fmt.Sprintf("name: digests\nclock: %s\nserver: {content: %s, key: path, "+
					"faults: [{kind: status, status: 503, keys: [/a], attempts: 1}]}\n"+
					"workload: {task: it, keys: [/a, /b], attempts: 2}\nexecutors: [{kind: sequential}]\n",
					tt.clock, tt.content))
				if found := len(rec.Violations) > 0; found != (mixes && !tt.unknown) {
					t.Errorf("mixes %v: %v", mixes, rec.Findings())
				}
			}
		})
	}
}

// mixing is a client that counts the bytes of a body and has their digest, or
// that of another key's.
func mixing(mixes bool) scenarios.RequestFunc {
	return func(ctx context.Context, s *servers.Server, key string, _ int) (seen record.Seen) {
		for _, ctx := range scenarios.Attempts(ctx) {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL()+key, nil)
			if err != nil {
				return record.Seen{Class: record.Failed}
			}
			resp, err := s.Client().Do(req)
			if err != nil {
				return record.Seen{Class: classify.Class(resp, err)}
			}
			body, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			seen = record.Seen{Class: classify.Class(resp, err), Status: resp.StatusCode}
			if seen.Class != record.OK {
				<-time.After(time.Millisecond)
				continue
			}
			if mixes {
				body[len(body)-1] ^= 'a' ^ 'b'
			}
			sum := sha256.Sum256(body)
			seen.Bytes, seen.Digest = int64(len(body)), "sha256:"+hex.EncodeToString(sum[:])
			break
		}
		return seen
	}
}
