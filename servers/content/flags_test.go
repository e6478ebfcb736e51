package content

import "testing"

func TestKey(t *testing.T) {
	for _, test := range []struct{ path, want string }{
		{FlagPath("BR"), "BR"},
		{FlagPath("br"), "BR"},
		{"/flags/zz/zz.gif", "ZZ"},
		{"/flags/BR/BR.gif", "/flags/BR/BR.gif"},
		{"/flags/br/cn.gif", "/flags/br/cn.gif"},
		{"/flags/br/br.gif/", "/flags/br/br.gif/"},
		{"/flags/b/b.gif", "/flags/b/b.gif"},
		{"/flags/bra/bra.gif", "/flags/bra/bra.gif"},
		{"/flags/br/br", "/flags/br/br"},
		{"/x/flags/br/br.gif", "/x/flags/br/br.gif"},
		{"flags/br/br.gif", "flags/br/br.gif"},
		{"br.gif", "br.gif"},
		{"/flags/../...gif", "/flags/../...gif"},
		{"/flags/ı/ı.gif", "/flags/ı/ı.gif"}, // two bytes, the upper case of which is the letter I
		{"/", "/"},
		{"*", "*"},
		{"", ""},
	} {
		if got := Key(test.path); got != test.want {
			t.Errorf("%q: got the key %q, want %q", test.path, got, test.want)
		}
	}
}
