//go:build !linux

package harness

// guardProcess finds nothing here: there is no /proc.
func (r *run) guardProcess() func() { return func() {} }

func childProcesses() map[child]string { return nil }

func stoppedChildren(map[child]string) []stopped { return nil }
