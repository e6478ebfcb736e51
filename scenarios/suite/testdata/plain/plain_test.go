// Package plain_test is a suite that shares its folder with a plain test.
package plain_test

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
	ginkgo.RunSpecs(t, "Scenarios beside a plain test")
}

func TestPlain(t *testing.T) { t.Error("the reason") }

func FuzzPlain(f *testing.F) { f.Fuzz(func(*testing.T, int) {}) }
