package hunt

import "slices"

// ddmin returns a part of items that fails as all of them do, and from which no
// single one can be left out. fails is not called with all of them. A part
// keeps its order. No part is tried that is empty.
func ddmin[T any](items []T, fails func([]T) bool) []T {
	for parts := 2; len(items) > 1; {
		parts = min(parts, len(items))
		smaller := false
		for i := range parts {
			from, to := i*len(items)/parts, (i+1)*len(items)/parts
			part, rest := items[from:to], slices.Concat(items[:from], items[to:])
			if fails(part) {
				items, parts, smaller = part, 2, true
				break
			}
			if parts > 2 && fails(rest) {
				items, parts, smaller = rest, max(parts-1, 2), true
				break
			}
		}
		switch {
		case smaller:
		case parts == len(items):
			return items
		default:
			parts *= 2
		}
	}
	return items
}
