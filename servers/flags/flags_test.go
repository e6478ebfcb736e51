package flags

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
)

// known is the list of the specification, kept apart from the table.
const known = `
AD AE AF AG AL AM AO AR AT AU AZ BA BB BD BE BF BG BH BI BJ BN BO BR BS BT BW BY BZ CA CD CF CG CH CI CL CM CN CO CR CU
CV CY CZ DE DJ DK DM DZ EC EE EG ER ES ET FI FJ FM FR GA GB GD GE GH GM GN GQ GR GT GW GY HN HR HT HU ID IE IL IN IQ IR
IS IT JM JO JP KE KG KH KI KM KN KP KR KW KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MG MH MK ML MM MN MR MT MU MV
MW MX MY MZ NA NE NG NI NL NO NP NR NZ OM PA PE PG PH PK PL PT PW PY QA RO RS RU RW SA SB SC SD SE SG SI SK SL SM SN SO
SR SS ST SV SY SZ TD TG TH TJ TL TM TN TO TR TT TV TW TZ UA UG US UY UZ VA VC VE VN VU WS YE ZA ZM ZW`

func TestCodes(t *testing.T) {
	codes := Codes()
	if want := strings.Fields(known); !slices.Equal(codes, want) || len(codes) != 194 {
		t.Errorf("%d codes:\n got %v\nwant %v", len(codes), codes, want)
	}
	codes[0] = "XX"
	if Codes()[0] != "AD" {
		t.Error("Codes shares its slice with an earlier caller")
	}
	for _, code := range []string{"", "br", "B", "XX", "BRA"} {
		if _, ok := GIF(code); ok || Has(code) {
			t.Errorf("there is a flag for %q", code)
		}
	}
	for _, code := range Top20() {
		if !Has(code) {
			t.Errorf("no flag for %s of the top 20", code)
		}
	}
}

// TestGIF holds every picture to what a server and a browser need. It hashes
// all pixels, because a code must give the same picture on every platform;
// an editor of the table looks at the flags and updates the hash.
func TestGIF(t *testing.T) {
	const want = "32a2170258b046fd"
	hash := sha256.New()
	seen := map[string]string{}
	for _, code := range Codes() {
		data, _ := GIF(code)
		if len(data) < 900 || len(data) > 8<<10 {
			t.Errorf("%s: %d bytes, want 900 to 8192", code, len(data))
		}
		if twin := seen[string(data)]; twin != "" {
			t.Errorf("%s and %s are the same file", code, twin)
		}
		seen[string(data)] = code
		img := decode(t, code)
		if b := img.Bounds(); max(b.Dx(), b.Dy()) != 600 {
			t.Errorf("%s is %v, want a longer side of 600", code, b)
		}
		fmt.Fprint(hash, code, img.Bounds(), img.Palette)
		hash.Write(img.Pix)
	}
	if got := fmt.Sprintf("%x", hash.Sum(nil)[:8]); got != want {
		t.Errorf("the pixels hash to %s, want %s", got, want)
	}
}

func TestProbes(t *testing.T) {
	type probe struct{ x, y int } // in percent
	tests := []struct {
		code string
		want map[probe]string
	}{
		{"BR", map[probe]string{{3, 10}: "009739", {15, 50}: "FEDD00", {50, 30}: "012169", {50, 43}: "FFFFFF"}},
		{"CH", map[probe]string{{10, 10}: "DA291C", {50, 50}: "FFFFFF", {5, 50}: "DA291C"}},
		{"CN", map[probe]string{{16, 25}: "FFFF00", {33, 10}: "FFFF00", {80, 80}: "EE1C25"}},
		{"DE", map[probe]string{{50, 10}: "000000", {50, 50}: "DD0000", {50, 90}: "FFCC00"}},
		{"DZ", map[probe]string{{20, 50}: "006233", {80, 10}: "FFFFFF", {35, 50}: "D21034", {46, 50}: "006233"}},
		{"FR", map[probe]string{{10, 50}: "0055A4", {50, 50}: "FFFFFF", {90, 50}: "EF4135"}},
		{"GB", map[probe]string{
			{50, 50}: "C8102E", {44, 5}: "FFFFFF", {30, 5}: "012169", {2, 4}: "C8102E",
			{5, 1}: "FFFFFF",
		}},
		{"ID", map[probe]string{{50, 25}: "E70011", {50, 75}: "FFFFFF"}},
		{"IN", map[probe]string{{50, 10}: "FF9933", {50, 50}: "000080", {10, 50}: "FFFFFF", {50, 90}: "138808"}},
		{"JP", map[probe]string{{50, 50}: "BC002D", {10, 10}: "FFFFFF"}},
		{"NO", map[probe]string{{5, 5}: "BA0C2F", {36, 5}: "00205B", {29, 5}: "FFFFFF"}},
		{"PL", map[probe]string{{50, 25}: "FFFFFF", {50, 75}: "DC143C"}},
		{"US", map[probe]string{
			{1, 1}: "3C3B6E", {3, 5}: "FFFFFF", {90, 3}: "B22234", {90, 11}: "FFFFFF",
			{50, 97}: "B22234",
		}},
		{"ZA", map[probe]string{
			{5, 50}: "000000", {33, 50}: "FFB81C", {70, 50}: "007749", {70, 36}: "FFFFFF",
			{70, 10}: "E03C31", {70, 90}: "001489",
		}},
	}
	for _, test := range tests {
		img := decode(t, test.code)
		for at, want := range test.want {
			c := color.RGBAModel.Convert(img.At(img.Bounds().Dx()*at.x/100, img.Bounds().Dy()*at.y/100)).(color.RGBA)
			if got := fmt.Sprintf("%02X%02X%02X", c.R, c.G, c.B); got != want {
				t.Errorf("%s at %d,%d is #%s, want #%s", test.code, at.x, at.y, got, want)
			}
		}
	}
}

// TestCached shares a picture between a bubble and what is outside.
func TestCached(t *testing.T) {
	outside, _ := GIF("CN")
	synctest.Test(t, func(t *testing.T) {
		if inside, _ := GIF("CN"); &inside[0] != &outside[0] {
			t.Error("a second call draws the flag again")
		}
	})
}

func decode(t *testing.T, code string) *image.Paletted {
	t.Helper()
	data, ok := GIF(code)
	if !ok {
		t.Fatalf("no flag for %s", code)
	}
	img, err := gif.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("%s: %v", code, err)
	}
	return img.(*image.Paletted)
}

func BenchmarkGIF(b *testing.B) {
	for b.Loop() {
		GIF("US")
	}
}
