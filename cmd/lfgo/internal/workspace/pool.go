package workspace

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
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

// poolCopy returns the directory of a copy of package lfpool at from and of the
// packages of its module that it imports, or of all, without tests, and with a
// go.mod of only the requirements that these import. The copy is named by its
// content and kept with other caches of the user, so that the go command finds
// what it has built of it.
func poolCopy(from string, all bool) (string, error) {
	files, err := poolFiles(from, all)
	if err != nil {
		return "", err
	}
	hash := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(hash, "%s %d\n%s", name, len(files[name]), files[name])
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	dir := filepath.Join(cache, "lfgo", fmt.Sprintf("lfpool-%x", hash.Sum(nil)[:8]))
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o777); err != nil {
		return "", err
	}
	// A name of its own until it is whole.
	temp, err := os.MkdirTemp(filepath.Dir(dir), "new-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(temp) // nothing, if it has the name
	if err := os.Chmod(temp, 0o755); err != nil {
		return "", err
	}
	for name, text := range files {
		to := filepath.Join(temp, name)
		if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
			return "", err
		}
		if err := os.WriteFile(to, text, 0o666); err != nil {
			return "", err
		}
	}
	if err := os.Rename(temp, dir); err != nil {
		if _, other := os.Stat(dir); other != nil {
			return "", err
		} // or else another lfgo was first
	}
	return dir, nil
}

// poolFiles returns the files of the copy by name.
func poolFiles(from string, all bool) (files map[string][]byte, err error) {
	text, err := os.ReadFile(filepath.Join(from, "go.mod"))
	if err != nil {
		return nil, fmt.Errorf("no lfpool in %s: %w", from, err)
	}
	mod, err := modfile.Parse("go.mod", text, nil)
	if err != nil {
		return nil, err
	}
	if mod.Module == nil || mod.Module.Mod.Path != poolModule {
		return nil, fmt.Errorf("%s is not the module %s", from, poolModule)
	}
	todo, imports := []string{"."}, map[string]bool{}
	if all {
		if todo, err = packageDirs(from); err != nil {
			return nil, err
		}
	}
	files = map[string][]byte{}
	for read := map[string]bool{}; len(todo) > 0; todo = todo[1:] {
		dir := todo[0]
		if read[dir] {
			continue
		}
		read[dir] = true
		found, err := readPackage(files, from, dir)
		if err != nil {
			return nil, err
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
				return nil, err
			}
		}
	}
	mod.Cleanup()
	if files["go.mod"], err = mod.Format(); err != nil {
		return nil, err
	}
	files["go.sum"], err = os.ReadFile(filepath.Join(from, "go.sum"))
	return files, err
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

// readPackage reads the files of a package but its tests, and returns what they
// import.
func readPackage(files map[string][]byte, root, dir string) (imports []string, err error) {
	entries, err := os.ReadDir(filepath.Join(root, dir))
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		name := e.Name()
		isGo := strings.HasSuffix(name, ".go")
		if e.IsDir() || !isGo && !strings.HasSuffix(name, ".s") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		source, err := os.ReadFile(filepath.Join(root, dir, name))
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
		files[filepath.Join(dir, name)] = source
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
