// Package flags holds the pictures that the test servers serve: one GIF of a
// few kilobytes for each of 194 countries, known by its two-letter code.
//
//	pic, ok := flags.GIF("BR") // the bytes of br.gif
//
// No picture is stored. A flag is drawn from one line of flags.txt the first
// time it is asked for and kept from then on. The same code gives the same
// picture, pixel for pixel, on every platform. All functions may be called by
// any number of goroutines, inside a testing/synctest bubble as well as
// outside.
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
	_ "embed"
	"maps"
	"slices"
	"sync"
)

//go:embed flags.txt
var source string

// table is parsed once. A mistake in flags.txt fails the tests of this package,
// so that a released table always parses.
var table = sync.OnceValue(func() map[string]*flag {
	t, err := parse("flags.txt", source)
	if err != nil {
		panic(err)
	}
	return t
})

// A flag is one line of the table and, once drawn, its picture.
type flag struct {
	wide, high int64 // the ratio of the sides
	layers     []layer
	once       sync.Once
	gif        []byte
}

func (f *flag) picture() []byte {
	f.once.Do(func() { f.gif = encode(f.draw()) })
	return f.gif
}

// GIF returns the flag of the country with this upper-case code, and whether
// there is one. All callers share the bytes and must not change them.
func GIF(code string) ([]byte, bool) {
	f, ok := table()[code]
	if !ok {
		return nil, false
	}
	return f.picture(), true
}

// Has reports whether there is a flag for this upper-case code.
func Has(code string) bool {
	_, ok := table()[code]
	return ok
}

// Codes returns the 194 codes that have a flag, sorted, AD to ZW.
func Codes() []string { return slices.Sorted(maps.Keys(table())) }
