package learn

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode"
)

// figures says what latencies are like, and of how many requests.
func (w *writer) figures(took []time.Duration) string {
	return fmt.Sprintf("%s, p50 %v, p90 %v, p99 %v, max %v", plural(len(took), "request"), quantile(took, 0.5),
		quantile(took, 0.9), quantile(took, 0.99), rounded(took[len(took)-1]))
}

// quantile returns the smallest of sorted latencies that the given share of
// them does not exceed.
func quantile(sorted []time.Duration, share float64) time.Duration {
	i := int(math.Ceil(share*float64(len(sorted)))) - 1
	return rounded(sorted[min(max(i, 0), len(sorted)-1)])
}

// rounded returns a latency with four significant digits.
func rounded(d time.Duration) time.Duration {
	unit := time.Duration(1)
	for d/unit >= 10_000 {
		unit *= 10
	}
	return d.Round(unit)
}

// distribution returns the latency of a scenario that has these quantiles: all
// of a few requests, and else points that are equally likely.
func (w *writer) distribution(sorted []time.Duration, indent string) string {
	points := make([]time.Duration, min(len(sorted), w.Points))
	for i := range points {
		points[i] = rounded(sorted[int((float64(i)+0.5)/float64(len(points))*float64(len(sorted)))])
	}
	if points[0] == points[len(points)-1] {
		return points[0].String()
	}
	words := make([]string, len(points))
	for i, d := range points {
		words[i] = d.String()
	}
	return `"list(` + folded(words, indent) + `)"`
}

// folded joins words with commas, on lines that begin with an indent.
func folded(words []string, indent string) string {
	const width = 110
	if line := strings.Join(words, ", "); len(line) < 80 {
		return line
	}
	var b strings.Builder
	column := width
	for i, word := range words {
		if i > 0 {
			b.WriteString(",")
		}
		if column += 2 + len(word); column > width {
			b.WriteString("\n" + indent)
			column = len(indent) + len(word)
		} else {
			b.WriteString(" ")
		}
		b.WriteString(word)
	}
	return b.String()
}

// yaml returns a text in quotes, as JSON has it, which is YAML too.
func yaml(text string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(text); err != nil {
		panic(errors.Join(errors.New("learn: a text"), err)) // can always be written
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func list(texts []string) string {
	words := make([]string, len(texts))
	for i, text := range texts {
		words[i] = yaml(text)
	}
	return "[" + strings.Join(words, ", ") + "]"
}

// comment returns a text that may stand in a comment.
func comment(text string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || c == '\u2028' || c == '\u2029' || c == '\ufeff' || unicode.Is(unicode.Cf, c) {
			return '?'
		}
		return c
	}, strings.ToValidUTF8(text, "?"))
}

// grouped returns a number with a comma before each three digits.
func grouped(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

func plural(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return grouped(n) + " " + noun
}
