//go:build unix

package executortest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"

	"github.com/teapot-go/teapot/executor"
)

func tasksPerChild(ctx context.Context, open OpenProcesses) error {
	return children(ctx, open, Options{Workers: 1, TasksPerChild: 3}, func(ex executor.Executor) error {
		var fs []*executor.Future[int]
		for range 12 {
			fs = append(fs, procPID.Submit(ctx, ex, struct{}{}))
		}
		count := map[int]int{}
		for _, f := range fs {
			pid, err := f.Result(ctx)
			if err != nil {
				return err
			}
			count[pid]++
		}
		return want("tasks in each child", slices.Sorted(maps.Values(count)), []int{3, 3, 3, 3})
	})
}

func noReplacement(ctx context.Context, open OpenProcesses) error {
	var starts atomic.Int32
	own := errors.New("no second child")
	init := func(context.Context, executor.Executor) error {
		if starts.Add(1) > 1 {
			return own
		}
		return nil
	}
	return children(ctx, open, Options{Workers: 1, TasksPerChild: 1, Initializer: init},
		func(ex executor.Executor) error {
			_, release, err := held(ctx, ex)
			defer release()
			if err != nil {
				return err
			}
			f, g := procEcho.Submit(ctx, ex, 1), procEcho.Submit(ctx, ex, 2)
			release()
			_, err = g.Result(ctx)
			return errors.Join(broken(ctx, "the first in line", f),
				wantKind("the last in line", err, executor.ErrBroken), wantKind("the last in line", err, own))
		})
}

func killAll(ctx context.Context, open OpenProcesses) error {
	ends := map[string]func(executor.Executor) bool{
		"Kill": func(ex executor.Executor) bool {
			k, ok := ex.(interface{ Kill() })
			if ok {
				k.Kill()
			}
			return ok
		},
		"Terminate": func(ex executor.Executor) bool {
			k, ok := ex.(interface{ Terminate() })
			if ok {
				k.Terminate()
			}
			return ok
		},
	}
	for name, end := range ends {
		for _, started := range []bool{false, true} {
			err := children(ctx, open, Options{Workers: 1}, func(ex executor.Executor) error {
				var fs []*executor.Future[int]
				if started {
					f, release, err := held(ctx, ex)
					defer release()
					if err != nil {
						return err
					}
					fs = append(fs, f, procEcho.Submit(ctx, ex, 1))
				}
				for range 2 {
					if !end(ex) {
						return errors.New("the executor has no such method")
					}
				}
				var errs []error
				for _, f := range append(fs, procEcho.Submit(ctx, ex, 2)) {
					errs = append(errs, broken(ctx, "a task", f))
				}
				return errors.Join(errs...)
			})
			if err != nil {
				return fmt.Errorf("%s, started %t: %w", name, started, err)
			}
		}
	}
	return nil
}

func initialized(ctx context.Context, open OpenProcesses) error {
	var prepared atomic.Int64
	init := func(ctx context.Context, child executor.Executor) error {
		pid, err := procPID.Submit(ctx, child, struct{}{}).Result(ctx)
		prepared.Store(int64(pid))
		return err
	}
	err := children(ctx, open, Options{Workers: 1, Initializer: init}, func(ex executor.Executor) error {
		pid, err := procPID.Submit(ctx, ex, struct{}{}).Result(ctx)
		return errors.Join(err, want("child that was prepared", int(prepared.Load()), pid))
	})
	if err != nil {
		return err
	}
	for _, how := range []string{byError, byKill, byPanic, byGo} {
		init := func(ctx context.Context, child executor.Executor) error {
			_, err := procEnd.Submit(ctx, child, how).Result(ctx)
			return err
		}
		err := children(ctx, open, Options{Workers: 1, Initializer: init}, func(ex executor.Executor) error {
			f, g := procEcho.Submit(ctx, ex, 1), procEcho.Submit(ctx, ex, 2)
			return errors.Join(broken(ctx, "a task", f), broken(ctx, "another task", g),
				broken(ctx, "a late task", procEcho.Submit(ctx, ex, 3)))
		})
		if err != nil {
			return fmt.Errorf("an initializer that fails with %s: %w", how, err)
		}
	}
	return nil
}
