package harness

import "testing"

func TestLoad(t *testing.T) {
	const before = "cpu  100 10 40 800 50 0 5 15 90 0\ncpu0 1 2 3\n"
	for _, tt := range []struct {
		name, later string
		want        float64
	}{
		{"a tenth idle", "cpu  160 20 60 808 52 0 5 15 900 9\n", 0.9},
		{"work of guests is not counted twice", "cpu  150 10 40 850 50 0 5 15 990 0\n", 0.5},
		{"no time has passed", before, 0},
		{"backwards", "cpu  1 1 1 1 1 1 1 1 1 1\n", 0},
		{"busy backwards", "cpu  90 10 40 900 50 0 5 15 90 0\n", 0},
		{"no numbers", "cpu  all the time\n", 0},
		{"nothing", "", 0},
	} {
		if got := parseLoad(before).until(parseLoad(tt.later)); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
	if l := processorLoad(); l.all == 0 || l.busy > l.all {
		t.Errorf("this machine: got %+v", l)
	}
}
