package cluster_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/cluster"
)

// What an account may not do is refused without an answer. The error names it,
// and so does the worker.
func TestDenied(t *testing.T) {
	for name, tt := range map[string]struct {
		publish, subscribe string
		worker             bool
		said               string
	}{
		"streams":          {publish: "$JS.API.>", said: `Publish to "$JS.API.STREAM.`},
		"answers":          {subscribe: "_INBOX.>", said: `Subscription to "_INBOX.`},
		"greetings":        {subscribe: "tp.>", said: `Subscription to "tp.`},
		"beats":            {publish: "tp.>", said: `Publish to "tp.`},
		"worker's beats":   {worker: true, subscribe: "tp.>", said: `Subscription to "tp.`},
		"worker's joining": {worker: true, publish: "tp.>", said: `Publish to "tp.`},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				s := natsServer(t, &server.User{Username: "all", Password: "x"}, &server.User{
					Username: "some", Password: "x", Permissions: &server.Permissions{
						Publish: denies(tt.publish), Subscribe: denies(tt.subscribe),
					},
				})
				as := map[bool]string{true: "some", false: "all"}
				notes := make(chan string, 1000)
				life, leave := context.WithCancel(t.Context())
				var all sync.WaitGroup
				all.Go(func() {
					err := cluster.Work(life, cluster.WorkerConfig{
						Definitions: []executor.Definition{double}, Note: func(line string) { notes <- line },
						Options: []nats.Option{nats.InProcessServer(s), nats.UserInfo(as[tt.worker], "x")},
					})
					if err != nil {
						t.Error(err)
					}
				})
				_, err := cluster.New(cluster.Config{
					Slots: 1, Patience: 20 * time.Second,
					Options: []nats.Option{nats.InProcessServer(s), nats.UserInfo(as[!tt.worker], "x")},
				})
				leave()
				all.Wait()
				close(notes)
				told := []string{fmt.Sprint(err)}
				for line := range notes {
					if tt.worker {
						told = append(told, line)
					}
				}
				want := "the server refuses: Permissions Violation for " + tt.said
				if !slices.ContainsFunc(told, func(line string) bool { return strings.Contains(line, want) }) {
					t.Errorf("got %q, want %q", told, want)
				}
			})
		})
	}
}

// A worker says where it waits, and not how it was let in.
func TestWaits(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := natsServer(t)
		life, leave := context.WithCancel(t.Context())
		defer leave()
		err := cluster.Work(life, cluster.WorkerConfig{
			URL: "nats://secret@127.0.0.1:4222", Options: []nats.Option{nats.InProcessServer(s)},
			Note: func(line string) {
				if line != "waits for runs on nats://xxxxx@127.0.0.1:4222" {
					t.Errorf("told %q", line)
				}
				leave()
			},
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// denies returns the permissions that lack a subject.
func denies(subject string) *server.SubjectPermission {
	if subject == "" {
		return nil
	}
	return &server.SubjectPermission{Deny: []string{subject}}
}

func TestRedacted(t *testing.T) {
	for urls, want := range map[string]string{
		"nats://host:4222":                      "nats://host:4222",
		"tls://me:secret@host":                  "tls://me:xxxxx@host",
		"nats://secret@host:4222":               "nats://xxxxx@host:4222",
		"secret@host:4222":                      "nats://xxxxx@host:4222",
		"nats://a:secret@one,nats://secret@two": "nats://a:xxxxx@one,nats://xxxxx@two",
		"nats://secret@%zz":                     "URL",
	} {
		if got := cluster.Redacted(urls); got != want {
			t.Errorf("%s: got %s, want %s", urls, got, want)
		}
	}
}
