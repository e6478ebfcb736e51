package strict

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// A Node is a value of a YAML file, to be changed and written again: a text, a
// list or a mapping. It keeps the order of keys and the text of numbers, but no
// comments. A nil Node is one that is not there, and has nothing below it.
//
// Methods that take a path want the keys, or the numbers of list items, that
// lead from the node to one below it.
type Node struct {
	text  string
	plain bool // the file has the text without quotes, so that it may be a number
	kind  nodeKind
	keys  []string // of a mapping
	below []*Node  // the values of a mapping, or the items of a list
}

type nodeKind int

const (
	textNode nodeKind = iota
	listNode
	mappingNode
)

// NewNode returns a node with a text, a number, a bool, or a list of nodes or
// texts. It panics for any other value.
func NewNode(value any) *Node {
	switch v := value.(type) {
	case *Node:
		return v
	case string:
		return &Node{text: v}
	case int, uint64, float64, bool:
		return &Node{text: fmt.Sprint(v), plain: true}
	case []*Node:
		return &Node{kind: listNode, below: v}
	case []string:
		list := &Node{kind: listNode}
		for _, text := range v {
			list.below = append(list.below, NewNode(text))
		}
		return list
	}
	panic(fmt.Sprintf("strict: no node of a %T", value))
}

// NewMapping returns a mapping without keys.
func NewMapping() *Node { return &Node{kind: mappingNode} }

// ParseNode reads a file of which [Decode] has found no mistake.
func ParseNode(source []byte) (*Node, error) {
	file, at, err := parseYAML(string(source))
	if err != nil {
		return nil, fmt.Errorf("line %d: %w", at.line, err)
	}
	for _, doc := range file.Docs {
		if doc.Body != nil {
			return nodeOf(doc.Body)
		}
	}
	return NewMapping(), nil
}

func nodeOf(n ast.Node) (*Node, error) {
	switch n := n.(type) {
	case *ast.MappingNode:
		node := NewMapping()
		for _, pair := range n.Values {
			value, err := nodeOf(pair.Value)
			if err != nil {
				return nil, err
			}
			node.keys, node.below = append(node.keys, pair.Key.GetToken().Value), append(node.below, value)
		}
		return node, nil
	case *ast.SequenceNode:
		node := &Node{kind: listNode}
		for _, item := range n.Values {
			value, err := nodeOf(item)
			if err != nil {
				return nil, err
			}
			node.below = append(node.below, value)
		}
		return node, nil
	case *ast.StringNode:
		return &Node{text: n.Value, plain: !(Value{node: n}).quoted()}, nil
	case *ast.LiteralNode:
		return &Node{text: n.Value.Value}, nil
	case nil, *ast.NullNode:
		return &Node{text: "null", plain: true}, nil
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return &Node{text: n.GetToken().Value, plain: true}, nil
	}
	return nil, fmt.Errorf("line %d: %s", n.GetToken().Position.Line, unsupported(n))
}

// At returns the node at a path, or nil.
func (n *Node) At(path ...string) *Node {
	for _, step := range path {
		i := n.index(step)
		if i < 0 {
			return nil
		}
		n = n.below[i]
	}
	return n
}

// index returns the position below the node of what a step of a path leads to,
// or -1.
func (n *Node) index(step string) int {
	switch {
	case n == nil:
	case n.kind == mappingNode:
		return slices.Index(n.keys, step)
	case n.kind == listNode:
		if i, err := strconv.Atoi(step); err == nil && i >= 0 && i < len(n.below) {
			return i
		}
	}
	return -1
}

// Text returns the text of the node, and "" of a list, a mapping or nil.
func (n *Node) Text() string {
	if n == nil || n.kind != textNode {
		return ""
	}
	return n.text
}

// Steps returns the keys of a mapping, or the numbers of the items of a list.
func (n *Node) Steps() []string {
	switch {
	case n == nil:
		return nil
	case n.kind == mappingNode:
		return slices.Clone(n.keys)
	}
	steps := make([]string, len(n.below))
	for i := range steps {
		steps[i] = strconv.Itoa(i)
	}
	return steps
}

// IsMapping reports whether the node is a mapping.
func (n *Node) IsMapping() bool { return n != nil && n.kind == mappingNode }

// Items returns the items of a list.
func (n *Node) Items() []*Node {
	if n == nil || n.kind != listNode {
		return nil
	}
	return slices.Clone(n.below)
}

