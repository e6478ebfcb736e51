package cli

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/teapot-go/teapot/reports/text"
)

// A barState is what a bar shows.
type barState struct {
	Name        string
	Done, Total int
	Elapsed     time.Duration
	OK, Missing int // of those that are done; the others are errors
}

// The narrowest and the widest bar that is worth its place.
const (
	narrowest = 10
	widest    = 40
)

// barLine is the state as text of at most so many columns. What there is no
// room for is left out, the least telling first: the bar, the elapsed time, the
// rate, the time that remains, the tally.
func barLine(s barState, width int) string {
	count := fmt.Sprintf("%s %d/%d", s.Name, s.Done, s.Total)
	parts := []string{s.tally(), s.remaining(), s.rate(), text.Short(s.Elapsed.Round(100 * time.Millisecond))}
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

func (s barState) bar(width int) string {
	full := 0
	if s.Total > 0 {
		full = width * min(s.Done, s.Total) / s.Total
	}
	return "[" + strings.Repeat("#", full) + strings.Repeat("-", width-full) + "]"
}

func (s barState) tally() string {
	tally := fmt.Sprintf("%d ok", s.OK)
	if s.Missing > 0 {
		tally += fmt.Sprintf(" %d not found", s.Missing)
	}
	if n := s.Done - s.OK - s.Missing; n > 0 {
		tally += " " + text.Plural(n, "error")
	}
	return tally
}

func (s barState) rate() string {
	if s.Elapsed <= 0 {
		return "-/s"
	}
	return fmt.Sprintf("%.3g/s", float64(s.Done)/s.Elapsed.Seconds())
}

// remaining is how much longer the rest takes at the rate so far.
func (s barState) remaining() string {
	if s.Done == 0 {
		return "? left"
	}
	rest := time.Duration(float64(s.Elapsed) / float64(s.Done) * float64(max(s.Total-s.Done, 0)))
	return text.Short(rest.Round(100*time.Millisecond)) + " left"
}
