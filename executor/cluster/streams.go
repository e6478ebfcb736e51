package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/teapot-go/teapot/executor/cluster/internal/wire"
)

// The three streams of a run: tasks, results and claims.
const (
	taskStream   = "T"
	resultStream = "R"
	claimStream  = "S"
)

// consumerName is that of the one consumer from which all workers pull.
const consumerName = "w"

// overhead is what a message needs beside the inputs of its task.
const overhead = 4 << 10

// forgotten is how long messages, and a consumer that no worker uses, outlive a
// coordinator that could not delete them.
const forgotten = time.Hour

// patient bounds the calls of the server.
func (e *Executor) patient() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), e.config.Patience)
}

// makeStreams makes the streams of the run, and the consumer.
func (e *Executor) makeStreams() (err error) {
	ctx, cancel := e.patient()
	defer cancel()
	e.largest = int(e.nc.MaxPayload()) - overhead
	storage := jetstream.MemoryStorage
	if e.config.Durable {
		storage = jetstream.FileStorage
	}
	stream := func(which, subject string, keep jetstream.RetentionPolicy) (jetstream.Stream, error) {
		return e.js.CreateStream(ctx, jetstream.StreamConfig{
			Name: e.run.Stream(which), Subjects: []string{e.run.Subject(subject)}, Storage: storage, Retention: keep,
			// one message a subject: the second result of a task is refused,
			// however late it comes
			Discard: jetstream.DiscardNew, DiscardNewPerSubject: true, MaxMsgsPerSubject: 1,
			MaxAge: forgotten,
		})
	}
	if e.tasks, err = stream(taskStream, "t.*", jetstream.WorkQueuePolicy); err != nil {
		return fmt.Errorf("the server makes no stream: %w: want one with JetStream", err)
	}
	if e.results, err = stream(resultStream, "r.*", jetstream.LimitsPolicy); err != nil {
		return err
	}
	if e.config.Once {
		if e.claims, err = stream(claimStream, "s.*", jetstream.LimitsPolicy); err != nil {
			return err
		}
	}
	e.told = max(e.config.Workers, 1)
	return e.limitPending(ctx, e.told)
}

// limitPending makes the consumer, or tells it how many tasks the workers hold
// at most.
func (e *Executor) limitPending(ctx context.Context, slots int) error {
	_, err := e.tasks.CreateOrUpdateConsumer(ctx, jetstream.ConsumerConfig{
		Durable: consumerName, AckPolicy: jetstream.AckExplicitPolicy, AckWait: e.config.AckWait,
		MaxDeliver: e.config.Deliveries, MaxAckPending: slots, MaxWaiting: 1 << 16, InactiveThreshold: forgotten,
	})
	return err
}

// deleteStreams deletes the streams of a run. Some may be gone already.
func deleteStreams(ctx context.Context, js jetstream.JetStream, run wire.Run) {
	for _, which := range []string{taskStream, resultStream, claimStream} {
		_ = js.DeleteStream(ctx, run.Stream(which))
	}
}

// deleteOrphans deletes the streams of runs whose coordinators were killed and
// had no worker that would do it.
func (e *Executor) deleteOrphans() {
	ctx, cancel := e.patient()
	defer cancel()
	all := e.js.ListStreams(ctx, jetstream.WithStreamListSubject("tp.*.t.*"))
	for info := range all.Info() {
		run := wire.RunOf(info.Config.Name)
		if run != e.run && time.Since(info.Created) > forgotten && isOrphan(ctx, e.nc.Conn, run) {
			deleteStreams(ctx, e.js, run)
		}
	}
}

// isOrphan reports whether the coordinator of a run is gone: nothing listens on
// its subject.
func isOrphan(ctx context.Context, nc *nats.Conn, run wire.Run) bool {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	_, err := nc.RequestWithContext(ctx, run.Subject("hello"), nil)
	return errors.Is(err, nats.ErrNoResponders)
}

// A stored is the answer of a stream to a message.
type stored struct {
	Sequence uint64 `json:"seq"`
	Error    *struct {
		Code uint16 `json:"err_code"`
		Text string `json:"description"`
	} `json:"error"`
}

// secondOfSubject is the code of the refusal of a second message of a subject.
const secondOfSubject = 10077

// refusedSecond reports whether the stream has refused the message because
// there is one of its subject.
func (s stored) refusedSecond() bool { return s.Error != nil && s.Error.Code == secondOfSubject }
