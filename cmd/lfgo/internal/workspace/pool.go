package workspace

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"

	"golang.org/x/mod/modfile"
)

const poolModule = "github.com/lfpool/lfpool"

// FindPool returns the directory of lfpool's source: the checkout that this
// command was built from, or else the version that it was built with.
func FindPool(ctx context.Context) (string, error) {
	if _, file, _, ok := runtime.Caller(0); ok {
		root := filepath.Join(filepath.Dir(file), "..", "..", "..", "..")
		if text, err := os.ReadFile(filepath.Join(root, "go.mod")); err == nil && modfile.ModulePath(text) == poolModule {
			return root, nil
		}
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "", errors.New("where is lfpool? -lfpool DIR says it")
	}
	for _, d := range info.Deps {
		if d.Path != poolModule {
			continue
		}
		out, err := output(ctx, os.TempDir(), append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod"), "go", "mod", "download", "-json", poolModule+"@"+d.Version)
		if err != nil {
			return "", fmt.Errorf("fetching lfpool %s: %w", d.Version, err)
		}
		var module struct{ Dir string }
		return module.Dir, json.Unmarshal(out, &module)
	}
	return "", errors.New("where is lfpool? -lfpool DIR says it")
}

// copyPool copies package lfpool at from and the packages of its module that it
// imports, or all of them, without tests, and a go.mod with only the requirements
// that these import.
func copyPool(to, from string, all bool) error {
	text, err := os.ReadFile(filepath.Join(from, "go.mod"))
	if err != nil {
		return fmt.Errorf("no lfpool in %s: %w", from, err)
	}
	mod, err := modfile.Parse("go.mod", text, nil)
	if err != nil {
		return err
	}
	if mod.Module == nil || mod.Module.Mod.Path != poolModule {
		return fmt.Errorf("%s is not the module %s", from, poolModule)
	}
	todo, imports := []string{"."}, map[string]bool{}
	if all {
		if todo, err = packageDirs(from); err != nil {
			return err
		}
	}
	for copied := map[string]bool{}; len(todo) > 0; todo = todo[1:] {
		dir := todo[0]
		if copied[dir] {
			continue
		}
		copied[dir] = true
		found, err := copyPackage(filepath.Join(to, dir), filepath.Join(from, dir))
		if err != nil {
			return err
		}
		for _, path := range found {
			imports[path] = true
			if rest, ours := strings.CutPrefix(path, poolModule+"/"); ours {
				todo = append(todo, filepath.FromSlash(rest))
			}
		}
	}
	for _, r := range mod.Require {
		if !needed(r.Mod.Path, imports) {
			if err := mod.DropRequire(r.Mod.Path); err != nil {
				return err
			}
		}
	}
	mod.Cleanup()
	if text, err = mod.Format(); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(to, "go.mod"), text, 0o666); err != nil {
		return err
	}
	sums, err := os.ReadFile(filepath.Join(from, "go.sum"))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(to, "go.sum"), sums, 0o666)
}

// packageDirs returns the directories of a module that may hold packages.
func packageDirs(root string) (dirs []string, err error) {
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		_, inner := os.Stat(filepath.Join(path, "go.mod"))
		if name := d.Name(); path != root && (inner == nil || name == "testdata" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")) {
			return filepath.SkipDir
		}
		rel, err := filepath.Rel(root, path)
		dirs = append(dirs, rel)
		return err
	})
	return dirs, err
}

// copyPackage copies the files of a package but its tests, and returns what they
// import.
func copyPackage(to, from string) (imports []string, err error) {
	entries, err := os.ReadDir(from)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(to, 0o777); err != nil {
		return nil, err
	}
	for _, e := range entries {
		name := e.Name()
		isGo := strings.HasSuffix(name, ".go")
		if e.IsDir() || !isGo && !strings.HasSuffix(name, ".s") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		source, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			return nil, err
		}
		if isGo {
			file, err := parser.ParseFile(token.NewFileSet(), name, source, parser.ImportsOnly)
			if err != nil {
				return nil, err
			}
			for _, spec := range file.Imports {
				path, err := strconv.Unquote(spec.Path.Value)
				if err != nil {
					return nil, err
				}
				imports = append(imports, path)
			}
		}
		if err := os.WriteFile(filepath.Join(to, name), source, 0o666); err != nil {
			return nil, err
		}
	}
	return imports, nil
}

// needed reports whether a package of the module is imported.
func needed(module string, imports map[string]bool) bool {
	for name := range imports {
		if name == module || strings.HasPrefix(name, module+"/") {
			return true
		}
	}
	return false
}
