package main

import (
	"bytes"
	"image/gif"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestDrawn holds the embedded pictures to the table: every flag has one, they
// are the same pixel for pixel, and there is no other. The files may differ:
// another Go may compress them better.
func TestDrawn(t *testing.T) {
	const embedded = "../../gif"
	dir := t.TempDir()
	if err := write(dir); err != nil {
		t.Fatal(err)
	}
	names := files(t, dir)
	if kept := files(t, embedded); !slices.Equal(names, kept) {
		t.Fatalf("the table has %v, and embedded is %v: run go generate ./servers/flags", names, kept)
	}
	for _, name := range names {
		if !bytes.Equal(pixels(t, filepath.Join(dir, name)), pixels(t, filepath.Join(embedded, name))) {
			t.Errorf("%s differs from its line of the table: run go generate ./servers/flags", name)
		}
	}
}

func TestWriteFails(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing")
	if err := write(missing); err == nil || !strings.Contains(err.Error(), missing) {
		t.Errorf("got %v, want an error that names %s", err, missing)
	}
}

func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// pixels returns the colours of a picture, from the top left to the right and
// down, and the width of a line.
func pixels(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	img, err := gif.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	b := img.Bounds()
	all := []byte{byte(b.Dx()), byte(b.Dx() >> 8)}
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			red, green, blue, _ := img.At(x, y).RGBA()
			all = append(all, byte(red>>8), byte(green>>8), byte(blue>>8))
		}
	}
	return all
}

func BenchmarkDraw(b *testing.B) {
	flags, err := parse("flags.txt", source)
	if err != nil {
		b.Fatal(err)
	}
	f := flags["US"]
	for b.Loop() {
		encode(f.draw())
	}
}
