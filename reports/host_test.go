package reports

import (
	"runtime/debug"
	"testing"
)

// TestBuiltFrom wants the commit of a program that has tasks of its own, and of
// no other: teapot itself tests what is elsewhere, and changed sources are of
// no commit.
func TestBuiltFrom(t *testing.T) {
	of := func(path string, settings ...string) *debug.BuildInfo {
		info := &debug.BuildInfo{Main: debug.Module{Path: path}}
		for i := 0; i < len(settings); i += 2 {
			info.Settings = append(info.Settings, debug.BuildSetting{Key: settings[i], Value: settings[i+1]})
		}
		return info
	}
	for name, tt := range map[string]struct {
		info *debug.BuildInfo
		want string
	}{
		"a client's":  {of("example.com/client", "vcs.revision", "abc", "vcs.modified", "false"), "abc"},
		"changed":     {of("example.com/client", "vcs.revision", "abc", "vcs.modified", "true"), ""},
		"without vcs": {of("example.com/client", "GOOS", "linux"), ""},
		"teapot":      {of("github.com/teapot-go/teapot", "vcs.revision", "abc", "vcs.modified", "false"), ""},
	} {
		if got := builtFrom(tt.info); got != tt.want {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
}

// TestBy keeps the command, and no password.
func TestBy(t *testing.T) {
	for command, want := range map[string]string{
		"teapot run scenarios": "teapot run scenarios",
		"teapot run a.yaml --cluster nats://me:secret@host:4222": "teapot run a.yaml --cluster nats://host:4222",
		"teapot run --cluster=tls://secret@host a@b.yaml":        "teapot run --cluster=tls://host a@b.yaml",
		"teapot load 'http://a:b@h/x?y=1' --to http://h/@z":      "teapot load 'http://h/x?y=1' --to http://h/@z",
	} {
		if got := (Host{}).By(command).Command; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
