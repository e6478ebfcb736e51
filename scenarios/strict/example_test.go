package strict_test

import (
	"fmt"
	"strconv"

	"github.com/teapot-go/teapot/scenarios/strict"
)

// An Order is what the file holds.
type Order struct {
	Tea  Tea  `yaml:"tea" jsonschema:"required"`
	Pots Pots `yaml:"pots"`
	Tray Pots `yaml:"tray"`
}

type (
	Tea  string
	Pots int
)

func (Tea) Values() []string { return []string{"sencha", "assam", "rooibos"} }

func (Pots) Accepts() string { return "a number of pots from 1 to 9" }

func (p *Pots) Parse(text string) error {
	n, err := strconv.Atoi(text)
	if *p = Pots(n); err != nil || n < 1 || n > 9 {
		return strict.ErrUnacceptable
	}
	return nil
}

// All that is wrong is said at once: what the types refuse, and what the
// program does.
func Example() {
	var order Order
	document := strict.Decode("order.yaml", []byte(`tea: asam
milk: 2
pots: 7
tray: 5
`), &order)
	if document.Has("tray") && document.Valid("tray") && order.Pots > order.Tray {
		document.Errorf("pots", "more than the %d that a tray holds", order.Tray)
	}
	fmt.Println(document.Mistakes())
	// Output:
	// order.yaml:1:6: tea: "asam": want sencha, assam or rooibos (did you mean assam?)
	//     1 | tea: asam
	//       |      ^
	// order.yaml:2:1: unknown key "milk": want tea, pots, tray
	//     2 | milk: 2
	//       | ^
	// order.yaml:3:7: pots: more than the 5 that a tray holds
	//     3 | pots: 7
	//       |       ^
}
