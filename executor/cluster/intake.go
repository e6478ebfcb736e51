package cluster

import (
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/teapot-go/teapot/executor/cluster/internal/wire"
)

// An intake gets the results from their stream, in order and without a gap. It
// asks the server for a consumer that begins behind the last result, and for
// another one as soon as a result is missing or nothing is heard. The ordered
// consumer of package jetstream does the same, but cannot be stopped while it
// asks in vain.
type intake struct {
	e     *Executor
	again chan struct{} // wakes loop: another consumer is needed

	mu    sync.Mutex
	sub   *nats.Subscription
	count uint64    // messages of this consumer
	last  uint64    // the last result, by its number in the stream
	heard time.Time // the last message of this consumer
}

// A message is a result as the stream has it.
type message struct {
	seq    uint64
	number uint64 // in the stream
	data   []byte
}

// idleBeat is how often the server says that there is no result.
func (i *intake) idleBeat() time.Duration { return max(i.e.beatEvery(), 100*time.Millisecond) }

// loop keeps a consumer until the executor is done.
func (i *intake) loop() {
	tick := time.NewTicker(i.idleBeat())
	defer tick.Stop()
	for {
		i.mu.Lock()
		silent := i.sub == nil || time.Since(i.heard) > 4*i.idleBeat()
		i.mu.Unlock()
		if silent {
			_ = i.open() // else at the next tick
		}
		select {
		case <-i.again:
			_ = i.open()
		case <-tick.C:
		case <-i.e.life.Done():
			i.close()
			return
		}
	}
}

// open asks for a consumer that begins behind the last result.
func (i *intake) open() error {
	i.close()
	i.mu.Lock()
	next := i.last + 1
	i.mu.Unlock()
	inbox := i.e.nc.NewInbox()
	sub, err := i.e.nc.Subscribe(inbox, i.receive)
	if err != nil {
		return err
	}
	_ = sub.SetPendingLimits(-1, -1) // not more than the tasks in flight
	i.mu.Lock()
	i.sub, i.count, i.heard = sub, 0, time.Now()
	i.mu.Unlock()
	ctx, cancel := i.e.soon()
	defer cancel()
	_, err = i.e.results.CreatePushConsumer(ctx, jetstream.ConsumerConfig{
		DeliverSubject: inbox, DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: next,
		AckPolicy: jetstream.AckNonePolicy, MaxDeliver: 1, IdleHeartbeat: i.idleBeat(), MemoryStorage: true,
		InactiveThreshold: goneAfter * i.e.config.AckWait,
	})
	if i.e.lost(err) || err != nil {
		i.close()
		return fmt.Errorf("the server sends no results: %w", err)
	}
	return nil
}

// close takes no more from the consumer, which the server deletes for lack of
// interest.
func (i *intake) close() {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.sub != nil {
		_ = i.sub.Unsubscribe()
		i.sub = nil
	}
}

// receive takes a message of the consumer. It hands a result over to
// settleLoop, and waits while there are many.
func (i *intake) receive(m *nats.Msg) {
	meta, err := m.Metadata()
	i.mu.Lock()
	if i.sub == nil || i.sub != m.Sub {
		i.mu.Unlock()
		return // of an earlier consumer
	}
	i.heard = time.Now()
	missing := false
	if err != nil { // a heartbeat, which tells the number of the last message
		last := m.Header.Get("Nats-Last-Consumer")
		missing = last != "" && last != strconv.FormatUint(i.count, 10)
	} else if i.count++; meta.Sequence.Consumer != i.count {
		missing = true
	} else {
		i.last = meta.Sequence.Stream
	}
	i.mu.Unlock()
	if missing {
		wakeUp(i.again)
	}
	if missing || err != nil {
		return
	}
	select {
	case i.e.answers <- message{wire.Seq(m.Subject), meta.Sequence.Stream, m.Data}:
	case <-i.e.life.Done():
	}
}
