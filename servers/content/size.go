package content

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// A Size is a distribution of sizes in bytes. String writes it as [ParseSize]
// reads it. It is a value that any number of goroutines may draw from, each
// with a source of its own.
type Size interface {
	Draw(src rand.Source) int64
	String() string
}

// SizeForms lists what [ParseSize] accepts, for messages and documentation.
const SizeForms = "a size such as 512B, 64KB or 1MiB, uniform(1KB, 10MB) or doubling(1KB, 10MB)"

// maxSize bounds what one body may have: enough for any test over loopback, and
// far from overflow.
const maxSize = 1 << 30

type (
	fixed    int64
	uniform  struct{ min, max int64 }
	doubling struct{ min, max int64 }
)

var (
	_ Size = fixed(0)
	_ Size = uniform{}
	_ Size = doubling{}
)

// Fixed returns the distribution of a single size, from 0 to 1 GiB.
func Fixed(bytes int64) Size { return fixed(min(max(bytes, 0), maxSize)) }

func (n fixed) Draw(rand.Source) int64 { return int64(n) }
func (n fixed) String() string         { return format(int64(n)) }

func (u uniform) Draw(src rand.Source) int64 { return u.min + below(src, u.max-u.min+1) }
func (u uniform) String() string             { return fmt.Sprintf("uniform(%s, %s)", format(u.min), format(u.max)) }

// Draw takes one of the doublings between the bounds, of which the last ends at
// the bound, and a size within it. Whole numbers alone make it the same on
// every platform, which an exponential function does not promise.
func (d doubling) Draw(src rand.Source) int64 {
	doublings := int64(1)
	for n := d.min; n < d.max>>1; n <<= 1 {
		doublings++
	}
	n := below(src, doublings)
	low, high := d.min<<n, d.max
	if n < doublings-1 {
		high = 2*low - 1
	}
	return low + below(src, high-low+1)
}

func (d doubling) String() string {
	return fmt.Sprintf("doubling(%s, %s)", format(d.min), format(d.max))
}

// below draws from [0, n) for an n of at most maxSize+1. What the remainder
// favours is less than a billionth.
func below(src rand.Source, n int64) int64 { return int64(src.Uint64() % uint64(n)) }

// ParseSize reads a size, or a distribution of sizes:
//
//   - "64KB" is always the same size,
//   - "uniform(1KB, 10MB)" is any size between,
//   - "doubling(1KB, 10MB)" is any size between, and each doubling is as likely
//     as the next, so that there are as many small sizes as large ones.
//
// A body has at most 1 GiB. The error names what is wrong, and [SizeForms].
func ParseSize(text string) (Size, error) {
	size, err := parseSize(text)
	if err != nil {
		return nil, fmt.Errorf("%w: want %s", err, SizeForms)
	}
	return size, nil
}

func parseSize(text string) (Size, error) {
	text = strings.TrimSpace(text)
	name, args, isCall := strings.Cut(text, "(")
	if !isCall {
		n, err := ParseBytes(text)
		return fixed(n), err
	}
	name = strings.TrimSpace(name)
	if name != "uniform" && name != "doubling" {
		return nil, fmt.Errorf("unknown distribution %.60q", name)
	}
	inner, closed := strings.CutSuffix(args, ")")
	first, second, two := strings.Cut(inner, ",")
	if !closed || !two {
		return nil, fmt.Errorf("%s takes two sizes: %s(1KB, 10MB)", name, name)
	}
	low, err := ParseBytes(strings.TrimSpace(first))
	high, err2 := ParseBytes(strings.TrimSpace(second))
	switch err := errors.Join(err, err2); {
	case err != nil:
		return nil, err
	case low > high:
		return nil, fmt.Errorf("%s: the first is above the second", text)
	case name == "uniform":
		return uniform{low, high}, nil
	case low == 0:
		return nil, fmt.Errorf("%s: nothing never doubles", text)
	default:
		return doubling{low, high}, nil
	}
}

// units are what sizes are written in, the largest first.
var units = []struct {
	name  string
	bytes int64
}{{"GiB", 1 << 30}, {"GB", 1e9}, {"MiB", 1 << 20}, {"MB", 1e6}, {"KiB", 1 << 10}, {"KB", 1e3}, {"B", 1}}

// ParseBytes reads one size, such as 512B, 64KB or 1MiB: a whole number of
// bytes, 1GiB at most.
func ParseBytes(text string) (int64, error) {
	for _, u := range units {
		number, has := strings.CutSuffix(text, u.name)
		if !has {
			continue
		}
		n, err := strconv.ParseUint(strings.TrimSpace(number), 10, 31)
		if err != nil || int64(n) > maxSize/u.bytes {
			break
		}
		return int64(n) * u.bytes, nil
	}
	return 0, fmt.Errorf("%.60q is not a whole number of B, KB, KiB, MB, MiB, GB or GiB, 1GiB at most", text)
}

// format writes a size in the largest unit of which it is a whole number, so
// that ParseBytes reads it as it was.
func format(n int64) string {
	for _, u := range units {
		if n >= u.bytes && n%u.bytes == 0 {
			return strconv.FormatInt(n/u.bytes, 10) + u.name
		}
	}
	return "0B"
}
