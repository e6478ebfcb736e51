package harness

import "testing"

func TestOutside(t *testing.T) {
	plain := []string{"crawler", "example.com", "team/api.v2"}
	for function, want := range map[string]bool{
		"main.fetch":                               true,
		"main_test.TestFetch":                      false, // no package has this name
		"example.com/crawler.Fetch":                true,
		"example.com/crawler.(*Pool).work.func1":   true,
		"gopkg.in/yaml%2ev3.Unmarshal":             true,
		"example%2ecom.Fetch":                      true,
		"crawler.Fetch":                            true,
		"crawler.(*Pool).work":                     true,
		"crawler_test.TestFetch.func1":             true,
		"crawler/internal/pool.(*Pool).work":       true,
		"crawlers.Fetch":                           false,
		"team/api%2ev2.Get":                        true,
		"team/api.v2/client.Get":                   true,
		"team/other.Get":                           false,
		"net/http.(*Client).Do":                    false,
		"sync.(*Mutex).Lock":                       false,
		"internal/poll.(*FD).Read":                 false,
		"vendor/golang.org/x/net/dns.(*Name).pack": false,
	} {
		if got := outside(function, plain); got != want {
			t.Errorf("outside(%q) = %v, want %v", function, got, want)
		}
	}
}
