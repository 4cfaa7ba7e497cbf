package rewrite

import (
	"cmp"
	"errors"
	"go/ast"
	"go/parser"
	"go/scanner"
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
	Starts   string         // the declared function it starts, as profiles name it; "" for a literal or a value
	Root     token.Position // the function literal it starts, or none
	Left     string         // why it stays as it is; "" if it is rewritten
	Edits    []Edit         // what rewrites it, in the file as it was parsed

	last int // its last line
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
	given := map[token.Position]string{} // statements given up, and why
	for {
		result.Statements = nil
		clear(result.Sources)
		for i, file := range pkg.Files {
			t := &target{pkg.Fset, pkg.Types, pkg.Info, file, sources[i], names, options.Readable}
			if options.Readable {
				t.names = Names{Pool: t.poolName(), Fn: "fn", Arg: "arg"}
			}
			statements := t.statements(program, options.Keep, given)
			result.Statements = append(result.Statements, statements...)
			var edits []Edit
			for _, s := range statements {
				edits = append(edits, s.Edits...)
			}
			if len(edits) > 0 {
				result.Sources[pkg.name(file)] = Apply(sources[i], append(edits, t.importEdit()...))
			}
		}
		bad := pkg.check(result.Sources)
		if len(bad) == 0 {
			return result, nil
		}
		progress := false
		for _, problem := range bad {
			progress = giveUp(problem, result.Statements, given) || progress
		}
		if !progress {
			return result, errors.New("the rewritten package does not compile: " + bad[0].Error())
		}
	}
}

// giveUp notes the innermost rewritten statement that an error is in, or, if it
// is in none, all of its file. It reports whether there was one.
func giveUp(problem types.Error, statements []Statement, given map[token.Position]string) (found bool) {
	at := problem.Fset.PositionFor(problem.Pos, false)
	var innermost *Statement
	for i, s := range statements {
		if s.Left == "" && s.Position.Filename == at.Filename && s.Position.Line <= at.Line && at.Line <= s.last {
			innermost = &statements[i]
		}
	}
	for _, s := range statements {
		if s.Left == "" && s.Position.Filename == at.Filename && (innermost == nil || innermost.Position == s.Position) {
			given[s.Position] = "rewritten it would not compile: " + problem.Msg
			found = true
		}
	}
	return found
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

// statements returns the go statements of a file, with what rewrites those that
// can be.
func (t *target) statements(program *Program, keep func(Statement) string, given map[token.Position]string) (found []Statement) {
	in := ""
	ast.Inspect(t.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if f, ok := t.info.Defs[n.Name].(*types.Func); ok {
				in = ProfileName(f)
			}
		case *ast.GenDecl:
			if slices.Contains(t.file.Decls, ast.Decl(n)) {
				in = t.pkg.Path() + ".init"
			}
		case *ast.GoStmt:
			s := Statement{Position: t.fset.PositionFor(n.Go, false), In: in, last: t.fset.PositionFor(n.End(), false).Line}
			if f := callee(n.Call, t.info); f != nil {
				s.Starts = ProfileName(f)
			} else if literal, ok := ast.Unparen(n.Call.Fun).(*ast.FuncLit); ok {
				s.Root = t.fset.PositionFor(literal.Pos(), false)
			}
			s.Left = program.reason(n.Call, t.info)
			if s.Left == "" && keep != nil {
				s.Left = keep(s)
			}
			if s.Left == "" {
				s.Left = given[s.Position]
			}
			if s.Left == "" {
				s.Edits, s.Left = t.statement(n)
				if t.readable && t.losesComment(s.Edits) {
					s.Edits, s.Left = nil, "a comment amid its operands would be lost"
				}
			}
			found = append(found, s)
		}
		return true
	})
	return found
}

// ProfileName returns the name of a function as profiles and stack traces have
// it, but for type arguments, which it leaves out.
func ProfileName(f *types.Func) string {
	path := ""
	if p := f.Pkg(); p != nil {
		if path = p.Path() + "."; p.Name() == "main" {
			path = "main."
		}
	}
	receiver := f.Signature().Recv()
	if receiver == nil {
		return path + f.Name()
	}
	typ, star := receiver.Type(), false
	if p, ok := typ.(*types.Pointer); ok {
		typ, star = p.Elem(), true
	}
	name := types.TypeString(typ, func(*types.Package) string { return "" })
	name, _, _ = strings.Cut(name, "[")
	if star {
		name = "(*" + name + ")"
	}
	return path + name + "." + f.Name()
}

// check type-checks the package with sources in the place of files, and returns
// the errors.
func (pkg *Package) check(sources map[string][]byte) (bad []types.Error) {
	if len(sources) == 0 {
		return nil
	}
	fset, files := token.NewFileSet(), []*ast.File(nil)
	for _, file := range pkg.Files {
		name := pkg.name(file)
		source := sources[name]
		if source == nil {
			// What was parsed before is parsed again: positions belong to one set.
			var err error
			if source, err = pkg.Read(name); err != nil {
				return []types.Error{{Fset: fset, Msg: err.Error()}}
			}
		}
		parsed, err := parser.ParseFile(fset, name, source, parser.SkipObjectResolution)
		if err != nil {
			var list scanner.ErrorList
			if errors.As(err, &list) && parsed != nil {
				line := fset.File(parsed.FileStart).LineStart(list[0].Pos.Line)
				return []types.Error{{Fset: fset, Pos: line, Msg: list[0].Msg}}
			}
			return []types.Error{{Fset: fset, Msg: err.Error()}}
		}
		files = append(files, parsed)
	}
	config := types.Config{
		Importer:  importer(pkg.Imports),
		Sizes:     pkg.Sizes,
		GoVersion: pkg.Goes,
		Error: func(err error) {
			if e, ok := err.(types.Error); ok {
				bad = append(bad, e)
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
