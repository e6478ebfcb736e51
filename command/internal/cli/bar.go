package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/teapot-go/teapot/command/internal/live"
	"github.com/teapot-go/teapot/reports/text"
)

// The narrowest and the widest bar that is worth its place.
const (
	narrowest = 10
	widest    = 40
)

// barLine is a reading as text of at most so many columns, after the place of
// the run among others. What there is no room for is left out, the least
// telling first: the bar, the elapsed time, the lateness, and so on to the
// tally and the place.
func barLine(place string, r live.Reading, width int) string {
	s := barState(r)
	count := fmt.Sprintf("%s%s %d/%d", place, s.Name, r.Done(), s.Tasks)
	if place != "" && utf8.RuneCountInString(count) > width {
		return barLine("", r, width)
	}
	alarm, health := "", ""
	if told, ill := r.Health(); ill {
		alarm = told
	} else {
		health = told
	}
	parts := slices.DeleteFunc([]string{
		alarm, s.tally(), s.remaining(), s.rate(), s.latency(), s.lateness(), s.running(), health,
		text.Short(s.Real.Round(100 * time.Millisecond)),
	}, func(part string) bool { return part == "" })
	free := width - utf8.RuneCountInString(count)
	if free < 0 {
		return string([]rune(count)[:max(width, 0)])
	}
	kept := 0
	for kept < len(parts) && 2+utf8.RuneCountInString(parts[kept]) <= free {
		free -= 2 + utf8.RuneCountInString(parts[kept])
		kept++
	}
	var line strings.Builder
	line.WriteString(count)
	if free >= narrowest+3 {
		line.WriteString(" " + s.bar(min(free-3, widest)))
	}
	for _, part := range parts[:kept] {
		line.WriteString("  " + part)
	}
	return line.String()
}

// A barState is what a bar shows.
type barState live.Reading

func (s barState) done() int { return live.Reading(s).Done() }

func (s barState) bar(width int) string {
	full := 0
	if s.Tasks > 0 {
		full = width * min(s.done(), s.Tasks) / s.Tasks
	}
	return "[" + strings.Repeat("#", full) + strings.Repeat("-", width-full) + "]"
}

func (s barState) tally() string {
	tally := fmt.Sprintf("%d ok", s.OK)
	if s.Missing > 0 {
		tally += fmt.Sprintf(" %d not found", s.Missing)
	}
	if s.Wrong > 0 {
		tally += " " + text.Plural(s.Wrong, "error")
	}
	return tally
}

// rate is that of the last seconds, or where they are simulated, the one of the
// run in real time.
func (s barState) rate() string {
	switch {
	case s.Real <= 0:
		return "-/s"
	case s.timed():
		return fmt.Sprintf("%.3g/s", s.Rate)
	}
	return fmt.Sprintf("%.3g/s", float64(s.done())/s.Real.Seconds())
}

// timed reports whether the bar shows times that someone waits for.
func (s barState) timed() bool { return s.Timed && !s.Virtual }

func (s barState) latency() string {
	if !s.timed() {
		return ""
	}
	return "p99 " + text.Short(s.P99)
}

func (s barState) running() string {
	if !s.timed() {
		return ""
	}
	return fmt.Sprintf("%d running", s.Under)
}

// lateness is how late tasks were sent, if that can be seen.
func (s barState) lateness() string {
	if !s.timed() || s.Lateness < 10*time.Millisecond {
		return ""
	}
	return "sent " + text.Short(s.Lateness) + " late"
}

func (s barState) remaining() string {
	rest, ok := live.Reading(s).Left()
	if !ok {
		return "? left"
	}
	return text.Short(rest.Round(100*time.Millisecond)) + " left"
}
