package oracle

import (
	"maps"

	"github.com/teapot-go/teapot/servers"
)

// groups are the tasks of a run and the requests for their keys. A run may have
// a million of each, of which most have a key of their own: so the groups share
// their memory.
type groups struct {
	all   []group
	index map[string]int32 // of each key, and of what a journal keeps of it
}

// A group is the tasks of one key, and the requests for it in the order of the
// journal.
type group struct {
	tasks   []*task
	entries []*servers.Entry
}

// byKey groups tasks by their keys. The groups are in order of their first
// tasks.
func byKey(tasks []*task) groups {
	g := groups{index: map[string]int32{}}
	which, sizes := make([]int32, len(tasks)), []int32(nil)
	for i, t := range tasks {
		const probe = 1 << 12
		if i == probe && len(g.index) > probe/2 { // most have keys of their own: grow the map once
			index := make(map[string]int32, len(g.index)*(len(tasks)/probe+1))
			maps.Copy(index, g.index)
			g.index = index
		}
		key := t.sample.Key
		at, known := g.index[key]
		if !known {
			at = int32(len(sizes))
			sizes = append(sizes, 0)
			g.index[key] = at
		}
		which[i], t.group = at, at
		sizes[at]++
	}
	space := make([]*task, len(tasks))
	g.all = make([]group, len(sizes))
	for at, n := range sizes {
		g.all[at].tasks, space = space[:0:n], space[n:]
	}
	for i, t := range tasks {
		those := &g.all[which[i]].tasks
		*those = append(*those, t)
	}
	for _, t := range tasks {
		short := kept(t.sample.Key)
		if _, known := g.index[short]; !known {
			g.index[short] = g.index[t.sample.Key]
		}
	}
	return g
}

// of returns the tasks of a key.
func (g groups) of(key string) []*task { return g.all[g.index[key]].tasks }

// enter gives the entries of a journal to their groups, if they are to be, and
// to strange by their keys if no task has the key.
func (g groups) enter(journal []servers.Entry, own func(*servers.Entry) bool, strange map[string][]*servers.Entry) {
	const none = -1
	which, sizes, total := make([]int32, len(journal)), make([]int32, len(g.all)), 0
	for i := range journal {
		e := &journal[i]
		if which[i] = none; !own(e) {
			continue
		}
		at, known := g.index[e.Key]
		if !known {
			strange[e.Key] = append(strange[e.Key], e)
			continue
		}
		which[i] = at
		sizes[at]++
		total++
	}
	space := make([]*servers.Entry, total)
	for at, n := range sizes {
		g.all[at].entries, space = space[:0:n], space[n:]
	}
	for i, at := range which {
		if at != none {
			those := &g.all[at].entries
			*those = append(*those, &journal[i])
		}
	}
}

// byNumber returns a function that returns the task of a number, and nil if
// there is none.
func byNumber(tasks []*task) func(number int) *task {
	most := 0
	for _, t := range tasks {
		most = max(most, t.sample.Task())
	}
	if most > 2*len(tasks)+1024 { // of a part of a run
		numbered := make(map[int]*task, len(tasks))
		for _, t := range tasks {
			numbered[t.sample.Task()] = t
		}
		return func(number int) *task { return numbered[number] }
	}
	numbered := make([]*task, most+1)
	for _, t := range tasks {
		numbered[max(t.sample.Task(), 0)] = t
	}
	return func(number int) *task {
		if number < 0 || number > most {
			return nil
		}
		return numbered[number]
	}
}
