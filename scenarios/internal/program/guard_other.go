//go:build !unix

package program

import "os/exec"

// A guard would end the programs if this process is killed.
type guard struct{ cmd *exec.Cmd }

func startGuard(string) *guard { return nil }

func (g *guard) add(int) {}

func (g *guard) remove(int) {}

func (g *guard) close() {}
