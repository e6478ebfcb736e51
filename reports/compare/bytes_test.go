package compare

import "testing"

func TestInBytes(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0 B", 640: "640 B", 0.5: "0.5 B", 999.96: "1 kB", 24254.4: "24.25 kB", 1e6: "1 MB", 2.5e12: "2500 GB",
	} {
		if got := inBytes(v); got != want {
			t.Errorf("%g: got %q, want %q", v, got, want)
		}
	}
}
