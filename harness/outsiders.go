package harness

// Outsiders describes the goroutines of this process that run code under test,
// or were started by it, before there is a run: where each stands, and who
// started it. A run under the virtual clock can use nothing of theirs. The
// tests of package testing are none of them.
func Outsiders() []string {
	return stacks(func(g goroutine) bool { return g.ofClient() && !g.calls("testing.", "main.main", "runtime.main") })
}
