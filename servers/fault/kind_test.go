package fault_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/servers/fault"
)

// TestKinds walks the table of kinds: every kind has a wrapper, an end and a
// body, and its traits agree with each other.
func TestKinds(t *testing.T) {
	all := append([]fault.Kind{fault.None}, fault.Kinds()...)
	for i, k := range all {
		if slices.Contains(all[:i], k) {
			t.Errorf("%s: the table has two rows", k)
		}
		if f := (fault.Fault{Kind: k}); f.Wrap(http.NotFoundHandler()) == nil {
			t.Errorf("%s: no wrapper", k)
		}
		if !slices.Contains(fault.Ends(), k.End()) {
			t.Errorf("%s: the end %v is not in Ends", k, k.End())
		}
		if k.Body() < fault.WholeBody || k.Body() > fault.NoBody {
			t.Errorf("%s: the body %d is not one of the bodies", k, k.Body())
		}
		whole := k.Body() == fault.WholeBody || k.Body() == fault.WrongBody || k.Body() == fault.OwnBody
		switch k.End() {
		case fault.EndAnswer, fault.EndWrongType:
			if k.Body() == fault.NoBody || k.NoReply() || k.BeforeRequest() {
				t.Errorf("%s: a complete answer without a body", k)
			}
		default:
			if whole {
				t.Errorf("%s: a whole body, and the end %v", k, k.End())
			}
		}
		if k.NoReply() && k.Body() != fault.NoBody || k.BeforeRequest() && !k.NoReply() {
			t.Errorf("%s: a body without a reply, or a reply without a request", k)
		}
	}
	for _, end := range fault.Ends() {
		if !slices.ContainsFunc(all, func(k fault.Kind) bool { return k.End() == end }) {
			t.Errorf("no kind ends with %v", end)
		}
	}
	if got := fault.End(0).String(); got != "End(0)" {
		t.Errorf("an unknown end: got %s", got)
	}
	if fault.Kind("sulk").End() != fault.EndAnswer || len(fault.None.Parameters()) > 0 {
		t.Error("an unknown kind is not like none, or none takes a parameter")
	}
}

// TestConstants compares the constants with the table: each has a row, and a
// comment that begins with a verb.
func TestConstants(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "kind.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []fault.Kind
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || spec.Type == nil {
			return true
		}
		if id, ok := spec.Type.(*ast.Ident); !ok || id.Name != "Kind" {
			return true
		}
		text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		kind := fault.Kind(text)
		kinds = append(kinds, kind)
		doc := strings.TrimSpace(spec.Comment.Text())
		if first, _, _ := strings.Cut(doc, " "); !strings.HasSuffix(first, "s") || strings.HasSuffix(doc, ".") {
			t.Errorf("%s: got the comment %q, want a phrase that begins with a verb", kind, doc)
		}
		return true
	})
	if want := append([]fault.Kind{fault.None}, fault.Kinds()...); !slices.Equal(kinds, want) {
		t.Errorf("the constants are %v, the table has %v", kinds, want)
	}
}

// TestParameters gives every kind every parameter: it accepts exactly those
// that it takes.
func TestParameters(t *testing.T) {
	examples := map[string]fault.Fault{
		"status": {Status: 503}, "reason": {Reason: "Short And Stout"}, "body": {Body: "tea"},
		"retry_after": {RetryAfter: 2e9}, "headers": {Headers: []string{"Set-Cookie: a=b"}},
		"other_host": {OtherHost: true}, "after": {After: true},
		"hops": {Hops: 2}, "size": {Size: 12 << 20}, "delay": {Delay: 1e8},
	}
	if len(examples) != len(fault.ParameterNames()) {
		t.Errorf("got examples of %d parameters, want %v", len(examples), fault.ParameterNames())
	}
	for _, kind := range fault.Kinds() {
		var takes, required []string
		for _, p := range kind.Parameters() {
			takes = append(takes, p.Name)
			if p.Required {
				required = append(required, p.Name)
			}
			if p.Example == "" || p.Example == p.Default || p.Required && p.Default != "" {
				t.Errorf("%s: %+v: want an example that differs from the default, and no default if it is required",
					kind, p)
			}
		}
		valid := fault.Fault{Kind: kind, Rate: 1}
		if err := valid.Check(); (err != nil) != (len(required) > 0) {
			t.Errorf("%s without parameters: got %v, it requires %v", kind, err, required)
		}
		if len(required) > 0 {
			valid.Status = 503
		}
		for name, f := range examples {
			f.Kind, f.Rate = kind, 1
			if f.Status == 0 {
				f.Status = valid.Status
			}
			if name == "status" && kind == fault.Redirect {
				f.Status = 307
			}
			if err := f.Check(); (err == nil) != slices.Contains(takes, name) {
				t.Errorf("%s with %s: got %v, it takes %v", kind, name, err, takes)
			}
		}
	}
}

// TestClientsTable holds CLIENTS.md to the table of kinds.
func TestClientsTable(t *testing.T) {
	text, err := os.ReadFile("CLIENTS.md")
	if err != nil {
		t.Fatal(err)
	}
	var rows []fault.Kind
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "| `"); ok {
			name, _, _ := strings.Cut(rest, "`")
			rows = append(rows, fault.Kind(name))
		}
	}
	if want := append([]fault.Kind{fault.None}, fault.Kinds()...); !slices.Equal(rows, want) {
		t.Errorf("got the rows %v, want %v: make the table again", rows, want)
	}
}
