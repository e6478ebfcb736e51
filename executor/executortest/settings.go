package executortest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"runtime/pprof"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/teapot-go/teapot/executor"
)

var settings = []Check{
	{20, "bounded queue", "a queue may be bounded: a submit to a full one waits, is refused, or runs in the " +
		"caller's time, as was asked for", boundedQueue},
	{22, "blocked submit", "a submit that waits for room honours its context, and Shutdown", blockedSubmit},
	{24, "default", "0 workers means a sensible number", on(0, defaultWorkers)},
	{
		28, "idle expiry", "idle workers end after the time that was set, and others start when they are needed",
		on(3, idleExpiry),
	},
	{29, "named workers", "goroutines that run tasks have the executor's name in profiles", on(1, namedWorkers)},
	{32, "resize", "the number of workers can be changed while tasks run", on(1, resize)},
}

// full returns an executor with one worker, which is busy, and two tasks in a
// queue for two.
func full(ctx context.Context, ex executor.Executor, what executor.Full) (queued intFutures, release func(),
	err error,
) {
	if err := executor.Tune(ex, executor.Settings{Workers: 1, Queue: 2, Full: what}); err != nil {
		return nil, nil, err
	}
	release, err = occupy(ctx, ex, 1)
	if err != nil {
		return nil, nil, err
	}
	for range 2 {
		queued = append(queued, executor.Submit(ctx, ex, answer))
	}
	return queued, release, nil
}

func boundedQueue(ctx context.Context, open Open) error {
	return errors.Join(on(1, blocks)(ctx, open), on(1, rejects)(ctx, open), on(1, runsInCaller)(ctx, open))
}

func blocks(ctx context.Context, ex executor.Executor) error {
	queued, release, err := full(ctx, ex, executor.Block)
	if err != nil {
		return err
	}
	defer release()
	submitted := make(chan *executor.Future[int], 1)
	aside(ctx, func() { submitted <- executor.Submit(ctx, ex, answer) })
	yieldOften()
	early := len(submitted)
	release()
	f, err := receive(ctx, submitted, "a blocked submit after there was room")
	if err != nil {
		return err
	}
	return errors.Join(
		want("submits to a full queue that returned", early, 0),
		wantResult(ctx, "the one that waited", f, 42),
		wantResult(ctx, "a queued one", queued[0], 42),
		wantResult(ctx, "a queued one", queued[1], 42),
	)
}

func rejects(ctx context.Context, ex executor.Executor) error {
	queued, release, err := full(ctx, ex, executor.Reject)
	if err != nil {
		return err
	}
	defer release()
	f := executor.Submit(ctx, ex, answer)
	state := f.State()
	release()
	_, err = f.Result(ctx)
	return errors.Join(
		want("state of a refused future", state, executor.Finished),
		wantKind("refusal", err, executor.ErrFull),
		wantResult(ctx, "a queued one", queued[1], 42),
		wantResult(ctx, "a submit when there is room", executor.Submit(ctx, ex, answer), 42),
	)
}

func runsInCaller(ctx context.Context, ex executor.Executor) error {
	queued, release, err := full(ctx, ex, executor.Caller)
	if err != nil {
		return err
	}
	defer release()
	submitted := make(chan *executor.Future[int], 1)
	aside(ctx, func() { submitted <- executor.Submit(ctx, ex, answer) })
	f, err := receive(ctx, submitted, "a submit that runs in the caller's time")
	if err != nil {
		return err
	}
	state, behind := f.State(), queued[0].State()
	release()
	return errors.Join(
		want("state after the submit", state, executor.Finished),
		want("state of a queued one", behind, executor.Pending),
		wantResult(ctx, "the one that ran in the caller's time", f, 42),
		wantResult(ctx, "a queued one", queued[1], 42),
	)
}

func blockedSubmit(ctx context.Context, open Open) error {
	return errors.Join(on(1, blockedByContext)(ctx, open), on(1, blockedByShutdown)(ctx, open))
}

func blockedByContext(ctx context.Context, ex executor.Executor) error {
	_, release, err := full(ctx, ex, executor.Block)
	if err != nil {
		return err
	}
	defer release()
	var ran atomic.Bool
	left, leave := context.WithCancelCause(ctx)
	submitted := make(chan *executor.Future[int], 1)
	aside(ctx, func() {
		submitted <- executor.Submit(left, ex, func(context.Context) (int, error) {
			ran.Store(true)
			return 0, nil
		})
	})
	yieldOften()
	early := len(submitted)
	cause := errors.New("the caller left")
	leave(cause)
	f, err := receive(ctx, submitted, "a blocked submit whose context is done")
	if err != nil {
		return err
	}
	release()
	_, cancelled := f.Result(ctx)
	return errors.Join(
		want("submits to a full queue that returned", early, 0),
		want("state of the task", f.State(), executor.Cancelled),
		wantKind("its result", cancelled, executor.ErrCancelled),
		wantKind("its result", cancelled, cause),
		want("it ran", ran.Load(), false),
	)
}

