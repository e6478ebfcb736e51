package text

import "testing"

func TestChange(t *testing.T) {
	for _, test := range []struct {
		by, lo, hi float64
		want       string
	}{
		{0.58, 0.46, 0.65, "+58 % (46 to 65)"},
		{-0.21, -0.23, -0.2, "−21 % (−23 to −20)"},
		{0.042, 0.031, 0.053, "+4.2 % (3.1 to 5.3)"},
		{0.08, -0.02, 0.18, "+8 % (−2 to 18)"},
		{0.001, -0.0001, 0.002, "+0.1 % (0.0 to 0.2)"},
		{0, 0, 0, "+0.0 %"},
		{0.00015, -0.00914, 0.00484, "+0.0 % (−0.9 to 0.5)"},
		{0.0000012, 0.0000012, 0.0000012, "+0.00012 %"},
		{-0.5, -0.5, -0.5, "−50 %"},
		{11, 10, 12, "×12 (11 to 13)"},
		{99, 99, 99, "×100"},
	} {
		if got := Change(test.by, test.lo, test.hi); got != test.want {
			t.Errorf("%v (%v to %v): got %q, want %q", test.by, test.lo, test.hi, got, test.want)
		}
	}
}
