package hunt

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/scenarios/strict"
)

// maxPinned is how many faults of a world [Pinned] draws from bytes.
const maxPinned = 50

// Pinned returns the file of a scenario in which the faults strike the requests
// that bytes say, in place of their own conditions. Each three bytes are one
// fault: which one, at which of the first 20 keys and at which attempt. It is
// for fuzzers, which change bytes.
func Pinned(s *scenarios.Scenario, world []byte) (string, error) {
	tree, err := strict.ParseNode([]byte(s.Text()))
	if err != nil {
		return "", err
	}
	faults, keys := tree.At("server", "faults").Items(), s.Keys()
	if len(faults) == 0 || len(keys) == 0 {
		return "", fmt.Errorf("%s: want server.faults that the bytes can place, and keys", s.File())
	}
	keys = keys[:min(len(keys), 20)]
	tree = closed(tree, keys)
	var pinned []*strict.Node
	taken := map[string]bool{}
	for draw := range slices.Chunk(world[:min(len(world), 3*maxPinned)/3*3], 3) {
		key, attempt := keys[int(draw[1])%len(keys)], 1+int(draw[2])%allowed(tree)
		if at := fmt.Sprint(key, " ", attempt); !taken[at] {
			taken[at] = true
			pinned = append(pinned, pin(faults[int(draw[0])%len(faults)], key, attempt))
		}
	}
	if tree.Set(pinned, "server", "faults"); pinned == nil {
		tree.Remove("server", "faults")
	}
	for _, key := range []string{"hunt", "vary"} {
		tree.Remove(key)
	}
	return string(tree.YAML()), nil
}

// closed returns a file with keys that are listed one by one, and all due at
// once.
func closed(tree *strict.Node, keys []string) *strict.Node {
	tree = tree.Clone()
	for _, key := range []string{"arrivals", "users", "think", "iterations", "for", "pick", "limit"} {
		tree.Remove("workload", key)
	}
	at := "keys"
	if tree.Remove("workload", "flags") && downloads(tree) {
		at = "flags"
	}
	tree.Set(keys, "workload", at)
	return tree
}

// downloads reports whether the task of a file is the built-in download.
func downloads(tree *strict.Node) bool { return tree.At("workload", "task").Text() == "download" }

// pin returns a fault that strikes one request in place of those that it did.
func pin(f *strict.Node, key string, attempt int) *strict.Node {
	f = f.Clone()
	for _, condition := range append([]string{"at"}, conditions...) {
		f.Remove(condition)
	}
	if f.Set(key, "at", "key"); attempt > 1 {
		f.Set(attempt, "at", "attempt")
	}
	return f
}

// allowed returns how many attempts a workload allows: a file has no fault at
// one that no correct client makes.
func allowed(tree *strict.Node) int {
	for _, at := range [][]string{{"attempts"}, {"retry", "attempts"}} {
		if n, err := strconv.Atoi(tree.At("workload").At(at...).Text()); err == nil {
			return n
		}
	}
	return 1
}
