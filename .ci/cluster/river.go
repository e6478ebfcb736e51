package main

import (
	"context"
	"database/sql"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	_ "modernc.org/sqlite" // the driver
)

type riverArgs struct{ N int }

func (riverArgs) Kind() string { return "double" }

type riverWorker struct {
	river.WorkerDefaults[riverArgs]
	left *sync.WaitGroup
}

func (w *riverWorker) Work(context.Context, *river.Job[riverArgs]) error {
	w.left.Done()
	return nil
}

func runRiver(ctx context.Context, n int) (ready, all time.Duration, err error) {
	began := time.Now()
	dir, err := os.MkdirTemp("", "river")
	if err != nil {
		return 0, 0, err
	}
	defer os.RemoveAll(dir)
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "river.db")+"?_pragma=journal_mode(WAL)")
	if err != nil {
		return 0, 0, err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	driver := riversqlite.New(db)
	migrator, err := rivermigrate.New(driver, nil)
	if err != nil {
		return 0, 0, err
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return 0, 0, err
	}
	var left sync.WaitGroup
	left.Add(n)
	workers := river.NewWorkers()
	river.AddWorker(workers, &riverWorker{left: &left})
	client, err := river.NewClient(driver, &river.Config{
		Queues:  map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 100}},
		Workers: workers, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return 0, 0, err
	}
	if err := client.Start(ctx); err != nil {
		return 0, 0, err
	}
	defer client.Stop(ctx)
	ready = time.Since(began)
	began = time.Now()
	for at := 0; at < n; at += 500 {
		var batch []river.InsertManyParams
		for i := at; i < min(at+500, n); i++ {
			batch = append(batch, river.InsertManyParams{Args: riverArgs{i}})
		}
		if _, err := client.InsertMany(ctx, batch); err != nil {
			return 0, 0, err
		}
	}
	left.Wait()
	return ready, time.Since(began), nil
}
