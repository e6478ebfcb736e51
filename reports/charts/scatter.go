package charts

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/text"
)

// The cells of a scatter, the shades that they may have, and how many tasks a
// part of the run has that its percentiles are of, if they come evenly.
const (
	acrossCells = 48
	upCells     = 20
	shades      = 4
	leastInPart = 10
)

// A scatter shows how long each task took over when it ended: its latency from
// when it was due if the workload is open, and else its service time. There may
// be a million tasks, so they are counted in cells. The axis of times is
// logarithmic. Lines are the percentiles of the tasks that ended in each part
// of the run.
type scatter struct {
	Title   string // what the chart shows, in a sentence
	Label   string
	Open    bool          // the times are from when the tasks were due
	Time    string        // what the axis of times has
	Lo, Hi  time.Duration // its ends
	End     time.Duration // of the axis across, which begins at 0
	Shades  []shade       // cells by how many tasks they have, from few to many
	Wrong   string        // cells with a task that ended otherwise than a correct client reports
	Median  string
	P99     string
	Up      []tick
	Across  []tick
	Grid    string
	Columns int // of the cells, and Cells rows
	Cells   int
}

// A shade is the cells of a scatter that have about as many tasks.
type shade struct{ Path, Opacity string }

// points calls do with each task that has ended: when it did, how long it took,
// and whether a correct client reports something else. There may be a million,
// so they are not gathered.
type points func(do func(at, took time.Duration, wrong bool))

func pointsOf(r *record.Recording) points {
	open := r.Open()
	return func(do func(at, took time.Duration, wrong bool)) {
		for i := range r.Samples {
			s := &r.Samples[i]
			if s.Latency() < 0 || s.Class.Outcome() == record.OutcomeNone {
				continue
			}
			took := s.Latency()
			if open {
				took = s.Response()
			}
			do(s.Finished, max(took, 0), r.Wrong(s))
		}
	}
}

// newScatter draws the tasks of a run, or returns nil if none took any time.
func newScatter(r *record.Recording) *scatter {
	c := &scatter{Open: r.Open(), Time: "service time", Columns: acrossCells, Cells: upCells, End: r.Makespan}
	if c.Open {
		c.Time = "latency, from due"
	}
	all, n := pointsOf(r), 0
	shortest, longest := time.Duration(math.MaxInt64), time.Duration(0)
	all(func(at, took time.Duration, _ bool) {
		n++
		c.End, longest = max(c.End, at), max(longest, took)
		if took > 0 {
			shortest = min(shortest, took)
		}
	})
	if longest <= 0 || c.End <= 0 {
		return nil
	}
	across, up := scale{hi: c.End}, reaching(shortest, longest)
	c.Lo, c.Hi = up.lo, up.hi
	c.shade(all, across, up)
	least, most := c.follow(all, n, across, up)
	c.Across = across.across()
	c.Grid = grid(c.Across, width)
	for _, t := range up.ticks() {
		c.Grid += fmt.Sprintf("M0 %dh%d", width-t.At, width)
		t.X = fmt.Sprintf("%.1f%%", 100-100*float64(t.At)/width)
		c.Up = append(c.Up, t)
	}
	what, _, _ := strings.Cut(c.Time, ",")
	c.Title = fmt.Sprintf("The median %s was %s throughout", what, text.Short(most))
	if text.Short(least) != text.Short(most) {
		c.Title = fmt.Sprintf("The median %s moved between %s and %s", what, text.Short(least), text.Short(most))
	}
	c.Label = fmt.Sprintf("The %s of %s over the time at which they ended, from %s to %s.", c.Time,
		text.Plural(n, "task"), text.Short(up.lo), text.Short(up.hi))
	return c
}

// reaching is a logarithmic scale from the shortest time to the longest, of six
// decades at most. What is shorter is at its lower end.
func reaching(shortest, longest time.Duration) scale {
	s := scale{lo: 1, hi: longest, log: true}
	for want := max(min(shortest, longest/2), longest/1e6); s.lo <= want/10; s.lo *= 10 {
	}
	for _, n := range []time.Duration{5, 2} { // nearer to the shortest
		if s.lo*n <= shortest && s.lo*n < longest {
			s.lo *= n
			break
		}
	}
	s.hi = max(s.hi, s.lo+1)
	return s
}

// shade counts the points in the cells.
func (c *scatter) shade(all points, across, up scale) {
	var counts [upCells][acrossCells]int
	var wrong [upCells][acrossCells]bool
	most := 0
	all(func(at, took time.Duration, isWrong bool) {
		x := min(across.at(at)*acrossCells/width, acrossCells-1)
		y := upCells - 1 - min(up.at(took)*upCells/width, upCells-1)
		counts[y][x]++
		wrong[y][x] = wrong[y][x] || isWrong
		most = max(most, counts[y][x])
	})
	for degree := range shades {
		var path strings.Builder
		for y := range counts {
			of := func(x int) bool { return counts[y][x] > 0 && shadeOf(counts[y][x], most) == degree }
			path.WriteString(cells(y, of))
		}
		if path.Len() > 0 {
			c.Shades = append(c.Shades, shade{path.String(), fmt.Sprintf("%.1f", 0.2+0.2*float64(degree))})
		}
	}
	for y := range wrong {
		c.Wrong += cells(y, func(x int) bool { return wrong[y][x] })
	}
}

// shadeOf is the shade of a cell: the logarithm of its count.
func shadeOf(n, most int) int {
	if most == 1 {
		return shades - 1
	}
	return min(int(shades*math.Log(float64(n))/math.Log(float64(most))), shades-1)
}

// cells draws those cells of a row that are in, each run of them as one line.
func cells(y int, in func(x int) bool) string {
	var path []byte
	for x := 0; x < acrossCells; x++ {
		from := x
		for x < acrossCells && in(x) {
			x++
		}
		if x > from {
			path = fmt.Appendf(path, "M%d %dh%d", from, y, x-from)
		}
	}
	return string(path)
}

// follow draws the percentiles of each part of the run, and returns the least
// and the greatest median.
func (c *scatter) follow(all points, n int, across, up scale) (least, most time.Duration) {
	parts := min(max(n/leastInPart, 2), acrossCells)
	times := make([][]time.Duration, parts)
	all(func(at, took time.Duration, _ bool) {
		i := min(across.at(at)*parts/width, parts-1)
		times[i] = append(times[i], took)
	})
	least = math.MaxInt64
	var median, p99 []byte
	letter := "M"
	for i, those := range times {
		if len(those) == 0 {
			letter = "M" // no line where nothing ended
			continue
		}
		slices.Sort(those)
		half, x := rank(those, 0.5), (2*i+1)*width/(2*parts)
		least, most = min(least, half), max(most, half)
		median = fmt.Appendf(median, "%s%d %d", letter, x, width-up.at(half))
		p99 = fmt.Appendf(p99, "%s%d %d", letter, x, width-up.at(rank(those, 0.99)))
		if letter = "L"; i+1 == parts || len(times[i+1]) == 0 { // a part alone is to be seen too
			median, p99 = append(median, "h99"...), append(p99, "h99"...)
		}
	}
	c.Median, c.P99 = string(median), string(p99)
	return least, most
}

// rank is a percentile of sorted times, by the nearest rank.
func rank(times []time.Duration, share float64) time.Duration {
	return times[max(int(math.Ceil(float64(len(times))*share-1e-6)), 1)-1]
}
