package main

import (
	"context"
	"encoding/binary"
	"io"
	"log"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/hibiken/asynq"
)

func runAsynq(ctx context.Context, n int) (ready, all time.Duration, err error) {
	began := time.Now()
	redis, err := miniredis.Run()
	if err != nil {
		return 0, 0, err
	}
	defer redis.Close()
	at := asynq.RedisClientOpt{Addr: redis.Addr()}
	client := asynq.NewClient(at)
	defer client.Close()
	s := asynq.NewServer(at, asynq.Config{Concurrency: 8, Logger: quiet{log.New(io.Discard, "", 0)}})
	var left sync.WaitGroup
	left.Add(n)
	mux := asynq.NewServeMux()
	mux.HandleFunc("double", func(_ context.Context, t *asynq.Task) error {
		defer left.Done()
		_, err := t.ResultWriter().Write(binary.AppendUvarint(nil, 2*uint64(len(t.Payload()))))
		return err
	})
	if err := s.Start(mux); err != nil {
		return 0, 0, err
	}
	defer s.Shutdown()
	ready = time.Since(began)
	began = time.Now()
	for i := range n {
		task := asynq.NewTask("double", binary.AppendUvarint(nil, uint64(i)), asynq.Retention(time.Hour))
		if _, err := client.EnqueueContext(ctx, task); err != nil {
			return 0, 0, err
		}
	}
	left.Wait()
	return ready, time.Since(began), nil
}

// quiet says nothing.
type quiet struct{ *log.Logger }

func (quiet) Debug(...any) {}
func (quiet) Info(...any)  {}
func (quiet) Warn(...any)  {}
func (quiet) Error(...any) {}
func (quiet) Fatal(...any) {}
