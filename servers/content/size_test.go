package content

import (
	"math/rand/v2"
	"strings"
	"testing"
)

func TestParseSize(t *testing.T) {
	for _, test := range []struct{ text, want, wrong string }{
		{"0B", "0B", ""},
		{"512B", "512B", ""},
		{" 64KB ", "64KB", ""},
		{"64 KiB", "64KiB", ""},
		{"1024KiB", "1MiB", ""},
		{"1500B", "1500B", ""},
		{"1GiB", "1GiB", ""},
		{"1GB", "1GB", ""},
		{"uniform(1KB,10MB)", "uniform(1KB, 10MB)", ""},
		{"uniform ( 0B , 0B )", "uniform(0B, 0B)", ""},
		{"doubling(1KB, 10MB)", "doubling(1KB, 10MB)", ""},
		{"", "", `"" is not a whole number of B, KB`},
		{"64", "", `"64" is not a whole number of B, KB`},
		{"1.5MB", "", `"1.5MB" is not a whole number`},
		{"-1B", "", `"-1B" is not a whole number`},
		{"2GiB", "", "1GiB at most"},
		{"99999999999999999999B", "", "1GiB at most"},
		{"64kb", "", `"64kb" is not`},
		{"normal(1KB, 2KB)", "", `unknown distribution "normal"`},
		{"uniform(1KB)", "", "takes two sizes: uniform(1KB, 10MB)"},
		{"doubling(1KB, 2KB", "", "doubling takes two sizes: doubling(1KB, 10MB)"},
		{"uniform(2KB, 1KB)", "", "the first is above the second"},
		{"uniform(x, y)", "", `"x" is not a whole number`},
		{"doubling(0B, 1KB)", "", "nothing never doubles"},
	} {
		size, err := ParseSize(test.text)
		switch {
		case test.wrong != "":
			if err == nil || !strings.Contains(err.Error(), test.wrong) || !strings.HasSuffix(err.Error(), ": want "+
				SizeForms) || size != nil {
				t.Errorf("%q: got %v, %v, want %s, and the forms", test.text, size, err, test.wrong)
			}
		case err != nil:
			t.Errorf("%q: %v", test.text, err)
		case size.String() != test.want:
			t.Errorf("%q: got %s, want %s", test.text, size, test.want)
		}
	}
}

// FuzzParseSize holds what is read to what is written, and every draw to the
// bounds.
func FuzzParseSize(f *testing.F) {
	for _, text := range []string{
		"64KB", "uniform(1KB, 10MB)", "doubling(1B, 1GiB)", "doubling(3B, 3B)",
		"uniform(0B, 1B)", "1(", ")(,",
	} {
		f.Add(text, uint64(1))
	}
	f.Fuzz(func(t *testing.T, text string, seed uint64) {
		size, err := ParseSize(text)
		if err != nil {
			return
		}
		again, err := ParseSize(size.String())
		if err != nil || again != size {
			t.Fatalf("%q is written as %s, which is read as %v, %v", text, size, again, err)
		}
		if n := size.Draw(rand.NewPCG(seed, 0)); n < 0 || n > maxSize {
			t.Fatalf("%s has drawn %d", size, n)
		}
	})
}

// TestDraw draws often enough for every bound to be met and every doubling to
// have its share.
func TestDraw(t *testing.T) {
	const draws = 20_000
	for _, test := range []struct {
		text     string
		low, top int64
	}{
		{"7B", 7, 7},
		{"uniform(3B, 5B)", 3, 5},
		{"doubling(1B, 1B)", 1, 1},
		{"doubling(1B, 2B)", 1, 2},
		{"doubling(1B, 3B)", 1, 3},
		{"doubling(1B, 4B)", 1, 4},
		{"doubling(3B, 25B)", 3, 25},
	} {
		size, err := ParseSize(test.text)
		if err != nil {
			t.Fatal(err)
		}
		src, seen := rand.NewPCG(4, 18), map[int64]int{}
		for range draws {
			seen[size.Draw(src)]++
		}
		for n := range seen {
			if n < test.low || n > test.top {
				t.Errorf("%s: got %d", test.text, n)
			}
		}
		if seen[test.low] == 0 || seen[test.top] == 0 {
			t.Errorf("%s: never met a bound: %v", test.text, seen)
		}
	}
	size, _ := ParseSize("doubling(1KiB, 8KiB)")
	src, doublings := rand.NewPCG(4, 18), map[string]int{}
	for range draws {
		switch n := size.Draw(src); {
		case n < 2<<10:
			doublings["first"]++
		case n < 4<<10:
			doublings["second"]++
		default:
			doublings["third"]++
		}
	}
	for name, n := range doublings {
		if share := float64(n) / draws; share < 0.32 || share > 0.35 {
			t.Errorf("the %s doubling has %.3f of all, want a third", name, share)
		}
	}
}
