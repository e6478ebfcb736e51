// Package bad_test is a suite of files with mistakes.
package bad_test

import (
	"embed"
	"testing"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"github.com/teapot-go/teapot/scenarios/suite"
)

//go:embed *.yaml
var files embed.FS

var _ = suite.Specs(suite.Config{Files: files})

func TestScenarios(t *testing.T) {
	gomega.RegisterFailHandler(ginkgo.Fail)
	ginkgo.RunSpecs(t, "Bad scenarios")
}
