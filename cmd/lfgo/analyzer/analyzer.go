// Package analyzer finds go statements that can be calls of lfpool.Go, and
// suggests to make them so. It is an analyzer as go vet -vettool and other drivers
// of golang.org/x/tools/go/analysis run them; lfgo fix uses it, too.
package analyzer

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"os"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/lfpool/lfpool/cmd/lfgo/internal/worth"
	"github.com/lfpool/lfpool/cmd/lfgo/rewrite"
)

const doc = `find go statements that can be calls of lfpool.Go

The lfpoolgo analyzer reports each go statement whose goroutine a pool may help,
and suggests the call of lfpool.Go that has its meaning: the function value and
the arguments are evaluated where the statement stands, in order. It says nothing
of goroutines that live for ever or lock their thread, and of generated files.

With -profile it only reports the go statements for which the CPU profile says
that a pool is worth it. Files that import "C" are left alone.`

// Analyzer is the analyzer.
var Analyzer = &analysis.Analyzer{
	Name: "lfpoolgo",
	Doc:  doc,
	URL:  "https://github.com/lfpool/lfpool/tree/main/cmd/lfgo",
	Run:  run,
}

// profileFile is the flag -profile.
var profileFile string

func init() {
	Analyzer.Flags.StringVar(&profileFile, "profile", "", "report only what this CPU profile finds worth it")
}

func run(pass *analysis.Pass) (any, error) {
	if pass.Pkg.Path() == rewrite.PoolPath || strings.HasPrefix(pass.Pkg.Path(), rewrite.PoolPath+"/") {
		return nil, nil
	}
	var keep func(rewrite.Statement) string
	if profileFile != "" {
		chosen, err := worth.FromFile(profileFile)
		if err != nil {
			return nil, err
		}
		keep = chosen.Keep
	}
	program := rewrite.NewProgram()
	files := map[string]*ast.File{}
	var written []*ast.File
	for _, file := range pass.Files {
		program.Add(file, pass.TypesInfo)
		name := pass.Fset.PositionFor(file.Package, false).Filename
		files[name] = file
		if !ast.IsGenerated(file) && !strings.HasSuffix(name, ".cgo1.go") {
			written = append(written, file)
		}
	}
	imports := map[string]*types.Package{}
	for _, p := range pass.Pkg.Imports() {
		imports[p.Path()] = p
	}
	pkg := rewrite.Package{
		Fset: pass.Fset, Types: pass.Pkg, Info: pass.TypesInfo, Files: pass.Files, Read: pass.ReadFile, Sizes: pass.TypesSizes,
		Imports: func(path string) *types.Package { return imports[path] },
	}
	if pass.Module != nil && pass.Module.GoVersion != "" {
		pkg.Goes = "go" + strings.TrimPrefix(pass.Module.GoVersion, "go")
	}
	result, err := rewrite.Rewrite(pkg, program, rewrite.Options{Keep: keep, Readable: true})
	if err != nil {
		return nil, err
	}
	for _, s := range result.Statements {
		file := files[s.Position.Filename]
		if s.Left != "" || !contains(written, file) {
			continue
		}
		source, err := pass.ReadFile(s.Position.Filename)
		if err != nil {
			return nil, err
		}
		base := pass.Fset.File(file.FileStart)
		var edits []analysis.TextEdit
		for _, e := range append(rewrite.ImportEdit(pkg, file, source), s.Edits...) {
			edits = append(edits, analysis.TextEdit{Pos: base.Pos(e.Start), End: base.Pos(e.End), NewText: []byte(e.New)})
		}
		at := base.Pos(s.Position.Offset)
		pass.Report(analysis.Diagnostic{
			Pos: at, End: at + token.Pos(len("go")),
			Message:        "this goroutine can run in a pool: lfpool.Go has the meaning of go",
			SuggestedFixes: []analysis.SuggestedFix{{Message: "Call lfpool.Go", TextEdits: edits}},
		})
	}
	return nil, nil
}

func contains(files []*ast.File, file *ast.File) bool {
	for _, f := range files {
		if f == file {
			return true
		}
	}
	return false
}

// SetProfile is the flag -profile for a driver without flags. It returns an
// error if the file is no CPU profile.
func SetProfile(file string) error {
	if _, err := os.Stat(file); err != nil {
		return err
	}
	if _, err := worth.FromFile(file); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	profileFile = file
	return nil
}
