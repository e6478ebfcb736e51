package main

import (
	"strings"
	"testing"
)

func TestTable(t *testing.T) {
	if _, err := parse("flags.txt", source); err != nil {
		t.Fatal(err)
	}
}

func TestParseRefuses(t *testing.T) {
	tests := []struct{ text, want string }{
		{"XX 3:2 h mauve", "mauve"},
		{"XX 3:2 h #12345", "#12345"},
		{"XX 3:2 blob #123456", "blob"},
		{"XX 3:2", "a layer is missing"},
		{"XX 3:2 h #123456;", "a layer is missing"},
		{"XX 3-2 h #123456", "ratio"},
		{"XX 9:1 h #123456", "ratio"},
		{"XXX 3:2 h #123456", "country code"},
		{"xx 3:2 h #123456", "country code"},
		{"XX 3:2 h #123456\nXX 3:2 h #123456", "test:2: XX stands twice"},
		{"XX 3:2 disc #123456 10", "0 points"},
		{"XX 3:2 disc #123456 50,50", "0 numbers"},
		{"XX 3:2 disc 10 50,50", "0 colours"},
		{"XX 3:2 disc #123456 10 50,x", `"x" is not a number`},
		{"XX 3:2 disc #123456 NaN,50 1", `"NaN" is not a number`},
		{"XX 3:2 disc #123456 1e9 50,50", "within"},
		{"XX 3:2 disc #123456 10 50,50 n=5", `no option "n"`},
		{"XX 3:2 h #123456:0", "not a weight"},
		{"colour mauve purple", "purple"},
		{"emblem x disc $", "0 points"},
		{"emblem x h $\nXX 3:2 x 50,50", "corners"},
		{"emblem x h $\nXX 3:2 x 50,50 40", "needs a colour"},
	}
	for _, test := range tests {
		if _, err := parse("test", test.text); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: got %v, want an error with %q", test.text, err, test.want)
		}
	}
}

// TestParseAll wants every mistake reported, each with its line.
func TestParseAll(t *testing.T) {
	_, err := parse("test", "# one\nXX 3:2 h\n #123456;\n oops\n\nYY 0:1 h #123456\nZZ 3:2 h #123456")
	if err == nil || !strings.Contains(err.Error(), "test:2: ") || !strings.Contains(err.Error(), "test:6: ") ||
		strings.Contains(err.Error(), "ZZ") {
		t.Errorf("got %v, want lines 2 and 6", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("colour red #CE1126\nemblem x h $; star $ 10 50,50 n=7\nXX 3:2 x red 50,50 40; h red:2 #FFFFFF\n v red")
	f.Add("XX 1:4 crescent #000000 20 10 1,1 -1000,1000; teeth #000000 10 20 n=0; grid #000000 5 0,0 9,9 cols=-1; " +
		"poly #000000 9,9 -9,5 5,5")
	f.Fuzz(func(t *testing.T, text string) {
		flags, err := parse("fuzz", text)
		if err != nil || strings.Count(text, ";") > 20 || strings.Count(text, "#") > 200 {
			return // a GIF holds 256 colours: TestGIF sees that the table keeps to that
		}
		for _, flag := range flags {
			encode(flag.draw())
		}
	})
}
