package process

import (
	"strings"
	"testing"
)

func TestProtocolNamesTheProgram(t *testing.T) {
	if !strings.HasPrefix(protocol(), "teapot.process/1 go") {
		t.Errorf("got %q", protocol())
	}
}
