package scenarios

import (
	"maps"
	"slices"
)

// TaskNames returns the tasks that a file may name, in alphabetical order.
func (v Vocabulary) TaskNames() []string { return slices.Sorted(maps.Keys(v.tasks())) }

// ExecutorNames returns the kinds of executors and maps that a file may name,
// in alphabetical order.
func (v Vocabulary) ExecutorNames() []string { return slices.Sorted(maps.Keys(v.executors())) }
