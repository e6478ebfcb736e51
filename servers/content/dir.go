package content

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"path"
	"slices"
	"strings"
	"time"
)

// A Dir serves the files of a directory, and nothing outside of it, wherever
// paths and symbolic links lead. A folder is answered with its index.html, or
// else with a page that links to its files and folders. Anything that is
// neither a regular file nor a folder is not found. Files may change while they
// are served; the digest is that of the file when its size and time of change
// were first seen together.
type Dir struct {
	root    *os.Root
	hides   bool // files that begin with a dot
	digests digests[fileID]
}

var _ Preparer = (*Dir)(nil)

// A fileID is a state of a file.
type fileID struct {
	name     string
	size     int64
	modified time.Time
}

// OpenDir opens a directory. Close the server that serves it first, and then
// the directory.
func OpenDir(name string) (*Dir, error) {
	root, err := os.OpenRoot(name)
	if err != nil {
		return nil, fmt.Errorf("content: %w", err)
	}
	return &Dir{root: root}, nil
}

// HideDotFiles has the directory serve no file and no folder whose name begins
// with a dot, as those of secrets and of repositories do, but for .well-known
// (RFC 8615). Call it before the directory is served.
func (d *Dir) HideDotFiles() { d.hides = true }

// hidden reports whether a name in the directory is not served.
func (d *Dir) hidden(name string) bool {
	return d.hides && strings.HasPrefix(name, ".") && name != ".well-known"
}

// Close closes the directory. Afterwards no file is found.
func (d *Dir) Close() error { return d.root.Close() }

// find returns the name of what a path asks for, relative to the directory, and
// what it is. A path that is not clean is not found.
func (d *Dir) find(asked string) (string, os.FileInfo, bool) {
	folder := strings.HasSuffix(asked, "/")
	if !strings.HasPrefix(asked, "/") || path.Clean(asked) != strings.TrimSuffix(asked, "/") && asked != "/" {
		return "", nil, false
	}
	if slices.ContainsFunc(strings.Split(asked, "/"), d.hidden) {
		return "", nil, false
	}
	name := cmp.Or(strings.Trim(asked, "/"), ".")
	info, err := d.root.Stat(name) // unlike Open it does not wait for the other end of a pipe
	switch {
	case err != nil, folder && !info.IsDir():
		return "", nil, false
	case !folder:
		return name, info, info.IsDir() || info.Mode().IsRegular()
	}
	index := path.Join(name, "index.html")
	if page, err := d.root.Stat(index); err == nil && page.Mode().IsRegular() {
		return index, page, true
	}
	return name, info, true
}

// maxListed is the number of files and folders that a page lists.
const maxListed = 10_000

// list returns the page of a folder: the files and folders in it that can be
// served. The names of folders end with a slash.
func (d *Dir) list(name string) http.Handler {
	f, err := d.root.Open(name)
	if err != nil {
		return http.NotFoundHandler()
	}
	defer f.Close()
	entries, err := f.ReadDir(maxListed)
	if err != nil && !errors.Is(err, io.EOF) {
		return http.NotFoundHandler()
	}
	var links []string
	for _, e := range entries {
		info, err := d.root.Stat(path.Join(name, e.Name()))
		switch {
		case err != nil, d.hidden(e.Name()): // a link that leads outside, or nowhere
		case info.IsDir():
			links = append(links, e.Name()+"/")
		case info.Mode().IsRegular():
			links = append(links, e.Name())
		}
	}
	slices.Sort(links)
	return listing(links)
}

// Prepare implements [Preparer].
func (d *Dir) Prepare(r *http.Request) http.Handler {
	name, info, ok := d.find(r.URL.Path)
	if !ok {
		return http.NotFoundHandler()
	}
	if info.IsDir() && !strings.HasSuffix(r.URL.Path, "/") {
		return http.RedirectHandler((&url.URL{Path: path.Base(r.URL.Path) + "/"}).String(), http.StatusMovedPermanently)
	}
	if info.IsDir() {
		return d.list(name)
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
	return &file{d.root, entity{
		mime: typeOf(name, f), name: name, modified: info.ModTime(), tag: tagOf(digest), digest: digest,
		size: info.Size(),
	}}
}

// A file is an entity that is opened when it is served.
type file struct {
	root   *os.Root
	entity entity // without a body
}

// Sum implements [Summer].
func (f *file) Sum() Sum { return f.entity.Sum() }

func (f *file) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := f.root.Open(f.entity.name)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	defer body.Close()
	e := f.entity
	e.body = body
	e.ServeHTTP(w, r)
}

// ServeHTTP implements [http.Handler].
func (d *Dir) ServeHTTP(w http.ResponseWriter, r *http.Request) { serve(d, w, r) }

// typeOf returns the media type of a file, by its name or else by its first
// bytes. Like other servers it uses the table of the machine.
func typeOf(name string, f io.Reader) string {
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	var head [512]byte
	n, _ := io.ReadFull(f, head[:])
	return http.DetectContentType(head[:n])
}
