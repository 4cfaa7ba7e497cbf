// Package workspace builds a user's program with some files in the place of
// others and with package lfpool at hand, and writes nothing to the user's
// directories.
//
// It makes a go.work of its own in a temporary directory, which uses the user's
// modules where they are, and -overlay. A go.work, and not -modfile: each module
// then keeps its own go line, so its language version (what a loop's variables
// mean, for one) stays what it is although lfpool asks for a newer Go.
package workspace

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"
)

// A Workspace is a temporary directory with a go.work for the user's modules.
type Workspace struct {
	Temp    string   // removed by Close
	Dir     string   // where the user's commands run
	Modules []Module // the user's: the main module, or those of the user's go.work
	Pool    string   // the directory of the copy of package lfpool, or of the user's own
	Env     []string // for go commands
	User    Settings // as the user has them
	work    *modfile.WorkFile

	requiresPool bool // a module of the user's does
}

// A Module is one of the user's own.
type Module struct{ Path, Dir string }

// Settings are what go env says of the user's directory.
type Settings struct{ GOMOD, GOWORK, GOFLAGS, GOTMPDIR, GOMODCACHE, GOVERSION string }

// Open makes a workspace for the module, or the workspace, that dir is in.
// poolSource is the directory of lfpool's source. Close must be called.
func Open(ctx context.Context, dir, poolSource string) (_ *Workspace, err error) {
	w := &Workspace{Dir: dir}
	out, err := output(ctx, dir, os.Environ(), "go", "env", "-json", "GOMOD", "GOWORK", "GOFLAGS", "GOTMPDIR", "GOMODCACHE", "GOVERSION")
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(out, &w.User); err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	if w.User.GOMOD == "" || w.User.GOMOD == os.DevNull {
		if w.User.GOWORK == "" {
			return nil, fmt.Errorf("%s is in no module: there is no go.mod in it or above it", dir)
		}
	}
	if w.Temp, err = os.MkdirTemp("", "lfgo-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.Close())
		}
	}()
	// The go command names files as the system does, without links.
	if w.Temp, err = filepath.EvalSymlinks(w.Temp); err != nil {
		return nil, err
	}
	if err := w.readModules(); err != nil {
		return nil, err
	}
	if err := w.addPool(poolSource); err != nil {
		return nil, err
	}
	if err := os.Mkdir(w.path("go-build"), 0o777); err != nil {
		return nil, err
	}
	if err := w.write("before.work"); err != nil {
		return nil, err
	}
	w.Env = w.env("go.work")
	return w, w.write("go.work")
}

// Before returns the variables for go commands without any rewritten dependency.
func (w *Workspace) Before() []string { return w.env("before.work") }

func (w *Workspace) env(file string) []string {
	return append(os.Environ(), "GOWORK="+w.path(file), "GOFLAGS="+withoutMod(w.User.GOFLAGS), "GOTMPDIR="+w.path("go-build"))
}

// Close removes the temporary directory.
func (w *Workspace) Close() error { return os.RemoveAll(w.Temp) }

func (w *Workspace) path(name string) string { return filepath.Join(w.Temp, name) }

func (w *Workspace) write(name string) error {
	w.work.Cleanup()
	return os.WriteFile(w.path(name), modfile.Format(w.work.Syntax), 0o666)
}

// withoutMod removes -mod and -modfile, which a workspace does not know.
func withoutMod(flags string) string {
	var kept []string
	for _, f := range strings.Fields(flags) {
		if name := strings.TrimLeft(f, "-"); !strings.HasPrefix(name, "mod=") && !strings.HasPrefix(name, "modfile=") {
			kept = append(kept, f)
		}
	}
	return strings.Join(kept, " ")
}

