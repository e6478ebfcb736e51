package teapottest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/classify"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/teapottest"
)

// TestTakenForSuccess: a client that takes a failure for a success is told what
// it met, also where it should have tried again, and one that gives up is told
// that.
func TestTakenForSuccess(t *testing.T) {
	for fault, class := range map[string]string{
		"truncate": "truncated", "truncate_chunked": "truncated", "reset_body": "reset",
		"status, status: 503": "status", "reset": "reset", "empty": "reset", "garbage": "malformed",
	} {
		for _, retry := range []string{
			"", ", attempts: 3", ", retry: {attempts: 3}", ", retry: {attempts: 3, on: [refused]}",
		} {
			kind, _, _ := strings.Cut(fault, ",")
			wanted := regexp.MustCompile(`want \d+ × ` + class + ` (\(after ` + kind + `\)|\d+)`)
			world := fmt.Sprintf(`
server: {faults: [{kind: %s, rate: 0.5}]}
workload: {task: check, flags: top20, timeout: 2s%s}`, fault, retry)
			said := checked(t, world, func(ctx context.Context, client *http.Client, url string) error {
				_ = get(ctx, client, url) // the mistake
				return nil
			})
			if !strings.Contains(said, " × ok: ") || !wanted.MatchString(said) || strings.Contains(said, "gave up") {
				t.Errorf("%s%s: %s", fault, retry, said)
			}
			if !strings.Contains(retry, "3") || strings.Contains(retry, "refused") {
				continue
			}
			said = checked(t, world, get)
			if !strings.Contains(said, "(client gave up): ") {
				t.Errorf("%s%s, gives up: %s", fault, retry, said)
			}
		}
	}
}

// TestUntold: a whole program that reports an error in words of its own is not
// said to have reported a class that it has not. Whether it is the right one is
// then not known, and that it is one where none was due is.
func TestUntold(t *testing.T) {
	for fault, verdict := range map[string]string{
		"refuse": "inconclusive: 20 of 20 tasks", "truncate": "inconclusive: 20 of 20 tasks",
		"hang": "inconclusive: 20 of 20 tasks", "garbage": "inconclusive: 20 of 20 tasks",
		"trailers": "want 20 × ok (after trailers)",
	} {
		world := "server: {faults: [{kind: " + fault + ", rate: 1}]}\n" +
			"workload: {batch: check, flags: top20, timeout: 2s}"
		own := func(ctx context.Context, server *servers.Server, keys []string, emit func(string, record.Seen)) error {
			for _, key := range keys {
				ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
				_ = get(ctx, server.Client(), server.URL()+servers.FlagPath(key))
				cancel()
				emit(key, record.Seen{Class: classify.Class(nil, errors.New("no flag today"))})
			}
			return nil
		}
		for _, rule := range []string{"", "\nexpect: {classification: plain}"} {
			tried := &trial{TB: t}
			teapottest.CheckBatch(tried, world+rule, own)
			said := strings.Join(tried.errors, "\n")
			plain := rule != "" && fault != "trailers"
			if plain != (said == "") || !plain && !strings.Contains(said, verdict) {
				t.Errorf("%s%s: %s", fault, rule, said)
			}
		}
	}
}
