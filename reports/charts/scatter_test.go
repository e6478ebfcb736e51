package charts

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/internal/fixture"
)

// drawnCells are the cells that paths of lines cover.
func drawnCells(t *testing.T, paths ...string) map[[2]int]bool {
	t.Helper()
	all := map[[2]int]bool{}
	for _, line := range strings.Split(strings.Join(paths, ""), "M")[1:] {
		var x, y, n int
		if _, err := fmt.Sscanf(line, "%d %dh%d", &x, &y, &n); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		for i := range n {
			if all[[2]int{x + i, y}] {
				t.Errorf("cell %d %d is drawn twice", x+i, y)
			}
			all[[2]int{x + i, y}] = true
		}
	}
	return all
}

// TestScatter wants each task in a cell that is drawn, no other cell, and the
// wrong ones marked.
func TestScatter(t *testing.T) {
	took := func(times ...time.Duration) *record.Recording {
		r := &record.Recording{Clock: record.Virtual}
		for i, d := range times {
			at := time.Duration(i) * time.Second
			r.Samples = append(r.Samples, record.Sample{
				Seq: i, Started: at, Finished: at + d, Seen: record.Seen{Class: record.OK},
				Planned: record.Planned{PlannedClass: record.OK}, Did: "none",
			})
			r.Makespan = max(r.Makespan, at+d)
		}
		return r
	}
	wrong := took(time.Second, time.Second, time.Minute)
	wrong.Samples[2].PlannedClass, wrong.Samples[2].Did = record.Truncated, "truncate"
	wrong.Samples[2].PlannedFault = "truncate"
	for name, r := range map[string]*record.Recording{
		"one":          took(time.Second),
		"alike":        took(time.Second, time.Second, time.Second),
		"some at once": took(0, time.Second, 0, 2*time.Second),
		"every size":   took(1, 10, 1000, time.Millisecond, time.Second, time.Hour),
		"wrong":        wrong,
		"many":         fixture.Simulate("many", "pool", 10, 2000, 0),
	} {
		t.Run(name, func(t *testing.T) {
			c := newScatter(r)
			var paths []string
			for _, s := range c.Shades {
				paths = append(paths, s.Path)
			}
			cells, untrue := drawnCells(t, paths...), drawnCells(t, c.Wrong)
			across, up := scale{hi: c.End}, scale{lo: c.Lo, hi: c.Hi, log: true}
			want, wantWrong := map[[2]int]bool{}, map[[2]int]bool{}
			for _, s := range r.Samples {
				if s.Latency() < 0 {
					continue
				}
				at := [2]int{
					min(across.at(s.Finished)*c.Columns/width, c.Columns-1),
					c.Cells - 1 - min(up.at(s.Latency())*c.Cells/width, c.Cells-1),
				}
				want[at] = true
				if r.Wrong(&s) {
					wantWrong[at] = true
				}
			}
			if fmt.Sprint(cells) != fmt.Sprint(want) || fmt.Sprint(untrue) != fmt.Sprint(wantWrong) {
				t.Errorf("got %v, wrong %v; want %v, wrong %v", cells, untrue, want, wantWrong)
			}
			if (name == "wrong") != (len(untrue) > 0) {
				t.Errorf("wrong cells: %v", untrue)
			}
			if c.Median == "" || c.P99 == "" || strings.Count(c.Median, "M") != strings.Count(c.P99, "M") {
				t.Errorf("lines %q and %q", c.Median, c.P99)
			}
		})
	}
	if newScatter(&record.Recording{}) != nil || newScatter(took(0, 0)) != nil {
		t.Error("a drawing of no time")
	}
}

// TestScatterLines wants the percentiles of each part of the run, a gap where
// nothing ended, and the title to tell the least and the greatest median.
func TestScatterLines(t *testing.T) {
	r := &record.Recording{Makespan: 30 * time.Second}
	add := func(end time.Duration, took ...time.Duration) {
		for _, d := range took {
			r.Samples = append(r.Samples, record.Sample{
				Started: end - d, Finished: end, Seen: record.Seen{Class: record.OK},
			})
		}
	}
	add(5*time.Second, slices.Repeat([]time.Duration{time.Second}, 10)...)
	add(5*time.Second, 3*time.Second)
	add(25*time.Second, slices.Repeat([]time.Duration{2 * time.Second}, 20)...)
	c := newScatter(r)
	up := scale{lo: c.Lo, hi: c.Hi, log: true}
	y := func(d time.Duration) int { return width - up.at(d) }
	const first, last = width / 6, width * 5 / 6
	if want := fmt.Sprintf("M%d %dh99M%d %dh99", first, y(time.Second), last, y(2*time.Second)); c.Median != want {
		t.Errorf("median %q, want %q", c.Median, want)
	}
	if want := fmt.Sprintf("M%d %dh99M%d %dh99", first, y(3*time.Second), last, y(2*time.Second)); c.P99 != want {
		t.Errorf("p99 %q, want %q", c.P99, want)
	}
	if want := "The median service time moved between 1s and 2s"; c.Title != want {
		t.Errorf("title %q, want %q", c.Title, want)
	}
}
