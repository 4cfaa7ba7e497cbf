package main

import (
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

// pool rewrites what a command line builds. The caller must Close what it
// returns.
func pool(ctx context.Context, a arguments, tests bool) (_ *pooled, err error) {
	request, source, err := requestOf(ctx, a, tests)
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
	if p.overlay, err = w.Overlay(own); err != nil {
		return nil, err
	}
	fmt.Fprint(os.Stderr, p.report.Summary(dir, a.own["why"] != ""))
	return p, nil
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
