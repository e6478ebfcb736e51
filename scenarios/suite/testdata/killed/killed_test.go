// Package killed_test is a suite whose second process dies behind its first
// spec.
package killed_test

import (
	"embed"
	"os"
	"path/filepath"
	"testing"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"github.com/teapot-go/teapot/scenarios/suite"
)

//go:embed *.yaml
var files embed.FS

var _ = suite.Specs(suite.Config{Files: files})

// The first process does not begin before the second is about to die.
var _ = ginkgo.BeforeEach(func() {
	dying := filepath.Join(os.Getenv("TMPDIR"), "dying")
	if ginkgo.GinkgoParallelProcess() == 1 {
		gomega.Eventually(dying, "30s").Should(gomega.BeAnExistingFile())
	} else {
		gomega.Expect(os.WriteFile(dying, nil, 0o600)).To(gomega.Succeed())
	}
})

var _ = ginkgo.AfterEach(func() {
	if ginkgo.GinkgoParallelProcess() > 1 {
		self, err := os.FindProcess(os.Getpid())
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		gomega.Expect(self.Kill()).To(gomega.Succeed())
		select {} // until it is dead
	}
})

func TestScenarios(t *testing.T) {
	gomega.RegisterFailHandler(ginkgo.Fail)
	ginkgo.RunSpecs(t, "A process that dies")
}
