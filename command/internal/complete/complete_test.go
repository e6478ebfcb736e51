package complete_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"github.com/teapot-go/teapot/command/internal/complete"
)

type grammar struct {
	Brew struct {
		Leaf  string `arg:"" optional:"" complete:"GREEN,BLACK"`
		Hot   bool   `short:"x"`
		Water string `enum:"soft,hard" default:"soft" short:"w"`
		Cups  int
	} `cmd:""`
	Break struct{} `cmd:""`
	Leak  struct{} `cmd:"" hidden:""`
}

func TestWords(t *testing.T) {
	parser, err := kong.New(new(grammar))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ words, want string }{
		{"", "brew break"},
		{"br", "brew break"},
		{"bre", "brew break"},
		{"brew", "brew"},
		{"x", ""},
		{"brew ", "GREEN BLACK"},
		{"brew g", "GREEN"},
		{"brew GREEN b", "BLACK"},
		{"brew -", "--help --hot --water --cups"},
		{"brew --h", "--help --hot"},
		{"brew --water ", "soft hard"},
		{"brew -w h", "hard"},
		{"brew --water=", "soft hard"},
		{"brew --water=s", "soft"},
		{"brew --water = s", "soft"},
		{"brew --water =", "soft hard"},
		{"brew --cups ", ""},
		{"brew --hot ", "GREEN BLACK"},
		{"brew -x g", "GREEN"},
		{"brew --water soft g", "GREEN"},
		{"brew --tea=", ""},
		{"--", "--help"},
		{"=", ""},
		{"break g", ""},
	} {
		got := complete.Words(parser.Model, strings.Split(tt.words, " "))
		if want := strings.Fields(tt.want); !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", tt.words, got, want)
		}
	}
	if got := complete.Words(parser.Model, nil); !slices.Equal(got, []string{"brew", "break"}) {
		t.Errorf("nothing: got %q", got)
	}
}
