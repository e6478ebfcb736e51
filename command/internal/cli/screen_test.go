package cli

import (
	"bytes"
	"testing"

	"github.com/teapot-go/teapot/reports"
)

func TestColoured(t *testing.T) {
	for _, c := range []struct {
		terminal bool
		env      map[string]string
		want     bool
	}{
		{false, nil, false},
		{true, nil, true},
		{true, map[string]string{"TERM": "dumb"}, false},
		{true, map[string]string{"NO_COLOR": "1"}, false},
		{true, map[string]string{"NO_COLOR": "1", "CLICOLOR_FORCE": "1"}, false},
		{true, map[string]string{"CLICOLOR": "0"}, false},
		{false, map[string]string{"CLICOLOR": "1"}, false},
		{false, map[string]string{"CLICOLOR_FORCE": "1"}, true},
		{false, map[string]string{"CLICOLOR_FORCE": "0"}, false},
	} {
		if got := coloured(c.terminal, func(key string) string { return c.env[key] }); got != c.want {
			t.Errorf("terminal %v, %v: %v", c.terminal, c.env, got)
		}
	}
	t.Setenv("CLICOLOR_FORCE", "")
	if got := (&Console{Stdout: new(bytes.Buffer)}).Screen(); got != (reports.Screen{}) {
		t.Errorf("a file is written for %+v", got)
	}
}
