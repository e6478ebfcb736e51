package taskid_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/teapot-go/teapot/servers/taskid"
)

func TestFromRequest(t *testing.T) {
	seventeen := taskid.NewContext(context.Background(), 17)
	for _, test := range []struct {
		name, url     string
		header, value string
		want          int
	}{
		{"nothing", "/", "", "", 0},
		{"the header", "/", taskid.Header, "17", 17},
		{"a header that is no number", "/", taskid.Header, "seventeen", 0},
		{"a negative number", "/", taskid.Header, "-17", 0},
		{"a number without end", "/", taskid.Header, "99999999999999999999", 0},
		{"the traceparent", "/", "traceparent", taskid.Traceparent(seventeen), 17},
		{
			"the traceparent of a later span", "/", "Traceparent",
			"00-746561706f7400000000000000000011-b7ad6b7169203331-00", 17,
		},
		{"another's trace", "/", "Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", 0},
		{"a broken trace", "/", "Traceparent", "00-746561706f7400000000", 0},
		{"the query", "/a?x=1&teapot-task=17", "", "", 17},
		{"another's query", "/a?not-teapot-task=17", "", "", 0},
		{"the header before the query", "/a?teapot-task=3", taskid.Header, "17", 17},
	} {
		r, err := http.NewRequest(http.MethodGet, test.url, nil)
		if err != nil {
			t.Fatal(err)
		}
		if test.header != "" {
			r.Header.Set(test.header, test.value)
		}
		if got := taskid.FromRequest(r); got != test.want {
			t.Errorf("%s: got %d, want %d", test.name, got, test.want)
		}
	}
}

func TestMark(t *testing.T) {
	for _, number := range []int{0, 17} {
		ctx := context.Background()
		if number > 0 {
			ctx = taskid.NewContext(ctx, number)
		}
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "/", nil)
		if err != nil {
			t.Fatal(err)
		}
		taskid.Mark(r)
		if got := taskid.FromRequest(r); got != number || taskid.FromContext(r.Context()) != number {
			t.Errorf("got %d and %d, want %d", got, taskid.FromContext(r.Context()), number)
		}
		if (taskid.Traceparent(ctx) == "") != (number == 0) {
			t.Errorf("the traceparent of task %d is %q", number, taskid.Traceparent(ctx))
		}
	}
}
