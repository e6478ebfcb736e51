//go:build !linux

package latency

func newSystemTimer() systemTimer { return nil }
