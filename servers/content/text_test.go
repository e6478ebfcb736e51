package content

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"testing"
	"testing/iotest"
)

// first is what the generator has always made first; another one would make
// every seed another world.
const first = "SstLWoE3BoJmfDBMXtupF-7knW2ALoSZ"

func readText(t *testing.T, seed uint64, key string, size int64) []byte {
	t.Helper()
	all, err := io.ReadAll(&text{seed: seed, hash: hashOf(key), size: size})
	if err != nil || int64(len(all)) != size {
		t.Fatalf("got %d bytes and %v, want %d", len(all), err, size)
	}
	return all
}

func TestText(t *testing.T) {
	const size = 3*blockSize + 17
	all := readText(t, 418, "BR", size)
	if err := iotest.TestReader(&text{seed: 418, hash: hashOf("BR"), size: size}, all); err != nil {
		t.Error(err)
	}
	if got := string(all[:len(first)]); got != first {
		t.Errorf("got %q, want %q", got, first)
	}
	for i, line := range bytes.Split(all, []byte("\n"))[:size/lineSize] {
		if len(line) != lineSize-1 {
			t.Errorf("line %d has %d letters", i+1, len(line))
		}
	}
	for _, block := range []int{1, 2} {
		if bytes.Equal(all[:blockSize], all[block*blockSize:][:blockSize]) {
			t.Errorf("block %d is the first one again", block)
		}
	}
	if bytes.Equal(all, readText(t, 419, "BR", size)) || bytes.Equal(all, readText(t, 418, "CN", size)) {
		t.Error("another seed or key makes the same text")
	}
	if !bytes.HasPrefix(all, readText(t, 418, "BR", size/2)) {
		t.Error("a shorter text is no prefix of a longer one")
	}
	readText(t, 0, "", 0)
}

// TestTextIsText has no body that a client takes for a picture or a font by its
// first letters.
func TestTextIsText(t *testing.T) {
	for i := range 20_000 {
		body := readText(t, 5, fmt.Sprintf("item-%d", i), 100)
		if sort := http.DetectContentType(body); sort != "text/plain; charset=utf-8" {
			t.Errorf("item-%d: %s: %q", i, sort, body)
		}
	}
}

func BenchmarkText(b *testing.B) {
	b.SetBytes(1 << 20)
	for b.Loop() {
		io.Copy(io.Discard, &text{size: 1 << 20})
	}
}

func BenchmarkDigest(b *testing.B) {
	b.SetBytes(1 << 20)
	for b.Loop() {
		new(digests[int]).of(1, &text{size: 1 << 20})
	}
}
