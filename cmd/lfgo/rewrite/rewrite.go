package rewrite

import (
	"cmp"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// PoolPath is the import path of the package whose Go is called.
const PoolPath = "github.com/lfpool/lfpool"

// A Package is a type-checked package whose go statements are to be rewritten.
type Package struct {
	Fset    *token.FileSet
	Types   *types.Package
	Info    *types.Info
	Files   []*ast.File
	Read    func(name string) ([]byte, error) // a file's source, as it was parsed
	Sizes   types.Sizes
	Imports func(path string) *types.Package // the packages that Types imports
	// Goes is the language version of the package, as in go/types; "" the newest.
	Goes string
}

// A Statement is a go statement that was found.
type Statement struct {
	Position token.Position // in the file as it is stored, whatever //line says
	In       string         // the declared function it stands in
	Starts   string         // the declared function it starts, "" for a literal or a value
	Root     token.Position // the function literal it starts, or none
	Left     string         // why it stays as it is; "" if it is rewritten
}

// A Result is what became of a package: the new source of each file that has a
// rewritten statement, and all statements in order.
type Result struct {
	Sources    map[string][]byte
	Statements []Statement
}

// Options choose.
type Options struct {
	// Keep, if not nil, returns why a statement shall stay, or "".
	Keep func(Statement) string
	// Readable names and layout, for source that people will read; line numbers
	// then change when the file is formatted.
	Readable bool
}

// Rewrite rewrites the go statements of a package. Each new file is type-checked:
// the statements of one that does not compile stay as they are.
func Rewrite(pkg Package, program *Program, options Options) (Result, error) {
	result := Result{Sources: map[string][]byte{}}
	var sources [][]byte
	for _, file := range pkg.Files {
		source, err := pkg.Read(pkg.name(file))
		if err != nil {
			return result, err
		}
		sources = append(sources, source)
	}
	names := unusedNames(sources)
	if options.Readable {
		names = Names{Pool: "lfpool", Fn: "fn", Arg: "arg"}
	}
	of := map[string]string{} // file name to what cannot be compiled there
	for {
		result.Statements = nil
		clear(result.Sources)
		for i, file := range pkg.Files {
			t := &target{pkg.Fset, pkg.Types, pkg.Info, file, sources[i], names}
			statements, edits := t.edits(program, options.Keep, of[pkg.name(file)])
			result.Statements = append(result.Statements, statements...)
			if len(edits) > 0 {
				result.Sources[pkg.name(file)] = Apply(sources[i], edits)
			}
		}
		bad := pkg.check(result.Sources)
		if len(bad) == 0 {
			return result, nil
		}
		for name, problem := range bad {
			if of[name] != "" || result.Sources[name] == nil {
				return result, errors.New("the rewritten package does not compile: " + problem)
			}
			of[name] = problem
		}
	}
}

func (pkg *Package) name(file *ast.File) string {
	return pkg.Fset.PositionFor(file.Package, false).Filename
}

// unusedNames returns names with a beginning that no source has.
func unusedNames(sources [][]byte) Names {
	prefix := "lfgo_"
	for slices.ContainsFunc(sources, func(s []byte) bool { return strings.Contains(string(s), prefix) }) {
		prefix += "_"
	}
	return Names{Pool: prefix + "pool", Fn: prefix + "fn", Arg: prefix + "arg"}
}

// edits returns the statements of a file and what rewrites those that can be.
func (t *target) edits(program *Program, keep func(Statement) string, problem string) (found []Statement, edits []Edit) {
	in := ""
	ast.Inspect(t.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if f, ok := t.info.Defs[n.Name].(*types.Func); ok {
				in = f.FullName()
			}
		case *ast.GenDecl:
			if t.info.Scopes[t.file] != nil && slices.Contains(t.file.Decls, ast.Decl(n)) {
				in = t.pkg.Path() + ".init"
			}
		case *ast.GoStmt:
			s := Statement{Position: t.fset.PositionFor(n.Go, false), In: in}
			if f := callee(n.Call, t.info); f != nil {
				s.Starts = f.FullName()
			} else if literal, ok := ast.Unparen(n.Call.Fun).(*ast.FuncLit); ok {
				s.Root = t.fset.PositionFor(literal.Pos(), false)
			}
			s.Left = program.reason(n.Call, t.info)
			if s.Left == "" && keep != nil {
				s.Left = keep(s)
			}
			if s.Left == "" && problem != "" {
				s.Left = "its file would not compile: " + problem
			}
			if s.Left == "" {
				var made []Edit
				made, s.Left = t.statement(n)
				edits = append(edits, made...)
			}
			found = append(found, s)
		}
		return true
	})
	if len(edits) > 0 {
		edits = append(edits, t.imports()...)
	}
	return found, edits
}

// imports returns the edit that imports package lfpool, unless the file does.
func (t *target) imports() []Edit {
	end := t.offset(t.file.Name.End())
	name := t.names.Pool + " "
	if name == "lfpool " {
		name = ""
	}
	return []Edit{{end, end, "; import " + name + `"` + PoolPath + `"`}}
}

// check type-checks the package with files in the place of others, and returns
// the first error in each that has one.
func (pkg *Package) check(sources map[string][]byte) (bad map[string]string) {
	if len(sources) == 0 {
		return nil
	}
	bad = map[string]string{}
	fset, files := token.NewFileSet(), []*ast.File(nil)
	for _, file := range pkg.Files {
		name := pkg.name(file)
		source := sources[name]
		if source == nil {
			var err error
			if source, err = pkg.Read(name); err != nil {
				bad[name] = err.Error()
				continue
			}
		}
		parsed, err := parser.ParseFile(fset, name, source, parser.SkipObjectResolution)
		if err != nil {
			bad[name] = err.Error()
			continue
		}
		files = append(files, parsed)
	}
	if len(bad) > 0 {
		return bad
	}
	config := types.Config{
		Importer:  importer(pkg.Imports),
		Sizes:     pkg.Sizes,
		GoVersion: pkg.Goes,
		Error: func(err error) {
			e := err.(types.Error)
			if name := fset.PositionFor(e.Pos, false).Filename; bad[name] == "" {
				bad[name] = e.Msg
			}
		},
	}
	// Errors are told one by one.
	_, _ = config.Check(pkg.Types.Path(), fset, files, nil)
	return bad
}

// importer imports what the package imported before, and package lfpool.
type importer func(path string) *types.Package

func (i importer) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	if p := i(path); p != nil {
		return p, nil
	}
	if path == PoolPath {
		return pool, nil
	}
	return nil, errors.New("no package " + path)
}

// pool is package lfpool as far as rewritten files need it.
var pool = func() *types.Package {
	p := types.NewPackage(PoolPath, "lfpool")
	f := types.NewVar(token.NoPos, p, "f", types.NewSignatureType(nil, nil, nil, nil, nil, false))
	signature := types.NewSignatureType(nil, nil, nil, types.NewTuple(f), nil, false)
	p.Scope().Insert(types.NewFunc(token.NoPos, p, "Go", signature))
	p.MarkComplete()
	return p
}()

// Compare orders statements by file, line and column.
func Compare(a, b Statement) int {
	return cmp.Or(
		strings.Compare(a.Position.Filename, b.Position.Filename),
		cmp.Compare(a.Position.Offset, b.Position.Offset),
	)
}
