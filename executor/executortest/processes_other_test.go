//go:build !unix

package executortest_test

import (
	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/executortest"
)

var definitions []executor.Definition

// standIn has nothing to stand in for: no child inherits the descriptors that
// it needs.
func standIn(executortest.Open) executortest.Open { return nil }
