package hunt

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/scenarios/strict"
)

func TestDdmin(t *testing.T) {
	all := make([]int, 40)
	for i := range all {
		all[i] = i
	}
	for _, want := range [][]int{{0}, {39}, {3, 17}, {0, 1, 38, 39}, {5, 6, 7, 20, 33}, all} {
		tries := 0
		got := ddmin(all, func(part []int) bool {
			if tries++; len(part) == 0 || len(part) == len(all) || !slices.IsSorted(part) {
				t.Errorf("want %v: tried %v", want, part)
			}
			return !slices.ContainsFunc(want, func(i int) bool { return !slices.Contains(part, i) })
		})
		if !slices.Equal(got, want) {
			t.Errorf("got %v in %d tries, want %v", got, tries, want)
		}
	}
	if got := ddmin([]int{7}, func([]int) bool { t.Error("tried a part of one"); return true }); len(got) != 1 {
		t.Errorf("got %v", got)
	}
}

func TestKinds(t *testing.T) {
	seen, planned := record.Seen{Class: record.OK}, record.Planned{PlannedClass: record.Truncated}
	samples := []record.Sample{
		{Key: "BR", Seen: seen, Did: "truncate", Planned: planned},
		{Key: "CN", Seen: seen, Did: "truncate", Planned: planned},
		{Key: "FR", Misstep: "attempt 4 was made: at most 3"},
	}
	for _, tt := range []struct {
		name string
		vs   []record.Violation
		want []string
	}{
		{"none", nil, nil},
		{
			"reports, and the outcomes that follow",
			[]record.Violation{{Check: "outcomes"}, {Check: "classification"}},
			[]string{"classification: truncate: got ok, want truncated"},
		},
		{"outcomes alone", []record.Violation{{Check: "outcomes", Got: "20 ok"}}, []string{"outcomes: N ok"}},
		{"retries", []record.Violation{{Check: "retries", Got: "FR"}}, []string{"retries: attempt N was made"}},
		{
			"keys, figures and quotations",
			[]record.Violation{{Check: "order", Got: `BR, CN and 3 more after 2.5s: "x 1"` + "\nmore"}},
			[]string{"order: KEY after N: TEXT"},
		},
		{"a word with a key in it", []record.Violation{{Check: "a", Got: "BRA BR"}}, []string{"a: BRA KEY"}},
	} {
		var got []string
		for _, k := range kindsOf(&record.Recording{Samples: samples, Violations: tt.vs}) {
			got = append(got, k.String())
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestRewritten wants a scenario that is written again to mean the same.
func TestRewritten(t *testing.T) {
	files, err := filepath.Glob("../testdata/good/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		v := scenarios.Vocabulary{}
		s, mistakes := v.Parse(file, text)
		if mistakes != nil {
			continue // it names what this program does not register
		}
		tried++
		tree, err := strict.ParseNode(text)
		if err != nil {
			t.Fatal(err)
		}
		again, mistakes := v.Parse(file, tree.YAML())
		if mistakes != nil {
			t.Errorf("%s: %v\n%s", file, mistakes, tree.YAML())
			continue
		}
		for _, part := range [][2]any{
			{s.Server, again.Server},
			{s.Executors, again.Executors},
			{s.Expect, again.Expect},
			{s.Keys(), again.Keys()},
		} {
			if !reflect.DeepEqual(part[0], part[1]) {
				t.Errorf("%s: %+v is written as %+v", file, part[0], part[1])
			}
		}
	}
	if tried < 20 {
		t.Fatalf("only %d files", tried)
	}
}
