package teapot_test

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// What a reader can take in at once, in lines of code, which are neither blank
// nor comments, and in columns.
const (
	functionLines  = 60
	fileLines      = 350
	packageLines   = 60 // at least: less is no package of its own, but may be a program
	exportedNames  = 20
	commentColumns = 80
	codeColumns    = 120
	tabColumns     = 4
)

// wider are the packages whose users need more names than others'.
var wider = map[string]int{"harness": 25, "harness/checks": 25, "scenarios": 25, "executor": 30}

// TestShape measures what is compiled into programs. Tests may be longer.
func TestShape(t *testing.T) {
	packages := map[string][]source{}
	for _, s := range sources(t) {
		if !s.test {
			packages[s.dir] = append(packages[s.dir], s)
		}
	}
	wrong := map[string][]string{}
	for dir, files := range packages {
		wrong[dir] = shape(dir, files)
	}
	complain(t, wrong)
}

// TestColumns measures every Go file, tests as well.
func TestColumns(t *testing.T) {
	wrong := map[string][]string{}
	for name, text := range texts(t, ".go") {
		wrong[folder(name)] = append(wrong[folder(name)], columns(name, text)...)
	}
	complain(t, wrong)
}

// shape returns what is too large or too small in a package.
func shape(dir string, files []source) (wrong []string) {
	complain := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	code, names := 0, 0
	for _, s := range files {
		n := codeLines(s, 0, len(s.text))
		if code += n; n > fileLines {
			complain("%s/%s: %d lines of code, want at most %d", dir, s.name, n, fileLines)
		}
		for _, d := range s.file.Decls {
			names += len(exported(d))
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			at := s.fset.File(f.Pos())
			if n := codeLines(s, at.Offset(f.Pos()), at.Offset(f.End())); n > functionLines {
				complain("%s: %s has %d lines, want at most %d", s.line(f.Pos()), f.Name.Name, n, functionLines)
			}
		}
	}
	if most := cmp.Or(wider[dir], exportedNames); names > most {
		complain("%s: %d exported names, want at most %d", dir, names, most)
	}
	if program := files[0].file.Name.Name == "main"; code < packageLines && !program {
		complain("%s: %d lines of code, want at least %d in a package", dir, code, packageLines)
	}
	return wrong
}

// columns returns the lines of a Go file that are too long. Not counted are
//   - the lines of a text in backquotes, which are data,
//   - the tags of a struct, which cannot be broken,
//   - the lines below "Output:", which a program prints,
//   - directives, and a comment of one word, such as a URL.
func columns(name string, text []byte) (wrong []string) {
	kinds := lineKinds(text)
	for i, line := range bytes.Split(text, []byte("\n")) {
		width := utf8.RuneCount(line) + (tabColumns-1)*bytes.Count(line, []byte("\t"))
		if most := cmp.Or(kinds[i+1], codeColumns); most > 0 && width > most {
			wrong = append(wrong, fmt.Sprintf("%s:%d: %d columns, want at most %d", name, i+1, width, most))
		}
	}
	return wrong
}

// printed begins what an example prints.
var printed = regexp.MustCompile(`(?i)^// *(unordered )?output:`)

// lineKinds returns how wide a line may be, by number, where that is not the
// width of code: that of comments, or -1 for any.
func lineKinds(text []byte) map[int]int {
	kinds := map[int]int{}
	fset := token.NewFileSet()
	parsed, _ := parser.ParseFile(fset, "", text, parser.SkipObjectResolution)
	ast.Inspect(parsed, func(n ast.Node) bool {
		if field, ok := n.(*ast.Field); ok && field.Tag != nil {
			kinds[fset.Position(field.Tag.Pos()).Line] = -1
		}
		return true
	})
	file := fset.AddFile("", -1, len(text))
	var s scanner.Scanner
	s.Init(file, text, nil, scanner.ScanComments)
	output, code := -1, 0 // the last lines of an output and of code
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			return kinds
		}
		first := file.Line(pos)
		last := first + strings.Count(lit, "\n")
		switch {
		case tok == token.SEMICOLON && lit == "\n":
		case tok == token.STRING:
			for line := first; line <= last && last > first; line++ {
				kinds[line] = -1
			}
			code = last
		case tok != token.COMMENT:
			code = first
		case first == code: // behind code
		default:
			if printed.MatchString(lit) || output == first-1 {
				output = first
			}
			words := strings.Fields(strings.TrimPrefix(lit, "//"))
			free := output == first || strings.HasPrefix(lit, "//go:") || len(words) == 1
			for line := first; line <= last; line++ {
				kinds[line] = commentColumns
				if free {
					kinds[line] = -1
				}
			}
		}
	}
}

// complain reports what is wrong, and how much of it is in each package.
func complain(t *testing.T, wrong map[string][]string) {
	t.Helper()
	for _, dir := range slices.Sorted(maps.Keys(wrong)) {
		for _, one := range wrong[dir] {
			t.Error(one)
		}
	}
	for _, dir := range slices.Sorted(maps.Keys(wrong)) {
		if n := len(wrong[dir]); n > 0 {
			t.Logf("%4d in %s", n, dir)
		}
	}
}

