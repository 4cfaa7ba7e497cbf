// Package load finds the packages that a command would build, rewrites those of
// the user's modules and of the dependencies that were asked for, and says what
// it did.
package load

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/lfpool/lfpool/cmd/lfgo/internal/workspace"
	"github.com/lfpool/lfpool/cmd/lfgo/rewrite"
)

// Request says what to rewrite.
type Request struct {
	Patterns   []string                       // packages, as for the go command
	Tests      bool                           // of these packages, too
	BuildFlags []string                       // that choose files: -tags, -race
	Deps       *regexp.Regexp                 // the modules to rewrite beside the user's; nil: none
	Keep       func(rewrite.Statement) string // see rewrite.Options
	Readable   bool
}

// A Skipped file was not looked into.
type Skipped struct {
	File       string
	Statements int
	Why        string
}

// Report is what was found.
type Report struct {
	Packages   int // with go statements
	Statements []rewrite.Statement
	Skipped    []Skipped
	Broken     []string // packages that do not compile, left for the go command to complain of
	Sources    map[string][]byte
	Modules    []*packages.Module // dependencies with rewritten files
}

// Rewritten counts the statements that are calls of lfpool.Go now.
func (r *Report) Rewritten() (n int) {
	for _, s := range r.Statements {
		if s.Left == "" {
			n++
		}
	}
	return n
}

const listMode = packages.NeedName | packages.NeedFiles | packages.NeedImports | packages.NeedDeps | packages.NeedModule | packages.NeedForTest

// Rewrite finds the packages and rewrites them.
func Rewrite(ctx context.Context, w *workspace.Workspace, request Request) (*Report, error) {
	config := packages.Config{Context: ctx, Dir: w.Dir, Env: w.Env, BuildFlags: request.BuildFlags, Tests: request.Tests, Mode: listMode}
	listed, err := packages.Load(&config, request.Patterns...)
	if err != nil {
		return nil, firstLine(err)
	}
	if err := nothingFound(listed, request.Patterns); err != nil {
		return nil, err
	}
	avoid, err := poolNeeds(ctx, w)
	if err != nil {
		return nil, err
	}
	wanted, ours := map[string]bool{}, map[string]*packages.Module{}
	left := map[string]string{}
	packages.Visit(listed, nil, func(p *packages.Package) {
		if p.Module == nil || p.ForTest != "" || strings.HasSuffix(p.ID, ".test") {
			return
		}
		own := slices.ContainsFunc(w.Modules, func(m workspace.Module) bool { return m.Path == p.Module.Path && p.Module.Main })
		if !own && (request.Deps == nil || !request.Deps.MatchString(p.Module.Path)) {
			return
		}
		switch {
		case p.Module.Path == rewrite.PoolPath:
			left[p.PkgPath] = "it is lfpool's own"
			return
		case avoid[p.PkgPath]:
			left[p.PkgPath] = "package lfpool needs it"
			return
		}
		wanted[p.PkgPath] = true
		if !own {
			ours[p.Module.Path] = p.Module
		}
	})

	// The packages that were asked for come with their tests, the others without.
	var loaded []*packages.Package
	config.Mode = listMode | packages.NeedCompiledGoFiles | packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesInfo | packages.NeedTypesSizes | packages.NeedEmbedFiles
	config.Mode &^= packages.NeedDeps
	asked := map[string]bool{}
	for _, p := range listed {
		path := strings.TrimSuffix(p.PkgPath, "_test")
		if wanted[path] || wanted[p.PkgPath] {
			asked[path] = true
		}
	}
	config.Fset = token.NewFileSet()
	for _, tests := range []bool{true, false} {
		var paths []string
		for path := range wanted {
			if asked[path] == tests {
				paths = append(paths, path)
			}
		}
		if len(paths) == 0 {
			continue
		}
		slices.Sort(paths)
		config.Tests = tests && request.Tests
		more, err := packages.Load(&config, paths...)
		if err != nil {
			return nil, firstLine(err)
		}
		loaded = append(loaded, more...)
	}
	return rewriteAll(loaded, request, ours, left)
}

