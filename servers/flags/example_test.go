package flags_test

import (
	"bytes"
	"fmt"
	"image/gif"

	"github.com/teapot-go/teapot/servers/flags"
)

func Example() {
	codes, err := flags.Expand("br", "B", "zz")
	fmt.Println(len(codes), codes[0], codes[len(codes)-1], err)

	found := 0
	for _, code := range codes {
		if flags.Has(code) {
			found++
		}
	}
	fmt.Println(found, "of them are countries")

	data, _ := flags.GIF("BR")
	config, err := gif.DecodeConfig(bytes.NewReader(data))
	fmt.Println(config.Width, config.Height, err)
	// Output:
	// 27 BA ZZ <nil>
	// 17 of them are countries
	// 600 420 <nil>
}

func ExampleExpand() {
	_, err := flags.Expand("BR", "A1", "USA")
	fmt.Println(err)
	// Output:
	// "A1" is not a country: give two letters (BR) or one (B for BA to BZ)
	// "USA" is not a country: give two letters (BR) or one (B for BA to BZ)
}
