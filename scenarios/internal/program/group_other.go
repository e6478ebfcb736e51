//go:build !unix

package program

import (
	"os"
	"os/exec"
)

// ownGroup does nothing: the system has no process groups.
func ownGroup(*exec.Cmd) {}

func terminate(leader *os.Process) { _ = leader.Kill() }

func kill(leader *os.Process) { _ = leader.Kill() }
