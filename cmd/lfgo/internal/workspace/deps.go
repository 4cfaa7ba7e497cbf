package workspace

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// ReplaceModule uses a copy of a dependency in its place, with the sources in
// the place of its files: what is beneath the module cache cannot be overlaid.
// Its rewritten files still have the lines, and the names, of the originals.
func (w *Workspace) ReplaceModule(path, dir string, sources map[string][]byte) error {
	to := filepath.Join(w.path("modules"), filepath.FromSlash(path))
	if err := copyTree(to, dir); err != nil {
		return fmt.Errorf("copying %s: %w", path, err)
	}
	for name, source := range sources {
		rel, err := filepath.Rel(dir, name)
		if err != nil || strings.HasPrefix(rel, "..") {
			continue // another module's
		}
		source = append([]byte("//line "+name+":1\n"), source...)
		if err := os.WriteFile(filepath.Join(to, rel), source, 0o666); err != nil {
			return err
		}
	}
	mod := filepath.Join(to, "go.mod")
	if _, err := os.Stat(mod); os.IsNotExist(err) {
		if err := os.WriteFile(mod, []byte("module "+path+"\n"), 0o666); err != nil {
			return err
		}
	}
	if err := w.work.AddReplace(path, "", to, ""); err != nil {
		return err
	}
	return w.write("go.work")
}

// copyTree copies files, and lets them be written: those of the module cache
// cannot.
func copyTree(to, from string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			if rel != "." && d.Name() == ".git" {
				return filepath.SkipDir
			}
			return os.MkdirAll(filepath.Join(to, rel), 0o777)
		}
		if !d.Type().IsRegular() {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), text, 0o666)
	})
}