// rewriteAll rewrites packages. Of a package and the same with its tests, the
// latter has all files of the former, so that is rewritten first.
func rewriteAll(loaded []*packages.Package, request Request, deps map[string]*packages.Module, left map[string]string) (*Report, error) {
	report := &Report{Sources: map[string][]byte{}}
	program := rewrite.NewProgram()
	for _, p := range loaded {
		for _, file := range p.Syntax {
			program.Add(file, p.TypesInfo)
		}
	}
	slices.SortStableFunc(loaded, func(a, b *packages.Package) int { return len(b.Syntax) - len(a.Syntax) })
	keep := notEmbedded(loaded, request.Keep)
	done, used := map[string]bool{}, map[string]bool{}
	for _, p := range loaded {
		if strings.HasSuffix(p.ID, ".test") {
			continue // the main package that the go command makes of tests
		}
		if len(p.Errors) > 0 || p.Types == nil || p.IllTyped {
			report.Broken = append(report.Broken, problem(p))
			continue
		}
		report.skipCgo(p, done)
		if !slices.ContainsFunc(p.Syntax, func(f *ast.File) bool {
			return !done[p.Fset.PositionFor(f.Package, false).Filename] && hasGo(f)
		}) {
			continue
		}
		result, err := rewrite.Rewrite(forRewrite(p), program, rewrite.Options{Keep: keep, Readable: request.Readable})
		if err != nil {
			report.Broken = append(report.Broken, fmt.Sprintf("%s: %v", p.ID, err))
			continue
		}
		found := false
		for name, source := range result.Sources {
			if !done[name] && isSource(p, name) {
				report.Sources[name] = source
				used[modulePath(p)] = true
			}
		}
		for _, s := range result.Statements {
			if !done[s.Position.Filename] && isSource(p, s.Position.Filename) {
				report.Statements = append(report.Statements, s)
				found = true
			}
		}
		for _, file := range p.Syntax {
			done[p.Fset.PositionFor(file.Package, false).Filename] = true
		}
		if found {
			report.Packages++
		}
	}
	for path, m := range deps {
		if used[path] {
			report.Modules = append(report.Modules, m)
		}
	}
	for path, why := range left {
		report.Skipped = append(report.Skipped, Skipped{File: path, Why: why})
	}
	slices.SortFunc(report.Skipped, func(a, b Skipped) int { return strings.Compare(a.File, b.File) })
	slices.SortFunc(report.Statements, rewrite.Compare)
	return report, nil
}

// notEmbedded keeps what other does, and the statements of files that programs
// embed: the go command embeds what stands in a file's place.
func notEmbedded(loaded []*packages.Package, other func(rewrite.Statement) string) func(rewrite.Statement) string {
	embedded := map[string]bool{}
	for _, p := range loaded {
		for _, name := range p.EmbedFiles {
			embedded[name] = true
		}
	}
	return func(s rewrite.Statement) string {
		if embedded[s.Position.Filename] {
			return "its file is embedded in a program"
		}
		if other != nil {
			return other(s)
		}
		return ""
	}
}

func modulePath(p *packages.Package) string {
	if p.Module == nil {
		return ""
	}
	return p.Module.Path
}

// problem is the first error of a package's own lines.
func problem(p *packages.Package) string {
	for _, e := range p.Errors {
		if e.Kind == packages.ParseError || e.Kind == packages.TypeError {
			return e.Pos + ": " + e.Msg
		}
	}
	for _, e := range p.Errors {
		return strings.ReplaceAll(strings.TrimSpace(e.Msg), "\n", ": ")
	}
	return "a package that it imports does not compile"
}

func forRewrite(p *packages.Package) rewrite.Package {
	goes := ""
	if p.Module != nil && p.Module.GoVersion != "" {
		goes = "go" + p.Module.GoVersion
	}
	return rewrite.Package{
		Fset: p.Fset, Types: p.Types, Info: p.TypesInfo, Files: p.Syntax, Read: os.ReadFile, Sizes: p.TypesSizes, Goes: goes,
		Imports: func(path string) *types.Package {
			if imported := p.Imports[path]; imported != nil {
				return imported.Types
			}
			return nil
		},
	}
}

func hasGo(file *ast.File) (found bool) {
	ast.Inspect(file, func(n ast.Node) bool {
		_, is := n.(*ast.GoStmt)
		found = found || is
		return !found
	})
	return found
}

