package chapter

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
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
	probe, err := a.beside("probe", nil)
	if err != nil {
		return a, err
	}
	return a, a.about(os.Remove(probe))
}

// flagDirAt is the folder that [openFlagDir] has tried.
func flagDirAt(dir string) flagDir { return flagDir{dir} }

// Save puts a flag into the file CODE.gif, in place of the one that was there.
// The error of a full disk is the same for every flag.
func (a flagDir) Save(code string, body []byte) error {
	beside, err := a.beside(code, body)
	if err != nil {
		return err
	}
	if err := os.Rename(beside, filepath.Join(a.dir, code+".gif")); err != nil {
		_ = os.Remove(beside) // the error of the rename says more
		if info, e := os.Stat(filepath.Join(a.dir, code+".gif")); e == nil && info.IsDir() {
			return fmt.Errorf("cannot save %s: is a directory", filepath.Join(a.dir, code+".gif"))
		}
		return a.about(err)
	}
	return nil
}

// beside writes a file that has no name yet which anybody looks for.
// os.CreateTemp would make it readable by its owner alone, whatever the umask
// says.
func (a flagDir) beside(code string, body []byte) (name string, err error) {
	name = filepath.Join(a.dir, fmt.Sprintf(".%s.%08x.tmp", code, rand.Uint32()))
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return "", a.about(err)
	}
	_, err = f.Write(body)
	if err = errors.Join(err, f.Close()); err != nil {
		_ = os.Remove(name) // the first error says more
		return "", a.about(err)
	}
	return name, nil
}

// about is an error of the folder, without the name of a temporary file.
func (a flagDir) about(err error) error {
	if err == nil {
		return nil
	}
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		err = p.Err
	}
	if l, ok := errors.AsType[*os.LinkError](err); ok {
		err = l.Err
	}
	return fmt.Errorf("cannot save in %s: %w", a.dir, err)
}