// readModules begins the go.work: with the user's, or with the main module.
func (w *Workspace) readModules() error {
	w.work = new(modfile.WorkFile)
	w.work.Syntax = new(modfile.FileSyntax)
	dirs, goes := []string{filepath.Dir(w.User.GOMOD)}, "1.25.0"
	if w.User.GOWORK != "" {
		text, err := os.ReadFile(w.User.GOWORK)
		if err != nil {
			return err
		}
		user, err := modfile.ParseWork(w.User.GOWORK, text, nil)
		if err != nil {
			return err
		}
		root := filepath.Dir(w.User.GOWORK)
		dirs = nil
		for _, use := range user.Use {
			dirs = append(dirs, absolute(root, use.Path))
		}
		for _, r := range user.Replace {
			to := r.New.Path
			if r.New.Version == "" {
				to = absolute(root, to)
			}
			if err := w.work.AddReplace(r.Old.Path, r.Old.Version, to, r.New.Version); err != nil {
				return err
			}
		}
		for _, g := range user.Godebug {
			if err := w.work.AddGodebug(g.Key, g.Value); err != nil {
				return err
			}
		}
		if user.Go != nil {
			goes = newer(goes, user.Go.Version)
			w.keepDefaults(user.Go.Version, user.Godebug)
		}
		if sums, err := os.ReadFile(filepath.Join(root, "go.work.sum")); err == nil {
			for _, name := range []string{"go.work.sum", "before.work.sum"} {
				if err := os.WriteFile(w.path(name), sums, 0o666); err != nil {
					return err
				}
			}
		}
	}
	for _, dir := range dirs {
		name := filepath.Join(dir, "go.mod")
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		user, err := modfile.Parse(name, text, nil)
		if err != nil {
			return err
		}
		if user.Module == nil {
			return fmt.Errorf("%s has no module line", name)
		}
		version := "1.16"
		if user.Go != nil {
			version = user.Go.Version
		}
		goes = newer(goes, version)
		if w.User.GOWORK == "" {
			for _, g := range user.Godebug {
				if err := w.work.AddGodebug(g.Key, g.Value); err != nil {
					return err
				}
			}
			w.keepDefaults(version, user.Godebug)
		}
		for _, r := range user.Require {
			w.requiresPool = w.requiresPool || r.Mod.Path == poolModule
		}
		w.Modules = append(w.Modules, Module{user.Module.Mod.Path, dir})
		if err := w.work.AddUse(dir, ""); err != nil {
			return err
		}
	}
	return w.work.AddGoStmt(goes)
}

// keepDefaults sets the defaults of GODEBUG to those of the user's go line, which
// that of the new go.work would change.
func (w *Workspace) keepDefaults(version string, set []*modfile.Godebug) {
	for _, g := range set {
		if g.Key == "default" {
			return
		}
	}
	language := strings.TrimPrefix(semver.MajorMinor("v"+version), "v")
	if language == "" || semver.Compare("v"+language, "v1.20") < 0 {
		language = "1.20" // the oldest whose defaults the go command knows
	}
	// The key and the value are well formed.
	_ = w.work.AddGodebug("default", "go"+language)
}

func newer(a, b string) string {
	if semver.Compare("v"+a, "v"+b) < 0 {
		return b
	}
	return a
}

func absolute(root, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(root, path)
}

// addPool uses a copy of package lfpool and of what it imports, without tests and
// what these require, so that it changes no version of the user's dependencies
// but by what the package itself needs. It copies the whole library for users who
// require it. If lfpool is one of the user's own modules, that one is used.
func (w *Workspace) addPool(source string) error {
	for _, m := range w.Modules {
		if m.Path == poolModule {
			w.Pool = m.Dir
			return nil
		}
	}
	var err error
	if w.Pool, err = poolCopy(source, w.requiresPool); err != nil {
		return err
	}
	return w.work.AddUse(w.Pool, "")
}

// Overlay writes the sources beside a list that names them as what stands in
// the place of the user's files, and returns the flag for it.
func (w *Workspace) Overlay(sources map[string][]byte) (flag string, err error) {
	if err := os.MkdirAll(w.path("overlay"), 0o777); err != nil {
		return "", err
	}
	list := struct{ Replace map[string]string }{map[string]string{}}
	for name, source := range sources {
		to := filepath.Join(w.path("overlay"), fmt.Sprintf("%d_%s", len(list.Replace), filepath.Base(name)))
		if err := os.WriteFile(to, source, 0o666); err != nil {
			return "", err
		}
		list.Replace[name] = to
	}
	text, err := json.Marshal(list)
	if err != nil {
		return "", err
	}
	return "-overlay=" + w.path("overlay.json"), os.WriteFile(w.path("overlay.json"), text, 0o666)
}

// UserEnv returns the variables that Env changes, as NAME=VALUE with the user's
// values, and NAME for those that were not set.
func (w *Workspace) UserEnv() []string {
	var was []string
	for _, name := range []string{"GOWORK", "GOFLAGS", "GOTMPDIR"} {
		if value, set := os.LookupEnv(name); set {
			name += "=" + value
		}
		was = append(was, name)
	}
	return was
}

// output runs a command and returns what it writes, or as the error the first
// line of what it complains of.
func output(ctx context.Context, dir string, env []string, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = dir, env
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		if text := strings.TrimSpace(complaints.String()); text != "" {
			return nil, errors.New(text)
		}
		return nil, fmt.Errorf("%s %s: %w", name, args[0], err)
	}
	return out, nil
}
