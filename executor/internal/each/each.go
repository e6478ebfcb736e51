// Package each is a loop over calls of others' code that may end the goroutine.
package each

// Do gives every item its turn, also when one of them ends the goroutine with
// [runtime.Goexit]. A panic ends it after the others have had theirs.
func Do[E any](items []E, do func(E)) {
	defer func() {
		if len(items) > 0 {
			Do(items, do)
		}
	}()
	for len(items) > 0 {
		item := items[0]
		items = items[1:]
		do(item)
	}
}
