package reports

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// A packing is a way to compress a file.
type packing struct {
	extension string
	magic     []byte // that a file begins with
	pack      func(io.Writer) (io.WriteCloser, error)
	unpack    func(io.Reader) (io.ReadCloser, error)
}

// packings are the ways that are known. The same bytes make the same file.
var packings = []packing{
	{
		".gz",
		[]byte{0x1f, 0x8b},
		func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil },
		func(r io.Reader) (io.ReadCloser, error) { return gzip.NewReader(r) },
	},
	{
		".zst",
		[]byte{0x28, 0xb5, 0x2f, 0xfd},
		func(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w, zstd.WithEncoderConcurrency(1)) },
		func(r io.Reader) (io.ReadCloser, error) {
			d, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1))
			if err != nil {
				return nil, err
			}
			return d.IOReadCloser(), nil
		},
	},
}

// packingOf returns how [WriteFile] compresses a file of this name, nil if it
// does not.
func packingOf(path string) *packing {
	for i := range packings {
		if strings.EqualFold(filepath.Ext(path), packings[i].extension) {
			return &packings[i]
		}
	}
	return nil
}

// Unpacked returns the name of a file without the .gz or .zst with which
// [WriteFile] compresses it.
func Unpacked(path string) string {
	if p := packingOf(path); p != nil {
		return path[:len(path)-len(p.extension)]
	}
	return path
}

// packed is r, compressed as the name of its file says, and buffered.
func packed(path string, r Reporter) Reporter {
	p := packingOf(path)
	if p == nil {
		return func(w io.Writer) error { return buffered(w, r) }
	}
	return func(w io.Writer) error {
		to, err := p.pack(w)
		if err != nil {
			return err
		}
		if err := buffered(to, r); err != nil {
			return err
		}
		return to.Close()
	}
}

// buffered runs r on a buffer in front of w.
func buffered(w io.Writer, r Reporter) error {
	b := bufio.NewWriterSize(w, 1<<16)
	if err := r(b); err != nil {
		return err
	}
	return b.Flush()
}

// unpacked reads what was compressed, or as it is if it was not.
func unpacked(r *bufio.Reader) (io.ReadCloser, error) {
	for _, p := range packings {
		// An error is that of the first Read as well.
		if begin, _ := r.Peek(len(p.magic)); bytes.Equal(begin, p.magic) {
			return p.unpack(r)
		}
	}
	return io.NopCloser(r), nil
}

// A limitedReader reads at most limit bytes, and keeps the error that it ends
// with, if that is not [io.EOF].
type limitedReader struct {
	from        io.Reader
	limit, left int64
	failed      error
}

func (l *limitedReader) Read(p []byte) (n int, err error) {
	if l.left <= 0 {
		l.failed = fmt.Errorf("it has more than %d bytes", l.limit)
		return 0, l.failed
	}
	n, err = l.from.Read(p[:min(int64(len(p)), l.left)])
	if l.left -= int64(n); err != nil && err != io.EOF {
		l.failed = err
	}
	return n, err
}
