// Package flags holds the pictures that the test servers serve: one GIF of a
// few kilobytes for each of 194 countries, known by its two-letter code.
//
//	pic, ok := flags.GIF("BR") // the bytes of br.gif
//
// The pictures are drawn from a table by go generate and embedded, half a
// megabyte in all. All functions may be called by any number of goroutines,
// inside a testing/synctest bubble as well as outside.
//
// The drawings are true to colours, stripes and the place of the main emblem.
// Arms, animals and writing are simplified to a shield or an outline, so the
// pictures are test data, not a reference for vexillologists.
//
// Codes, Top20, Every and [Expand] name the countries that a download may ask
// for. Every contains 482 codes that no country has: a server answers those
// with 404 Not Found.
package flags

import (
	"embed"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
)

//go:generate go run ./internal/draw gif

//go:embed gif
var folder embed.FS

// pictures are the bytes of every flag, read once.
var pictures = sync.OnceValue(func() map[string][]byte {
	all := map[string][]byte{}
	files, err := fs.Glob(folder, "gif/*.gif")
	if err != nil {
		panic(err) // the pattern is malformed
	}
	for _, name := range files {
		data, err := folder.ReadFile(name)
		if err != nil {
			panic(err) // what is embedded can be read
		}
		all[strings.ToUpper(strings.TrimSuffix(path.Base(name), ".gif"))] = data
	}
	return all
})

// GIF returns the flag of the country with this upper-case code, and whether
// there is one. All callers share the bytes and must not change them.
func GIF(code string) ([]byte, bool) {
	data, ok := pictures()[code]
	return data, ok
}

// Has reports whether there is a flag for this upper-case code.
func Has(code string) bool {
	_, ok := pictures()[code]
	return ok
}

// Codes returns the 194 codes that have a flag, sorted, AD to ZW.
func Codes() []string { return slices.Sorted(maps.Keys(pictures())) }
