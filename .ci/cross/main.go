// Cross checks the module for systems on which no test runs. It reads all code
// and all tests from source, as the compiler would for that system, and runs
// analyzers of go vet over the packages that have files for one system.
//
// Nothing is compiled, so a system takes seconds instead of minutes.
//
//	go -C .ci/cross run . freebsd windows darwin
package main

import (
	"fmt"
	"os"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/analysis/passes/assign"
	"golang.org/x/tools/go/analysis/passes/atomic"
	"golang.org/x/tools/go/analysis/passes/bools"
	"golang.org/x/tools/go/analysis/passes/buildtag"
	"golang.org/x/tools/go/analysis/passes/composite"
	"golang.org/x/tools/go/analysis/passes/copylock"
	"golang.org/x/tools/go/analysis/passes/ifaceassert"
	"golang.org/x/tools/go/analysis/passes/nilfunc"
	"golang.org/x/tools/go/analysis/passes/shift"
	"golang.org/x/tools/go/analysis/passes/sigchanyzer"
	"golang.org/x/tools/go/analysis/passes/structtag"
	"golang.org/x/tools/go/analysis/passes/unreachable"
	"golang.org/x/tools/go/analysis/passes/unsafeptr"
	"golang.org/x/tools/go/analysis/passes/unusedresult"
	"golang.org/x/tools/go/packages"
)

// analyzers are those of go vet that need to know nothing of the packages that
// a package imports.
var analyzers = []*analysis.Analyzer{
	assign.Analyzer, atomic.Analyzer, bools.Analyzer, buildtag.Analyzer, composite.Analyzer, copylock.Analyzer,
	ifaceassert.Analyzer, nilfunc.Analyzer, shift.Analyzer, sigchanyzer.Analyzer, structtag.Analyzer,
	unreachable.Analyzer, unsafeptr.Analyzer, unusedresult.Analyzer,
}

func main() {
	status := 0
	for _, system := range os.Args[1:] {
		wrong, err := check(system)
		if err != nil {
			fmt.Fprintf(os.Stderr, "cross: %s: %v\n", system, err)
			status = 1
		} else if wrong > 0 {
			fmt.Fprintf(os.Stderr, "cross: %s: %d mistakes\n", system, wrong)
			status = 1
		}
	}
	os.Exit(status)
}

// check prints what is wrong in the module on a system, and returns how much
// that is.
func check(system string) (wrong int, err error) {
	all, err := packages.Load(&packages.Config{
		Mode: packages.LoadAllSyntax, Dir: "../..", Tests: true,
		Env: append(os.Environ(), "CGO_ENABLED=0", "GOOS="+system),
	}, "./...")
	if err != nil {
		return 0, err
	}
	if wrong = packages.PrintErrors(all); wrong > 0 {
		return wrong, nil
	}
	apart := slices.DeleteFunc(slices.Clone(all), func(p *packages.Package) bool { return len(p.IgnoredFiles) == 0 })
	graph, err := checker.Analyze(analyzers, apart, nil)
	if err != nil {
		return 0, err
	}
	for _, action := range graph.Roots {
		if action.Err != nil {
			return 0, fmt.Errorf("%s of %s: %w", action.Analyzer, action.Package.ID, action.Err)
		}
		wrong += len(action.Diagnostics)
		for _, d := range action.Diagnostics {
			fmt.Fprintf(os.Stderr, "%s: %s\n", action.Package.Fset.Position(d.Pos), d.Message)
		}
	}
	fmt.Printf("%s: %d packages, of which %d have files for one system\n", system, len(all), len(apart))
	return wrong, nil
}
