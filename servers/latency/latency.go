// Package latency draws waits from distributions, and makes HTTP answers wait.
//
// Equal sources draw equal waits on every platform and with every release of
// Go. The functions that IEEE 754 does not define exactly are computed here,
// and conversions keep the compiler from fusing a product with a sum.
package latency

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"
)

// A Distribution draws waits. String returns the text that [Parse] reads.
type Distribution interface {
	Draw(src rand.Source) time.Duration
	String() string
}

// OfKeys is the distribution of waits of the requests for some keys.
type OfKeys struct {
	Keys    []string     // or patterns of keys, as those of a fault
	Latency Distribution // nil for none
}

// Max is the longest wait. A longer one is shortened to it. No test waits for a
// day, and no sum of waits overflows.
const Max = 24 * time.Hour

// z99 is the 99th percentile of the standard normal distribution.
const z99 = 2.3263478740408408

type (
	fixed     time.Duration
	uniform   struct{ min, max time.Duration }
	normal    struct{ mean, sd time.Duration } // values below 0 become 0
	lognormal struct {
		median, p99 time.Duration
		sigma       float64 // of the logarithm
	}
	exponential struct{ mean time.Duration }
	pareto      struct{ min, p99 time.Duration }
	empirical   struct{ waits []time.Duration } // all equally likely
)

var _ = []Distribution{fixed(0), uniform{}, normal{}, lognormal{}, exponential{}, pareto{}, empirical{}}

func (d fixed) Draw(rand.Source) time.Duration { return time.Duration(d) }

func (u uniform) Draw(src rand.Source) time.Duration {
	return u.min + time.Duration(unit(src)*float64(u.max-u.min))
}

func (n normal) Draw(src rand.Source) time.Duration {
	return bounded(float64(n.mean) + float64(float64(n.sd)*gauss(src)))
}

func newLognormal(median, p99 time.Duration) lognormal {
	return lognormal{median, p99, ln(float64(p99)/float64(median)) / z99}
}

func (l lognormal) Draw(src rand.Source) time.Duration {
	return bounded(float64(l.median) * exp(l.sigma*gauss(src)))
}

func (e exponential) Draw(src rand.Source) time.Duration {
	return bounded(float64(e.mean) * -ln(1-unit(src)))
}

// Draw draws from the Pareto distribution of which one in a hundred is above
// p99.
func (p pareto) Draw(src rand.Source) time.Duration {
	inverse := ln(float64(p.p99)/float64(p.min)) / ln(100) // of the shape
	return bounded(float64(p.min) * exp(inverse*-ln(1-unit(src))))
}

func (e empirical) Draw(src rand.Source) time.Duration {
	return e.waits[int(unit(src)*float64(len(e.waits)))]
}

func (d fixed) String() string       { return time.Duration(d).String() }
func (u uniform) String() string     { return fmt.Sprintf("uniform(%v, %v)", u.min, u.max) }
func (n normal) String() string      { return fmt.Sprintf("normal(%v, %v)", n.mean, n.sd) }
func (l lognormal) String() string   { return fmt.Sprintf("lognormal(%v, %v)", l.median, l.p99) }
func (e exponential) String() string { return fmt.Sprintf("exponential(%v)", e.mean) }
func (p pareto) String() string      { return fmt.Sprintf("pareto(%v, %v)", p.min, p.p99) }
func (e empirical) String() string {
	words := make([]string, len(e.waits))
	for i, d := range e.waits {
		words[i] = d.String()
	}
	return "list(" + strings.Join(words, ", ") + ")"
}

// bounded returns x nanoseconds, limited to 0 and Max.
func bounded(x float64) time.Duration {
	switch {
	case !(x > 0): // NaN is neither
		return 0
	case x > float64(Max):
		return Max
	}
	return time.Duration(x)
}

// unit draws from [0, 1) with the 53 bits that a float64 holds. The standard
// library promises the sequence of a source, but not that of rand.Rand.
func unit(src rand.Source) float64 { return float64(src.Uint64()>>11) / (1 << 53) }

// gauss draws from the standard normal distribution by the polar method (G.
// Marsaglia and T. A. Bray, A Convenient Method for Generating Normal
// Variables, 1964). Its only inexact function is a logarithm.
func gauss(src rand.Source) float64 {
	for {
		u, v := 2*unit(src)-1, 2*unit(src)-1
		if s := float64(u*u) + float64(v*v); s > 0 && s < 1 {
			return u * math.Sqrt(-2*ln(s)/s)
		}
	}
}

// ln returns the natural logarithm of a positive number: that of the mantissa
// by the series of the inverse hyperbolic tangent, and the rest by the
// exponent.
func ln(x float64) float64 {
	m, e := math.Frexp(x)
	if m < math.Sqrt2/2 {
		m, e = 2*m, e-1
	}
	t := (m - 1) / (m + 1) // at most 0.172 in size: its 25th power is below 1e-19
	square, sum := t*t, 0.0
	for n := 25.0; n >= 1; n -= 2 {
		sum = float64(sum*square) + 1/n
	}
	return float64(float64(e)*math.Ln2) + float64(2*t*sum)
}

// exp returns e to the power of x: a power of 2, times the series of the rest.
func exp(x float64) float64 {
	x = min(max(x, -700), 700) // beyond that the result is 0, or larger than any bound
	k := math.Floor(x/math.Ln2 + 0.5)
	r := x - float64(k*math.Ln2) // at most 0.35 in size: its 18th power over 18! is below 1e-23
	sum := 1.0
	for n := 18.0; n >= 1; n-- {
		sum = 1 + float64(float64(sum*r)/n)
	}
	return math.Ldexp(sum, int(k))
}
