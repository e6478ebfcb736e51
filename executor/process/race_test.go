//go:build race

package process_test

import "time"

// The race detector makes 100 MB some gigabytes, and a process that was killed
// with them takes its time to be gone.
const (
	patience = 2 * time.Minute
	prompt   = 20 * time.Second
)
