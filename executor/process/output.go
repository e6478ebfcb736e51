package process

import (
	"io"
	"os"
	"sync"
)

// shared returns a writer that several children may write to, or instead if w
// is nil. Children write to a file directly.
func shared(w io.Writer, instead *os.File) io.Writer {
	switch w := w.(type) {
	case nil:
		return instead
	case *os.File:
		return w
	default:
		return &lockedWriter{w: w}
	}
}

type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}
