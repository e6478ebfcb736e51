//go:build !linux

package program

import "os"

// The system does not tell which processes a program has started.

func adoptOrphans() bool { return false }

func abandonOrphans() {}

func childrenNow() map[int]bool { return map[int]bool{} }

func orphansIn(int) []*os.Process { return nil }

func (k *Keeper) strays() []*os.Process { return nil }

func (k *Keeper) reap() {}

func nameOf(*os.Process) string { return "" }
