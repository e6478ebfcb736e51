//go:build !race

package process_test

import "time"

const (
	patience = 20 * time.Second // of every wait: far more than it takes
	prompt   = time.Second      // within what every future ends whose child was killed: it takes about a millisecond
)