func blockedByShutdown(ctx context.Context, ex executor.Executor) error {
	queued, release, err := full(ctx, ex, executor.Block)
	if err != nil {
		return err
	}
	defer release()
	submitted := make(chan *executor.Future[int], 1)
	aside(ctx, func() { submitted <- executor.Submit(ctx, ex, answer) })
	yieldOften()
	aside(ctx, func() { ex.Shutdown(ctx) })
	f, err := receive(ctx, submitted, "a blocked submit during Shutdown")
	if err != nil {
		return err
	}
	release()
	_, refused := f.Result(ctx)
	return errors.Join(
		wantKind("its result", refused, executor.ErrShutdown),
		wantResult(ctx, "a queued one", queued[1], 42),
	)
}

func defaultWorkers(ctx context.Context, ex executor.Executor) error {
	if n := executor.DefaultWorkers(); n < 1 || n > 1000 {
		return fmt.Errorf("the default is %d workers", n)
	}
	release, err := occupy(ctx, ex, executor.DefaultWorkers())
	if err != nil {
		return err
	}
	release()
	return nil
}

var names atomic.Int64

// named tunes ex and returns how many of its goroutines a profile shows.
func named(ex executor.Executor, s executor.Settings) (count func() (int, error), err error) {
	s.Name = fmt.Sprintf("flags-%d", names.Add(1))
	record := regexp.MustCompile(`(?m)^(\d+) @.*\n# labels: .*"executor":"` + s.Name + `"`)
	return func() (int, error) {
		var profile bytes.Buffer
		if err := pprof.Lookup("goroutine").WriteTo(&profile, 1); err != nil {
			return 0, err
		}
		sum := 0
		for _, m := range record.FindAllSubmatch(profile.Bytes(), -1) {
			n, err := strconv.Atoi(string(m[1]))
			if err != nil {
				return 0, err
			}
			sum += n
		}
		return sum, nil
	}, executor.Tune(ex, s)
}

func idleExpiry(ctx context.Context, ex executor.Executor) error {
	const n = 3
	count, err := named(ex, executor.Settings{Workers: n, Idle: time.Millisecond})
	if err != nil {
		return err
	}
	for range 2 {
		release, err := occupy(ctx, ex, n)
		if err != nil {
			return err
		}
		busy, err := count()
		release()
		if err := errors.Join(err, want("busy workers", busy, n)); err != nil {
			return err
		}
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for left := n; left > 0; {
			if _, err := receive(ctx, tick.C, fmt.Sprintf("the end of %d idle workers", left)); err != nil {
				return err
			}
			if left, err = count(); err != nil {
				return err
			}
		}
	}
	return nil
}

func namedWorkers(ctx context.Context, ex executor.Executor) error {
	count, err := named(ex, executor.Settings{Workers: 1})
	if err != nil {
		return err
	}
	release, err := occupy(ctx, ex, 1)
	if err != nil {
		return err
	}
	defer release()
	busy, err := count()
	return errors.Join(err, want("named goroutines that run one task", busy, 1))
}

func resize(ctx context.Context, ex executor.Executor) error {
	const n = 3
	one, err := occupy(ctx, ex, 1)
	if err != nil {
		return err
	}
	defer one()
	f := executor.Submit(ctx, ex, answer)
	if err := executor.Tune(ex, executor.Settings{Workers: n}); err != nil {
		return err
	}
	if err := wantResult(ctx, "a queued task when there are more workers", f, 42); err != nil {
		return err
	}
	others, err := occupy(ctx, ex, n-1)
	if err != nil {
		return err
	}
	defer others()
	if err := executor.Tune(ex, executor.Settings{Workers: 1}); err != nil {
		return err
	}
	var now, most atomic.Int32
	var fs intFutures
	for range 10 {
		fs = append(fs, executor.Submit(ctx, ex, func(context.Context) (int, error) {
			most.Store(max(most.Load(), now.Add(1)))
			yieldOften()
			now.Add(-1)
			return 42, nil
		}))
	}
	others()
	yieldOften()
	early := most.Load()
	one()
	for _, f := range fs {
		if err := wantResult(ctx, "a task when there are fewer workers", f, 42); err != nil {
			return err
		}
	}
	return errors.Join(
		want("tasks at once beside a busy worker", early, int32(0)),
		want("tasks at once on one worker", most.Load(), int32(1)),
	)
}
