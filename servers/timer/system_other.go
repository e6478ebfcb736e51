//go:build !linux

package timer

func newSystemTimer() systemTimer { return nil }
