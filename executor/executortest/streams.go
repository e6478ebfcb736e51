package executortest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"
	"weak"

	"github.com/teapot-go/teapot/executor"
)

var streams = []Check{
	{44, "map lazily", "results come before all are done", on(2, mapLazily)},
	{46, "map without end", "with a bound the input may be infinite", on(2, mapWithoutEnd)},
	{47, "map pauses", "a full buffer pauses reading the input", on(2, mapPauses)},
	{49, "map's own error", "a deadline that a function reports is not the map's own", on(2, mapOwnError)},
	{51, "map goes on", "after an error the iterator goes on", on(1, mapGoesOn)},
	{
		53, "map in chunks", "chunks of 1, several and more than all give the same results, after a panic and " +
			"runtime.Goexit too; less is refused",
		on(2, mapInChunks),
	},
	{54, "map keeps nothing", "a result that was given is not kept alive", on(1, mapKeepsNothing)},
	{62, "futures dropped", "AsCompleted drops each future after giving it", on(1, futuresDropped)},
	{67, "every error", "every error is available, not only the first", on(2, everyError)},
}

func mapLazily(ctx context.Context, ex executor.Executor) error {
	held := newLatch()
	defer held.open()
	var errs []error
	results := executor.Map(ctx, ex, slices.Values(upTo(2)), func(ctx context.Context, k int) (int, error) {
		if k == 0 {
			return k, nil
		}
		return k, held.wait(ctx, "the first result of a Map")
	})
	for _, err := range results {
		held.open()
		errs = append(errs, err)
	}
	return errors.Join(append(errs, want("results", len(errs), 2))...)
}

// counting gives 0, 1, 2 without end and says how far it was read.
func counting(read *int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for n := 0; ; n++ {
			*read = n + 1
			if !yield(n) {
				return
			}
		}
	}
}

func mapWithoutEnd(ctx context.Context, ex executor.Executor) error {
	for _, how := range []executor.MapOptions{{Ahead: 1}, {Ahead: 4}, {Ahead: 6, Chunk: 3}, {Ahead: 4, Chunk: 100}} {
		read, at := 0, 0
		for v, err := range executor.Map(ctx, ex, counting(&read),
			func(_ context.Context, k int) (int, error) { return k, nil }, how) {
			if err := errors.Join(err, want("result", v, at)); err != nil {
				return err
			}
			if at++; at == 20 {
				break
			}
		}
		if err := want("results", at, 20); err != nil {
			return err
		}
	}
	return nil
}

func mapPauses(ctx context.Context, ex executor.Executor) error {
	for _, how := range []executor.MapOptions{{Ahead: 1}, {Ahead: 4}, {Ahead: 6, Chunk: 3}} {
		read, given := 0, 0
		for _, err := range executor.Map(ctx, ex, counting(&read),
			func(_ context.Context, k int) (int, error) { return k, nil }, how) {
			if err != nil {
				return err
			}
			if ahead := read - given; ahead > how.Ahead || ahead < 1 {
				return fmt.Errorf("%+v: %d inputs were read ahead of the results", how, ahead)
			}
			if given++; given == 20 {
				break
			}
		}
		if err := want("results", given, 20); err != nil {
			return err
		}
	}
	return nil
}

func mapOwnError(ctx context.Context, ex executor.Executor) error {
	n := 0
	for v, err := range executor.Map(ctx, ex, slices.Values(upTo(3)), func(_ context.Context, k int) (int, error) {
		if k == 1 {
			return k, context.DeadlineExceeded
		}
		return k, nil
	}) {
		if errors.Is(err, executor.ErrUnfinished) || errors.Is(err, executor.ErrCancelled) {
			return fmt.Errorf("a function's own error counts as the Map's: %w", err)
		}
		if err := errors.Join(want("result", v, n), want("failure", err != nil, n == 1)); err != nil {
			return err
		}
		n++
	}
	return want("results", n, 3)
}

func mapGoesOn(ctx context.Context, ex executor.Executor) error {
	own := errors.New("no flag")
	for _, how := range []executor.MapOptions{{}, {Ahead: 2}, {Chunk: 2}} {
		var got []error
		for _, err := range executor.Map(ctx, ex, slices.Values(upTo(5)), func(_ context.Context, k int) (int, error) {
			if k%2 == 0 {
				return 0, own
			}
			return k, nil
		}, how) {
			got = append(got, err)
		}
		if err := want(fmt.Sprintf("errors with %+v", how), got, []error{own, nil, own, nil, own}); err != nil {
			return err
		}
	}
	return nil
}

