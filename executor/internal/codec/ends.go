package codec

import (
	"context"
	"encoding/binary"
	"time"
)

// What stands for the deadline of a context without one, and of a context that
// never ends. A deadline is the time that is left, plus noDeadline + 1.
const (
	noDeadline = 0
	noEnd      = -1
)

// AppendEnd appends how a context ends: never, at its deadline, or when the
// other process is told.
func AppendEnd(b []byte, ctx context.Context) []byte {
	end := int64(noEnd)
	if ctx.Done() != nil {
		end = noDeadline
		if at, ok := ctx.Deadline(); ok {
			// what is left, and not the time of day, which may be set
			end = max(int64(time.Until(at)), 0) + noDeadline + 1
		}
	}
	return binary.AppendVarint(b, end)
}

// Context takes what AppendEnd has appended, and returns such a context. cancel
// is nil for one that never ends.
func (c *Cursor) Context() (ctx context.Context, cancel context.CancelCauseFunc) {
	ctx = context.Background()
	end := c.Varint()
	if end != noEnd {
		ctx, cancel = context.WithCancelCause(ctx)
	}
	if end > noDeadline {
		limited, stop := context.WithTimeout(ctx, time.Duration(end-noDeadline-1))
		context.AfterFunc(ctx, stop)
		ctx = limited
	}
	return ctx, cancel
}
