package suite

import (
	"flag"
	"io/fs"
	"path"
	"strings"

	"github.com/onsi/ginkgo/v2"

	"github.com/teapot-go/teapot/scenarios"
)

// childLabel is the label of the only spec that a process runs for one case.
const childLabel = "teapot-case"

// child reports whether this process was started to run one case. If the case
// is one of this suite's, child adds a spec that does so.
func (c Config) child() bool {
	file, source, in := scenarios.InChild()
	if !in {
		return false
	}
	if text, err := fs.ReadFile(c.Files, path.Base(file)); err == nil && string(text) == source {
		ginkgo.It("runs one case", ginkgo.Label(childLabel), ginkgo.Focus, c.Vocabulary.Main)
	}
	return true
}

// childArgs returns the arguments that make this test program run one case: the
// program's own, and none of Ginkgo's and the test's but what is named here.
func childArgs() []string {
	args := []string{"-ginkgo.label-filter=" + childLabel}
	flag.Visit(func(f *flag.Flag) {
		own := !strings.HasPrefix(f.Name, "test.") && !strings.HasPrefix(f.Name, "ginkgo.")
		if own || f.Name == "test.run" {
			args = append(args, "-"+f.Name+"="+f.Value.String())
		}
	})
	return append(args, flag.Args()...)
}
