// Package alter makes altered copies of a source tree: with a bug in it, to see
// which check finds it, or without a part, to see what the part costs.
package alter

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// A Change puts one text in the place of another in one file.
type Change struct{ File, Old, New string }

// Apply makes the change below root. The old text must stand in the file once.
func (c Change) Apply(root string) error {
	path := filepath.Join(root, c.File)
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if n := strings.Count(string(text), c.Old); n != 1 {
		return fmt.Errorf("%q stands %d times in %s, want once", c.Old, n, c.File)
	}
	return os.WriteFile(path, []byte(strings.Replace(string(text), c.Old, c.New, 1)), 0o644)
}

// Copy copies the files below from to to, but for those that skip names: each
// with its path below from, and a folder with all that is in it.
func Copy(to, from string, skip func(below string, d fs.DirEntry) bool) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		below, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		switch {
		case below != "." && skip(below, d):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir():
			return os.MkdirAll(filepath.Join(to, below), 0o755)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, below), data, 0o644)
	})
}

// IsHidden reports whether a file or folder is one that tools keep for
// themselves.
func IsHidden(d fs.DirEntry) bool { return strings.HasPrefix(d.Name(), ".") }