// isSource reports whether a file is the package's own: not one that cgo made.
func isSource(p *packages.Package, name string) bool { return slices.Contains(p.GoFiles, name) }

// skipCgo names the files that import "C": what is compiled is not the file, but
// what cgo makes of it.
func (r *Report) skipCgo(p *packages.Package, done map[string]bool) {
	for _, name := range p.GoFiles {
		if slices.Contains(p.CompiledGoFiles, name) || done[name] {
			continue
		}
		done[name] = true
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			continue // the go command says so
		}
		n := 0
		ast.Inspect(file, func(node ast.Node) bool {
			if _, is := node.(*ast.GoStmt); is {
				n++
			}
			return true
		})
		if n > 0 {
			r.Skipped = append(r.Skipped, Skipped{name, n, `it imports "C"`})
		}
	}
}

// poolNeeds returns the packages that package lfpool is made of: they cannot
// import it.
func poolNeeds(ctx context.Context, w *workspace.Workspace) (map[string]bool, error) {
	config := packages.Config{Context: ctx, Dir: w.Pool, Env: w.Env, Mode: packages.NeedName | packages.NeedImports | packages.NeedDeps}
	found, err := packages.Load(&config, rewrite.PoolPath)
	if err != nil {
		return nil, firstLine(err)
	}
	needed := map[string]bool{}
	packages.Visit(found, nil, func(p *packages.Package) { needed[p.PkgPath] = true })
	return needed, nil
}

// nothingFound returns an error if no pattern names a package.
func nothingFound(listed []*packages.Package, patterns []string) error {
	for _, p := range listed {
		if len(p.GoFiles) > 0 || len(p.OtherFiles) > 0 {
			return nil
		}
	}
	for _, p := range listed {
		for _, e := range p.Errors {
			return firstLine(errors.New(e.Msg))
		}
	}
	return fmt.Errorf("no packages match %s", strings.Join(patterns, " "))
}

// firstLine is for complaints of the go command that are long.
func firstLine(err error) error {
	text := strings.TrimSpace(err.Error())
	text = strings.TrimPrefix(text, "err: exit status 1: stderr: ")
	if line, _, more := strings.Cut(text, "\n"); more {
		return errors.New(line)
	}
	return errors.New(text)
}

// Summary says in a few lines what was rewritten and what was left, for what
// reasons; with all each statement that was left.
func (r *Report) Summary(dir string, all bool) string {
	var b strings.Builder
	n := r.Rewritten()
	fmt.Fprintf(&b, "lfgo: %d of %d go statements in %d packages are calls of lfpool.Go", n, len(r.Statements), r.Packages)
	var reasons []string
	count := map[string]int{}
	for _, s := range r.Statements {
		if s.Left != "" {
			why, _, _ := strings.Cut(s.Left, ": ")
			if count[why]++; count[why] == 1 {
				reasons = append(reasons, why)
			}
		}
	}
	for i, why := range reasons {
		lead := "; left as they are: "
		if i > 0 {
			lead = ", "
		}
		fmt.Fprintf(&b, "%s%d (%s)", lead, count[why], why)
	}
	fmt.Fprintln(&b)
	for _, s := range r.Skipped {
		if s.Statements > 0 {
			fmt.Fprintf(&b, "lfgo: %s left alone with %d go statements: %s\n", relative(dir, s.File), s.Statements, s.Why)
		} else {
			fmt.Fprintf(&b, "lfgo: package %s left alone: %s\n", s.File, s.Why)
		}
	}
	for _, p := range r.Broken {
		line, _, _ := strings.Cut(p, "\n")
		fmt.Fprintf(&b, "lfgo: package left alone, it does not compile: %s\n", line)
	}
	if !all {
		return b.String()
	}
	for _, s := range r.Statements {
		if s.Left != "" {
			fmt.Fprintf(&b, "%s:%d: left as go: %s\n", relative(dir, s.Position.Filename), s.Position.Line, s.Left)
		}
	}
	return b.String()
}

func relative(dir, name string) string {
	if rel, err := filepath.Rel(dir, name); err == nil && !strings.HasPrefix(rel, "..") {
		return rel
	}
	return name
}