// TestPlantedShapes breaks each rule of size, and keeps to it by a hair.
func TestPlantedShapes(t *testing.T) {
	lines := func(n int) string { return strings.Repeat("\tprintln()\n", n) }
	names := func(n int) (text string) {
		for i := range n {
			text += fmt.Sprintf("type T%d int\n", i)
		}
		return text
	}
	half := "\nfunc b() {\n" + lines(30) + "}\n"
	ten, comments := strings.Repeat(half, 10), strings.Repeat("\t// words\n\n", 400)
	for name, tt := range map[string]struct{ dir, text, want string }{
		"right":            {"servers", half + "func a() {\n" + lines(58) + "}\n", ""},
		"long function":    {"servers", half + "func a() {\n" + lines(59) + "}\n", "a has 61 lines"},
		"comments":         {"servers", half + "func a() {\n" + lines(58) + comments + "}\n", ""},
		"right file":       {"servers", ten + "\nfunc c() {\n" + lines(27) + "}\n", ""},
		"long file":        {"servers", ten + "\nfunc c() {\n" + lines(28) + "}\n", "351 lines of code"},
		"small package":    {"servers", "\nfunc a() {\n" + lines(56) + "}\n", "59 lines of code, want at least 60"},
		"least package":    {"servers", "\nfunc a() {\n" + lines(57) + "}\n", ""},
		"small program":    {"cmd/a", "package main\n\nfunc main() {}\n", ""},
		"20 names":         {"servers", strings.Repeat(half, 2) + names(20), ""},
		"21 names":         {"servers", strings.Repeat(half, 2) + names(21), "21 exported names, want at most 20"},
		"25 of harness":    {"harness", strings.Repeat(half, 2) + names(25), ""},
		"26 of scenarios":  {"scenarios", strings.Repeat(half, 2) + names(26), "26 exported names, want at most 25"},
		"30 of executor":   {"executor", strings.Repeat(half, 2) + names(30), ""},
		"31 of executor":   {"executor", strings.Repeat(half, 2) + names(31), "31 exported names, want at most 30"},
		"methods":          {"servers", half + names(20) + "func (T1) A() {\n" + lines(10) + "}\n", ""},
		"an enumeration":   {"servers", strings.Repeat(half, 2) + names(20) + "const (\n\tA = 1\n\tB = 2\n)\n", ""},
		"unexported names": {"servers", strings.Repeat(half, 2) + strings.ReplaceAll(names(40), "T", "t"), ""},
	} {
		fset := token.NewFileSet()
		text := []byte(tt.text)
		if !strings.HasPrefix(tt.text, "package ") {
			text = []byte("package p\n" + tt.text)
		}
		file, err := parser.ParseFile(fset, "p.go", text, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		held(t, name, shape(tt.dir, []source{{tt.dir, "p.go", false, text, file, fset}}), tt.want)
	}
}

// TestPlantedColumns breaks each rule of columns, and keeps to it by a hair.
func TestPlantedColumns(t *testing.T) {
	wide := func(n int) string { return strings.Repeat("é", n) }
	for name, tt := range map[string]struct{ text, want string }{
		"comment":           {"// a " + wide(75) + "\n", ""},
		"long comment":      {"// a " + wide(76) + "\n", "p.go:2: 81 columns, want at most 80"},
		"indented":          {"func a() {\n\t// a " + wide(71) + "\n}\n", ""},
		"long and indented": {"func a() {\n\t// a " + wide(72) + "\n}\n", "p.go:3: 81 columns"},
		"long block":        {"/* a\n b " + wide(90) + "\n*/\n", "p.go:3: 93 columns, want at most 80"},
		"one word":          {"// " + wide(200) + "\n", ""},
		"directive":         {"//go:generate a " + wide(200) + "\n", ""},
		"code":              {"var _ = \"" + wide(110) + "\"\n", ""},
		"long code":         {"var _ = \"" + wide(111) + "\"\n", "p.go:2: 121 columns, want at most 120"},
		"behind code":       {"var a = 1 // a " + wide(105) + "\n", ""},
		"long behind code":  {"var a = 1 // a " + wide(106) + "\n", "p.go:2: 121 columns, want at most 120"},
		"after a line end":  {"var a = 1\n// a " + wide(76) + "\n", "p.go:3: 81 columns, want at most 80"},
		"text":              {"var a = `\n" + wide(200) + "\n`\n", ""},
		"code about text": {
			"var a, b = `\n" + wide(200) + "\n`, \"" + wide(200) + "\"\nvar _ = \"" + wide(120) + "\"\n",
			"p.go:5: 130",
		},
		"tag":             {"type a struct {\n\tb int `c:\"" + wide(200) + "\"`\n}\n", ""},
		"output":          {"func a() {\n\t// Output:\n\t// a " + wide(200) + "\n\t// b " + wide(200) + "\n}\n", ""},
		"after an output": {"func a() {\n\t// Output:\n\t// a\n}\n\n// a " + wide(200) + "\n", "p.go:7: 205"},
	} {
		held(t, name, columns("p.go", []byte("package p\n"+tt.text)), tt.want)
	}
}

// held wants one complaint with a text, or none at all.
func held(t *testing.T, name string, wrong []string, want string) {
	t.Helper()
	if want == "" && len(wrong) > 0 || want != "" && (len(wrong) != 1 || !strings.Contains(wrong[0], want)) {
		t.Errorf("%s: got %q, want %q", name, wrong, want)
	}
}
