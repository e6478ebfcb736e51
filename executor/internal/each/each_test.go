package each

import (
	"runtime"
	"slices"
	"testing"
)

func TestDo(t *testing.T) {
	var got []int
	over := make(chan struct{})
	go func() {
		defer close(over)
		Do([]int{1, 2, 3, 4}, func(i int) {
			got = append(got, i)
			if i%2 == 0 {
				runtime.Goexit()
			}
		})
	}()
	<-over
	if want := []int{1, 2, 3, 4}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
