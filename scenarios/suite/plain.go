package suite

import (
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
)

// plainTests lists the tests and fuzz targets of a folder that run no specs.
// What it can't read it leaves to the compiler.
func plainTests(folder string) []string {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		built, err := build.Default.MatchFile(folder, e.Name())
		if err != nil || !built || !strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		path := filepath.Join(folder, e.Name())
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			continue
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && isTest(f) && !runsSpecs(f) {
				names = append(names, f.Name.Name)
			}
		}
	}
	return names
}

func isTest(f *ast.FuncDecl) bool {
	name := f.Name.Name
	return f.Recv == nil && name != "TestMain" && (strings.HasPrefix(name, "Test") || strings.HasPrefix(name, "Fuzz"))
}

// runsSpecs reports whether a function calls RunSpecs, under any import name.
func runsSpecs(f *ast.FuncDecl) bool {
	found := false
	ast.Inspect(f, func(n ast.Node) bool {
		name, ok := n.(*ast.Ident)
		found = found || ok && name.Name == "RunSpecs"
		return !found
	})
	return found
}
