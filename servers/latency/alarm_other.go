//go:build !linux

package latency

func newTicker() ticker { return nil }
