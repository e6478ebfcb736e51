// This file is added to package executor when the mutants are built.
package executor

import (
	"os"
	"strconv"
	"sync"
	"sync/atomic"
)

// planted is the row whose bug is on, or 0 for none.
var planted, _ = strconv.Atoi(os.Getenv("PLANTED"))

func bug(row int) bool { return planted == row }

// guard is the lock of row 15's bug, and failed64 the memory of row 64's.
var (
	guard    sync.Mutex
	failed64 atomic.Bool
)
