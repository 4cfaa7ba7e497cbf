package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/lfpool/lfpool/cmd/lfgo/internal/load"
	"github.com/lfpool/lfpool/cmd/lfgo/internal/workspace"
)

// pooled is a program that is ready to be built on lfpool.
type pooled struct {
	*workspace.Workspace
	report  *load.Report
	overlay string // the flag for the go command
}

// errNoGo is for programs that have nothing to rewrite.
var errNoGo = errors.New("no go statements found, so there is nothing to put on a pool (-deps PATTERN also looks into dependencies)")

// What a program is built for.
type purpose int

const (
	toRun purpose = iota
	toTest
	toMeasure // its tests' benchmarks
)

// pool rewrites what a command line builds. The caller must Close what it
// returns.
func pool(ctx context.Context, a arguments, use purpose) (_ *pooled, err error) {
	request, source, err := requestOf(ctx, a, use != toRun)
	if err != nil {
		return nil, err
	}
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	w, err := workspace.Open(ctx, dir, source)
	if err != nil {
		return nil, err
	}
	p := &pooled{Workspace: w}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.Close())
		}
	}()
	if p.report, err = load.Rewrite(ctx, w, request); err != nil {
		return nil, err
	}
	if len(p.report.Statements) == 0 {
		if len(p.report.Broken) > 0 {
			return nil, errors.New("the build fails, before anything is rewritten: " + strings.TrimSpace(p.report.Broken[0]))
		}
		return nil, errNoGo
	}
	own := map[string][]byte{}
	for name, text := range p.report.Sources {
		own[name] = text
	}
	for _, m := range p.report.Modules {
		if err := w.ReplaceModule(m.Path, m.Dir, p.report.Sources); err != nil {
			return nil, err
		}
		for name := range own {
			if strings.HasPrefix(name, m.Dir+string(filepath.Separator)) {
				delete(own, name)
			}
		}
	}
	if use == toMeasure {
		if err := production(w.Pool, own); err != nil {
			return nil, err
		}
	}
	if p.overlay, err = w.Overlay(own); err != nil {
		return nil, err
	}
	fmt.Fprint(os.Stderr, p.report.Summary(dir, a.own["why"] != ""))
	return p, nil
}

// production adds to sources what has the pools of a test binary follow the rules of
// other programs: a benchmark is there to measure those.
func production(lfpool string, sources map[string][]byte) error {
	name := filepath.Join(lfpool, "internal", "binary", "binary.go")
	text, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("reading the library: %w", err)
	}
	const rule = "= testing.Testing()"
	if !bytes.Contains(text, []byte(rule)) {
		return fmt.Errorf("%s does not have %q: lfgo and lfpool are of different versions", name, rule)
	}
	sources[name] = bytes.Replace(text, []byte(rule), []byte("= false && testing.Testing()"), 1)
	return nil
}

func requestOf(ctx context.Context, a arguments, tests bool) (request load.Request, source string, err error) {
	request = load.Request{Patterns: a.packages, Tests: tests, BuildFlags: a.buildFlags()}
	if request.Deps, err = a.deps(); err != nil {
		return request, "", err
	}
	if file := a.own["leave"]; file != "" {
		lived, err := longLived(file)
		if err != nil {
			return request, "", err
		}
		request.Keep = lived.keep
	}
	if source = a.own["lfpool"]; source != "" {
		if source, err = filepath.Abs(source); err != nil {
			return request, "", err
		}
		return request, source, nil
	}
	source, err = workspace.FindPool(ctx)
	return request, source, err
}
