package text

import "slices"

// A Counted is one of several texts, and how many of them are equal to it.
type Counted struct {
	Text string
	N    int
}

// Count returns the different ones of texts, in order of appearance.
func Count(texts []string) (all []Counted) {
	for _, text := range texts {
		i := slices.IndexFunc(all, func(c Counted) bool { return c.Text == text })
		if i < 0 {
			i = len(all)
			all = append(all, Counted{Text: text})
		}
		all[i].N++
	}
	return all
}
