package servers

import "slices"

// Positions numbers the tasks of a workload in order, from 1, and returns the
// numbers by key.
func Positions(keys []string) map[string][]int {
	positions := map[string][]int{}   // of many tasks few may have keys of their own
	numbers := make([]int, len(keys)) // of the tasks that are the first of their keys
	for i, key := range keys {
		if earlier := positions[key]; earlier != nil {
			positions[key] = append(earlier, i+1)
			continue
		}
		numbers[i] = i + 1
		positions[key] = numbers[i : i+1 : i+1]
	}
	return positions
}

// positions are those of a plan.
type positions struct {
	listed map[string][]int
	rounds int
}

func (p Plan) positions() positions { return positions{p.Positions, p.Rounds} }

// of returns how many tasks have a key.
func (p positions) of(key string) int {
	listed := p.listed[key]
	if p.rounds == 0 || len(listed) == 0 || listed[0] > p.rounds {
		return len(listed)
	}
	return (p.rounds-listed[0])/len(p.listed) + 1
}

// at returns the position of a task of a key, which is counted from 0.
func (p positions) at(key string, i int) int {
	if p.rounds == 0 {
		return p.listed[key][i]
	}
	return p.listed[key][0] + i*len(p.listed)
}

// find returns which of a key's tasks has a position, from 0, if one has.
func (p positions) find(key string, position int) (i int, found bool) {
	listed := p.listed[key]
	if p.rounds == 0 || len(listed) == 0 {
		return slices.BinarySearch(listed, position)
	}
	later := position - listed[0]
	return later / len(p.listed), later >= 0 && later%len(p.listed) == 0 && position <= p.rounds
}
