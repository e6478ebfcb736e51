package runs

import (
	"math"
	"testing"
)

func TestShare(t *testing.T) {
	for in, want := range map[string]share{
		"5%": 0.05, "0.05": 0.05, "12.5%": 0.125, "99%": 0.99, "0": -1, "0%": -1,
		"1": -1, "100%": -1, "-5%": -1, "": -1, "%": -1, "NaN": -1, "inf": -1, "5 %": -1,
	} {
		var got share
		if err := got.UnmarshalText([]byte(in)); (err != nil) != (want < 0) || err == nil &&
			math.Abs(float64(got-want)) > 1e-12 {
			t.Errorf("%q: %v, %v", in, got, err)
		}
	}
}

// FuzzShare wants every share that is accepted to be one.
func FuzzShare(f *testing.F) {
	for _, seed := range []string{"5%", "0.05", "1e-3", "0x1p-2", "NaN", "-0"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var s share
		if err := s.UnmarshalText([]byte(text)); err == nil && !(s > 0 && s < 1) {
			t.Errorf("%q is %v", text, s)
		}
	})
}
