package flags

import (
	"slices"
	"strings"
	"testing"
)

func TestTop20(t *testing.T) {
	if got := Top20(); len(got) != 20 || got[0] != "CN" || got[19] != "FR" {
		t.Errorf("got %v, want CN to FR", got)
	}
}

func TestEvery(t *testing.T) {
	got := Every()
	if len(got) != 676 || got[0] != "AA" || got[26] != "BA" || got[675] != "ZZ" || !slices.IsSorted(got) {
		t.Errorf("%d codes, want AA to ZZ sorted: %v", len(got), got)
	}
}

func TestExpand(t *testing.T) {
	tests := []struct {
		names []string
		count int
		first string
		last  string
	}{
		{nil, 0, "", ""},
		{[]string{"br"}, 1, "BR", "BR"},
		{[]string{"us", "BR", "Us", "cN"}, 3, "BR", "US"},
		{[]string{"B"}, 26, "BA", "BZ"},
		{[]string{"c", "A", "b"}, 78, "AA", "CZ"},
		{[]string{"br", "b", "zz"}, 27, "BA", "ZZ"},
	}
	for _, test := range tests {
		got, err := Expand(test.names...)
		if err != nil || len(got) != test.count || !slices.IsSorted(got) {
			t.Errorf("Expand(%q) = %v, %v; want %d sorted codes", test.names, got, err, test.count)
		} else if len(got) > 0 && (got[0] != test.first || got[len(got)-1] != test.last) {
			t.Errorf("Expand(%q) = %s to %s, want %s to %s", test.names, got[0], got[len(got)-1], test.first, test.last)
		}
	}
}

func TestExpandRefuses(t *testing.T) {
	for _, bad := range []string{"", "A1", "USA", "B ", "-a", "ß", "ı", "ſs", "ÄÖ", "\xff"} {
		if got, err := Expand("BR", bad); err == nil || got != nil {
			t.Errorf("Expand(%q) = %v, %v; want an error", bad, got, err)
		}
	}
	_, err := Expand("A1", "br", "USA")
	if err == nil {
		t.Fatal("A1 and USA are accepted")
	}
	for _, want := range []string{`"A1"`, `"USA"`, "two letters", "or one"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %s:\n%v", want, err)
		}
	}
}

func FuzzExpand(f *testing.F) {
	for _, seed := range []string{"br", "B", "A1", "ı", "USA"} {
		f.Add(seed)
	}
	every := Every()
	f.Fuzz(func(t *testing.T, name string) {
		got, err := Expand(name)
		if (err == nil) != (len(got) == 1 || len(got) == 26) {
			t.Fatalf("Expand(%q) = %v, %v", name, got, err)
		}
		for _, code := range got {
			if _, ok := slices.BinarySearch(every, code); !ok {
				t.Errorf("Expand(%q) gives %q", name, code)
			}
		}
	})
}
