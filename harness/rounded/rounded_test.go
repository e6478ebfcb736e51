package rounded_test

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
	"testing"
	"testing/quick"
	"time"

	"github.com/teapot-go/teapot/harness/rounded"
)

func TestDuration(t *testing.T) {
	for _, c := range []struct {
		d      time.Duration
		others []time.Duration
		want   string
	}{
		{0, nil, "0s"},
		{999, nil, "999ns"},
		{17_382_011, nil, "17.4ms"},
		{1_119_600_000, nil, "1.12s"},
		{59_960 * time.Millisecond, nil, "1m"},
		{2 * time.Minute, nil, "2m"},
		{200_540 * time.Millisecond, nil, "3m20.5s"},
		{2*time.Hour + 400*time.Millisecond, nil, "2h"},
		{math.MaxInt64, nil, "2562047h47m16.854775807s"},
		{-17_382_011, nil, "-17.4ms"},
		{15_010_000, []time.Duration{15_000_000}, "15.01ms"},
		{15_000_001, []time.Duration{15_000_000}, "15.000001ms"},
		{15_000_000, []time.Duration{15_000_001}, "15ms"},
		{15_000_000, []time.Duration{15_000_000}, "15ms"},
		{1_887_096_448, []time.Duration{1_887_991_777}, "1.887s"},
		{1_887_991_777, []time.Duration{1_887_096_448}, "1.888s"},
		{9_996 * time.Millisecond, []time.Duration{10_040 * time.Millisecond}, "10s"},
		{10_040 * time.Millisecond, []time.Duration{9_996 * time.Millisecond}, "10.04s"},
		{time.Hour + 1, []time.Duration{time.Hour, 3}, "1h0m0.000000001s"},
	} {
		if got := rounded.Duration(c.d, c.others...); got != c.want {
			t.Errorf("Duration(%d, %d) = %s, want %s", c.d, c.others, got, c.want)
		}
	}
}

func TestFloat(t *testing.T) {
	for _, c := range []struct {
		x      float64
		others []float64
		want   string
	}{
		{0, nil, "0"},
		{0.57412, nil, "0.574"},
		{0.8996, []float64{0.9}, "0.8996"},
		{0.9, []float64{0.8996}, "0.9"},
		{math.Nextafter(0.9, 0), []float64{0.9}, "0.8999999999999999"},
		{12.3456, nil, "12.3"},
		{123456, nil, "123456"},
		{999.6, nil, "999.6"},
		{999999.7, nil, "999999.7"},
		{1.996, []float64{1.9984}, "1.996"},
		{1.9984, []float64{1.996}, "1.998"},
		{1e9 + 0.5, nil, "1000000000"},
		{math.Inf(1), nil, "+Inf"},
	} {
		if got := rounded.Float(c.x, c.others...); got != c.want {
			t.Errorf("Float(%v, %v) = %s, want %s", c.x, c.others, got, c.want)
		}
	}
}

// What is not equal is written apart and in its order, each beside the other,
// and what is written is no further away than half of its last digit.
func TestApart(t *testing.T) {
	durations := func(a, b int64, near uint16) bool {
		x, y := time.Duration(a/4), time.Duration(b/4)
		if near%2 == 0 {
			y = x + time.Duration(near)
		}
		one, two := rounded.Duration(x, y), rounded.Duration(y, x)
		read, err := time.ParseDuration(one)
		other, err2 := time.ParseDuration(two)
		order := cmp.Compare(x, y)
		return err == nil && err2 == nil && order == cmp.Compare(read, other) &&
			(x == y || order == cmp.Compare(read, y)) && (x == y) == (one == two) &&
			(read-x).Abs() <= max(x.Abs()/100, time.Second/2)
	}
	if err := quick.Check(durations, &quick.Config{MaxCount: 10_000}); err != nil {
		t.Error(err)
	}
	floats := func(x float64, steps uint8) bool {
		y := x
		for range steps {
			y = math.Nextafter(y, math.MaxFloat64)
		}
		one, two := rounded.Float(x, y), rounded.Float(y, x)
		read, err := strconv.ParseFloat(one, 64)
		other, err2 := strconv.ParseFloat(two, 64)
		order := cmp.Compare(x, y)
		return err == nil && err2 == nil && order == cmp.Compare(read, other) &&
			(x == y || order == cmp.Compare(read, y)) && (x == y) == (one == two) &&
			math.Abs(read-x) <= math.Abs(x)/100
	}
	if err := quick.Check(floats, nil); err != nil {
		t.Error(err)
	}
}

func TestUp(t *testing.T) {
	for _, d := range []time.Duration{0, 1, 999, 1001, 1_234_567, 59*time.Second + 1, time.Hour + 1, math.MaxInt64} {
		if up := rounded.Up(d); up < d || rounded.Nearest(up) != up && up != math.MaxInt64 {
			t.Errorf("Up(%d) = %d", d, up)
		}
	}
}

func ExampleDuration() {
	got, most := 15_010*time.Microsecond, 15*time.Millisecond
	fmt.Printf("got %s, want <= %s\n", rounded.Duration(got, most), rounded.Duration(most, got))
	// Output: got 15.01ms, want <= 15ms
}