// Set gives the node at a path a value, as [NewNode] takes it. What is missing
// on the way are mappings, which it adds. The last step of a path may be a new
// key of a mapping, but not a new item of a list.
func (n *Node) Set(value any, path ...string) {
	for _, step := range path[:len(path)-1] {
		if n.At(step) == nil {
			n.Set(NewMapping(), step)
		}
		n = n.At(step)
	}
	last := path[len(path)-1]
	if i := n.index(last); i >= 0 {
		n.below[i] = NewNode(value)
	} else if n.kind == mappingNode {
		n.keys, n.below = append(n.keys, last), append(n.below, NewNode(value))
	}
}

// Remove takes the key or the item at a path away. It reports whether it was
// there.
func (n *Node) Remove(path ...string) bool {
	last := len(path) - 1
	from := n.At(path[:last]...)
	i := from.index(path[last])
	if i < 0 {
		return false
	}
	from.below = slices.Delete(from.below, i, i+1)
	if from.kind == mappingNode {
		from.keys = slices.Delete(from.keys, i, i+1)
	}
	return true
}

// Clone returns a copy that shares nothing with the node.
func (n *Node) Clone() *Node {
	if n == nil {
		return nil
	}
	c := *n
	c.keys, c.below = slices.Clone(n.keys), make([]*Node, len(n.below))
	for i, b := range n.below {
		c.below[i] = b.Clone()
	}
	return &c
}

// YAML returns the node as the text of a file, with what is small on one line.
func (n *Node) YAML() []byte {
	var b strings.Builder
	n.write(&b, "")
	return []byte(b.String())
}

// lineColumns is how long a list or a mapping on one line may be.
const lineColumns = 100

// write writes a mapping, or a list of mappings, one key or item on a line.
func (n *Node) write(b *strings.Builder, indent string) {
	for i, value := range n.below {
		head, deeper := indent+"- ", indent+"    "
		if n.kind == mappingNode {
			head, deeper = indent+scalar(n.keys[i], false, false)+":", indent+"  "
		}
		switch line := value.flow(); {
		case n.kind == listNode:
			b.WriteString(head + line + "\n")
		case value.kind == textNode:
			b.WriteString(head + " " + scalar(value.text, value.plain, true) + "\n")
		case value.deep() || len(head)+len(line) > lineColumns && value.kind == mappingNode:
			b.WriteString(head + "\n")
			value.write(b, deeper)
		default:
			b.WriteString(head + " " + line + "\n")
		}
	}
}

// deep reports whether a list or a mapping is better read on several lines: a
// list of mappings, or a mapping with one below it.
func (n *Node) deep() bool {
	return slices.ContainsFunc(n.below, func(b *Node) bool {
		return b.kind == mappingNode && len(b.keys) > 0 && n.kind == listNode || n.kind == mappingNode && b.deep()
	})
}

// flow returns the node on one line.
func (n *Node) flow() string {
	if n.kind == textNode {
		return scalar(n.text, n.plain, false)
	}
	parts := make([]string, len(n.below))
	for i, b := range n.below {
		if n.kind == mappingNode {
			parts[i] = scalar(n.keys[i], false, false) + ": "
		}
		parts[i] += b.flow()
	}
	if n.kind == mappingNode {
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// Texts that need no quotes: anywhere, and after the key of a line.
var (
	needsNone  = regexp.MustCompile(`^[\w/][\w/.()%+*-]*$`)
	wholeLine  = regexp.MustCompile(`^[A-Za-z][\w/.()%+*, -]*[\w/.()%+*-]$`)
	noString   = regexp.MustCompile(`^((?i:null|true|false)|[-+.]?\d[\w.:+-]*)$`)
	duration   = regexp.MustCompile(`^\d[\d.]*(ns|us|ms|s|m|h|[KMG]?B)$`)
	plainValue = regexp.MustCompile(`^[-+.]?\w[\w.+-]*$`) // a number, too
)

// scalar returns a text as YAML has it. plain is whether it may be a number or
// nothing at all, and line whether it ends its line.
func scalar(text string, plain, line bool) string {
	switch {
	case plain && plainValue.MatchString(text):
		return text
	case noString.MatchString(text) && !duration.MatchString(text):
	case needsNone.MatchString(text), line && wholeLine.MatchString(text):
		return text
	}
	return strconv.Quote(text)
}