func mapInChunks(ctx context.Context, ex executor.Executor) error {
	const n = 10
	var expected []string
	for k := range n {
		expected = append(expected, fmt.Sprintf("%d %s", k, map[int]string{3: "panic", 6: "Goexit"}[k]))
	}
	for _, size := range []int{0, 1, 3, 4, n, n + 1, 1 << 40} {
		var got []string
		at := 0
		for _, err := range executor.Map(ctx, ex, slices.Values(upTo(n)), func(_ context.Context, k int) (int, error) {
			switch k {
			case 3:
				panic("spilled")
			case 6:
				runtime.Goexit()
			}
			return k, nil
		}, executor.MapOptions{Chunk: size}) {
			how := ""
			if _, panicked := errors.AsType[*executor.PanicError](err); panicked {
				how = "panic"
			} else if errors.Is(err, executor.ErrGoexit) {
				how = "Goexit"
			}
			got = append(got, fmt.Sprintf("%d %s", at, how))
			at++
		}
		if err := want(fmt.Sprintf("results in chunks of %d", size), got, expected); err != nil {
			return err
		}
	}
	refused := false
	func() {
		defer func() { refused = recover() != nil }()
		executor.Map(ctx, ex, slices.Values(upTo(n)), func(context.Context, int) (int, error) { return 0, nil },
			executor.MapOptions{Chunk: -1})
	}()
	return want("a negative chunk is refused", refused, true)
}

type kilobyte [1 << 10]byte

func fresh(context.Context, int) (*kilobyte, error) { return new(kilobyte), nil }

func mapKeepsNothing(ctx context.Context, ex executor.Executor) error {
	for _, how := range []executor.MapOptions{{}, {Ahead: 2}, {Chunk: 2}} {
		var last weak.Pointer[kilobyte]
		n := 0
		for v, err := range executor.Map(ctx, ex, slices.Values(upTo(4)), fresh, how) {
			if err != nil {
				return err
			}
			if n++; n > 1 {
				if err := collected(ctx, ex, fmt.Sprintf("a result of a Map with %+v", how),
					func() bool { return last.Value() == nil }); err != nil {
					return err
				}
			}
			last = weak.Make(v)
		}
		if err := want("results", n, 4); err != nil {
			return err
		}
	}
	return nil
}

func futuresDropped(ctx context.Context, ex executor.Executor) error {
	var fs []*executor.Future[*kilobyte]
	for k := range 4 {
		fs = append(fs, executor.Submit(ctx, ex, func(ctx context.Context) (*kilobyte, error) { return fresh(ctx, k) }))
	}
	var last weak.Pointer[kilobyte]
	completed := executor.AsCompleted(ctx, fs...)
	clear(fs)
	n := 0
	for f := range completed {
		if n++; n > 1 {
			if err := collected(ctx, ex, "a future's result", func() bool { return last.Value() == nil }); err != nil {
				return err
			}
		}
		v, err := f.Result(ctx)
		if err != nil {
			return err
		}
		last = weak.Make(v)
	}
	return want("futures", n, 4)
}

func everyError(ctx context.Context, ex executor.Executor) error {
	var own []error
	for i := range 4 {
		own = append(own, fmt.Errorf("no flag %d", i))
	}
	var ran atomic.Int32
	fail := func(_ context.Context, k int) (int, error) {
		ran.Add(1)
		return 0, own[k]
	}
	var got []error
	for _, err := range executor.Map(ctx, ex, slices.Values(upTo(len(own))), fail) {
		got = append(got, err)
	}
	var fs []func(context.Context) (int, error)
	for k := range own {
		fs = append(fs, func(ctx context.Context) (int, error) { return fail(ctx, k) })
	}
	_, joined := executor.First(ctx, ex, fs...)
	errs := []error{want("errors of Map", got, own), want("tasks that ran", ran.Load(), int32(2*len(own)))}
	for _, err := range own {
		errs = append(errs, wantKind("First of failing ones", joined, err))
	}
	return errors.Join(errs...)
}
