package content

import (
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"path"
	"strings"
	"time"
)

// A Dir serves the files of a directory, and nothing outside of it, wherever
// paths and symbolic links lead. It lists no directory: what is not a regular
// file is not found, but for an index.html, which stands for its directory.
// Files may change while they are served; the digest is that of the file as it
// was when a size and a time of change were first seen together.
type Dir struct {
	root    *os.Root
	digests digests[fileID]
}

var _ Preparer = (*Dir)(nil)

// A fileID says which state of a file a digest is of.
type fileID struct {
	name     string
	size     int64
	modified time.Time
}

// OpenDir opens a directory. Close closes it: after the server that serves it.
func OpenDir(name string) (*Dir, error) {
	root, err := os.OpenRoot(name)
	if err != nil {
		return nil, fmt.Errorf("content: %w", err)
	}
	return &Dir{root: root}, nil
}

// Close closes the directory: nothing is found any more.
func (d *Dir) Close() error { return d.root.Close() }

// find returns the name of the regular file that a path asks for.
func (d *Dir) find(asked string) (string, os.FileInfo, bool) {
	if !strings.HasPrefix(asked, "/") || path.Clean(asked) != strings.TrimSuffix(asked, "/") && asked != "/" {
		return "", nil, false // a path that has to be understood first
	}
	name := strings.TrimPrefix(asked, "/")
	if name == "" || strings.HasSuffix(name, "/") {
		name += "index.html"
	}
	info, err := d.root.Stat(name) // it opens nothing, and so does not wait for a pipe's other end
	return name, info, err == nil && info.Mode().IsRegular()
}

// Prepare implements [Preparer].
func (d *Dir) Prepare(r *http.Request) http.Handler {
	name, info, ok := d.find(r.URL.Path)
	if !ok {
		return http.NotFoundHandler()
	}
	f, err := d.root.Open(name)
	if err != nil {
		return http.NotFoundHandler()
	}
	defer f.Close()
	digest, err := d.digests.of(fileID{name, info.Size(), info.ModTime()}, f)
	if err != nil {
		return http.NotFoundHandler()
	}
	e := entity{mime: typeOf(name, f), name: name, modified: info.ModTime(), tag: tagOf(digest), digest: digest, size: info.Size()}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f, err := d.root.Open(name)
		if err != nil {
			http.NotFound(w, r)
			return
		}
		defer f.Close()
		e.body = f
		e.ServeHTTP(w, r)
	})
}

// ServeHTTP implements [http.Handler].
func (d *Dir) ServeHTTP(w http.ResponseWriter, r *http.Request) { serve(d, w, r) }

// typeOf is the type of a file by its name, or else by its first bytes. The
// built-in table alone would do, but a machine's own is what its other servers
// go by.
func typeOf(name string, f io.Reader) string {
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	var head [512]byte
	n, _ := io.ReadFull(f, head[:])
	return http.DetectContentType(head[:n])
}
