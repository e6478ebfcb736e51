package main

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/servers/fault"
)

// number reads how often to run a client from the environment.
func number(t *testing.T, name string, usual int) int {
	t.Helper()
	text, set := os.LookupEnv(name)
	if !set {
		return usual
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s=%q: want a whole number", name, text)
	}
	return n
}

// TestCorrect accuses no correct client, and judges at least 99 of 100 runs.
// GALLERY_SEEDS and GALLERY_REAL are the runs of each client under each clock.
func TestCorrect(t *testing.T) {
	runs := map[string]int{virtual: number(t, "GALLERY_SEEDS", 50), real: number(t, "GALLERY_REAL", 4)}
	for _, c := range slices.Concat(plain, libraries) {
		for _, clock := range []string{virtual, real} {
			if clock == virtual && c.realOnly != "" || runs[clock] == 0 {
				continue
			}
			t.Run(c.name+"/"+clock, func(t *testing.T) {
				if r := c.correct(t.Context(), clock, runs[clock]); r.fails() {
					t.Error(r.line())
					for _, text := range r.texts {
						t.Log(text)
					}
				}
			})
		}
	}
}

// TestWrong finds each wrong client, and none of those that it does not find
// yet. GALLERY_WRONG is the number of runs of each.
func TestWrong(t *testing.T) {
	for _, c := range wrongs {
		t.Run(c.name, func(t *testing.T) {
			if r := c.wrong(t.Context(), number(t, "GALLERY_WRONG", 5)); r.unfound() {
				t.Error(r.line())
			}
		})
	}
}

// TestKinds has a world of every kind of fault.
func TestKinds(t *testing.T) {
	for _, kind := range fault.Kinds() {
		of := func(k string) bool { return k == string(kind) || strings.HasPrefix(k, string(kind)+",") }
		if !slices.ContainsFunc(kinds, of) {
			t.Errorf("no world has the fault %s", kind)
		}
	}
}

// TestPage has no broken row.
func TestPage(t *testing.T) {
	r := plain[0].correct(t.Context(), virtual, 1)
	want := fmt.Sprintf("| %s | virtual | 1 | 1 | 0 | 0 |\n", r.title())
	if got := page([]result{r}, nil); !strings.Contains(got, want) {
		t.Errorf("got %s, want a row %s", got, want)
	}
}
