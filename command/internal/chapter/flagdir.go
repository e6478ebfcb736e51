package chapter

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/teapot-go/teapot/harness/files"
)

// A flagDir is a folder of flags. Its methods may be called by any number of
// goroutines, and of processes.
type flagDir struct{ dir string }

// openFlagDir makes the folder if it is missing, and says why no file can be
// written there if that is so.
func openFlagDir(dir string) (flagDir, error) {
	a := flagDir{dir}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return a, a.about(err)
	}
	return a, a.about(files.Writable(filepath.Join(dir, "probe.gif")))
}

// flagDirAt is the folder that [openFlagDir] has tried.
func flagDirAt(dir string) flagDir { return flagDir{dir} }

// Save puts a flag into the file CODE.gif, in place of the one that was there.
// The error of a full disk is the same for every flag.
func (a flagDir) Save(code string, body []byte) error {
	name := filepath.Join(a.dir, code+".gif")
	err := files.Write(name, body)
	if info, e := os.Stat(name); err != nil && e == nil && info.IsDir() {
		return fmt.Errorf("cannot save %s: is a directory", name)
	}
	return a.about(err)
}

// about is an error of the folder, without the name of a file.
func (a flagDir) about(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("cannot save in %w", files.Explain(a.dir, err))
}
