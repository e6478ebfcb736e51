package chapter

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSave(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	a, err := openFlagDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{"long before", "new"} {
		if err := a.Save("BR", []byte(body)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(filepath.Join(dir, "BR.gif")); err != nil || !bytes.Equal(got, []byte(body)) {
			t.Errorf("%q, %v, want %q", got, err, body)
		}
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
		t.Errorf("%v, %v: want one file", files, err)
	}
}

// TestUnsaved leaves nothing behind where a flag cannot be saved.
func TestUnsaved(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "BR.gif", "full"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := flagDirAt(dir).Save("BR", []byte("x")); err == nil {
		t.Error("a flag in place of a folder")
	}
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Errorf("%v: want the folder alone", files)
	}
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := openFlagDir(filepath.Join(dir, "file")); err == nil {
		t.Error("a file is no folder")
	}
	if err := flagDirAt(filepath.Join(dir, "none")).Save("BR", nil); err == nil {
		t.Error("saved in no folder")
	}
}

// TestSaveOverFolder names the file that cannot be one.
func TestSaveOverFolder(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "BR.gif"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := flagDirAt(dir).Save("BR", []byte("tea")); err == nil || !strings.Contains(err.Error(),
		filepath.Join(dir, "BR.gif")+": is a directory") {
		t.Errorf("got %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 {
		t.Errorf("it has left %v", left)
	}
}
