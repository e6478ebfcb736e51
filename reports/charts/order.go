package charts

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/text"
)

// places is how many dots an order is wide and tall at most: of more tasks,
// several share one.
const places = 60

// An Order shows the order in which tasks ended and results reached the caller.
// A dot's x is the turn, and its y the number of the task. Results in the order
// of submission make a rising diagonal.
type Order struct {
	Size      int    // of the square, in the chart's own units
	Delivered string // dots, as a path to be stroked
	Finished  string
	Title     string   // what it shows, in a sentence
	Words     []string // and in more
}

// NewOrder draws the order of the run's results, or nil if there are fewer than
// two, or if the recording does not keep all of them.
func NewOrder(r *record.Recording) *Order {
	if r.Totals != nil {
		return nil
	}
	delivered := inTurn(r.Samples, ranking(r.Samples, func(s *record.Sample) time.Duration { return s.Delivered }))
	finished := ranking(r.Samples, func(s *record.Sample) time.Duration { return s.Finished })
	if len(delivered) < 2 {
		return nil
	}
	size := min(places, len(r.Samples))
	o := &Order{
		Size:      10 * size,
		Delivered: dots(delivered, len(r.Samples), size),
		Finished:  dots(finished, len(r.Samples), size),
	}
	came, ended := described(delivered, len(r.Generators)), described(finished, len(r.Generators))
	how, _, _ := strings.Cut(came, ":")
	o.Title = "Results came " + how
	o.Words = []string{"Results were delivered " + came + ".", "Tasks finished " + ended + "."}
	var held, total time.Duration
	n := 0
	for i := range r.Samples {
		s := &r.Samples[i]
		if wait := s.Delivered - s.Finished; s.Delivered >= 0 && s.Finished >= 0 && wait > 0 {
			held, total, n = max(held, wait), total+wait, n+1
		}
	}
	if held > 0 && held >= r.Makespan/1000 {
		o.Words = append(
			o.Words,
			fmt.Sprintf(
				"A finished result waited up to %s for its delivery, %s on average.",
				text.Short(held),
				text.Short(total/time.Duration(n)),
			),
		)
	}
	return o
}

// inTurn is the order in which results of one instant were delivered, where
// that is not the order of submission.
func inTurn(samples []record.Sample, delivered []int) []int {
	if !slices.ContainsFunc(samples, func(s record.Sample) bool { return s.Turn > 0 }) {
		return delivered
	}
	turn := func(i int) int { return cmp.Or(samples[i].Turn, samples[i].Seq+1) }
	slices.SortFunc(delivered, func(a, b int) int {
		return cmp.Or(cmp.Compare(samples[a].Delivered, samples[b].Delivered), cmp.Compare(turn(a), turn(b)))
	})
	return delivered
}

// ranking is the samples' indices by the time that they have reached; what is
// done in one instant keeps the order of submission.
func ranking(samples []record.Sample, at func(*record.Sample) time.Duration) []int {
	order := make([]int, 0, len(samples))
	for i := range samples {
		if at(&samples[i]) >= 0 {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(at(&samples[a]), at(&samples[b])), cmp.Compare(a, b))
	})
	return order
}

// dots are the places that anything falls into, in a square of size by size;
// neighbours in a row are one line.
func dots(order []int, of, size int) string {
	cells := make([]bool, size*size)
	for turn, i := range order {
		x, y := turn*size/of, size-1-i*size/of
		cells[y*size+x] = true
	}
	var path []byte
	for at := 0; at < len(cells); at++ {
		if !cells[at] {
			continue
		}
		long := 0
		for (at+1)%size != 0 && cells[at+1] {
			at, long = at+1, long+1
		}
		// a line of no length is not drawn on paper
		path = fmt.Appendf(path, "M%d %dh%d", (at%size-long)*10+5, at/size*10+5, max(10*long, 1))
	}
	return string(path)
}

// described says in words how far an order is from that of submission. Of
// several load generators each delivers its own tasks.
func described(order []int, generators int) string {
	early, furthest := 0, 0
	n := max(generators, 1)
	for k := range n {
		share := order
		if n > 1 {
			share = nil
			for _, i := range order {
				if i%n == k {
					share = append(share, i/n)
				}
			}
		}
		e, f := overtaken(share)
		early, furthest = early+e, max(furthest, f)
	}
	in, within := "", ""
	if n > 1 {
		in, within = " of each load generator", " within load generators"
	}
	if early == 0 {
		return "in the order of submission" + in
	}
	return fmt.Sprintf("out of order%s: %d of %d before an earlier submission, up to %s ahead", within, early,
		len(order), text.Plural(furthest, "place"))
}

// overtaken counts what comes in an order before an earlier submission, and by
// how many places at most.
func overtaken(order []int) (early, furthest int) {
	last := math.MaxInt
	for turn := len(order) - 1; turn >= 0; turn-- {
		if order[turn] > last {
			early++
		}
		last = min(last, order[turn])
		furthest = max(furthest, order[turn]-turn)
	}
	return early, furthest
}
