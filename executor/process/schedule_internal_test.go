package process

import "testing"

// At a shutdown an idle child stays while another has inputs that may be
// recalled for it. It is woken when there are none left, be it that they were
// answered, were cancelled or came back: or else it, and Shutdown, would wait
// for ever.
func TestIdleChildIsWoken(t *testing.T) {
	for name, test := range map[string]struct {
		shut           bool
		before, landed int
		want           bool
	}{
		"the last that waits":    {true, 2, 1, true},
		"all at once":            {true, 7, 7, true},
		"others still wait":      {true, 7, 5, false},
		"none has waited":        {true, 1, 1, false},
		"more tasks may be sent": {false, 2, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			e, err := New(Config{Workers: 2})
			if err != nil {
				t.Fatal(err)
			}
			long, waiting := newChild(e), newChild(e)
			e.children[long], e.children[waiting] = struct{}{}, struct{}{}
			long.inFlight, e.shut = test.before, test.shut
			e.removeInFlight(long, test.landed)
			if got := len(waiting.wake) == 1; got != test.want {
				t.Errorf("woken: %t, want %t", got, test.want)
			}
			if stays := e.backlogElsewhere(waiting); test.shut && test.before > 1 && stays == test.want {
				t.Errorf("woken: %t, and there is something to wait for: %t", test.want, stays)
			}
		})
	}
}
