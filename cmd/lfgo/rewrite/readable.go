package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
	"strings"
)

// bind is for function literals with parameters, in source for people: the
// parameters become variables, and the literal takes none.
//
//	go func(c net.Conn) { serve(c) }(accept())
//
// becomes
//
//	{
//		c := accept()
//		lfpool.Go(func() { serve(c) })
//	}
//
// It returns false where a variable would have another type than the parameter,
// or would not be used.
func (t *target) bind(g *ast.GoStmt) ([]Edit, bool) {
	literal, ok := ast.Unparen(g.Call.Fun).(*ast.FuncLit)
	if !ok || literal.Type.Results != nil || g.Call.Ellipsis.IsValid() || len(g.Call.Args) == 0 {
		return nil, false
	}
	var names, values []string
	for _, field := range literal.Type.Params.List {
		for _, name := range field.Names {
			if name.Name == "_" || !t.usedIn(literal.Body, t.info.Defs[name]) || len(names) == len(g.Call.Args) {
				return nil, false
			}
			arg := g.Call.Args[len(names)]
			if hasLiteral(arg) || !t.hasType(arg, t.info.TypeOf(name)) {
				return nil, false
			}
			names, values = append(names, name.Name), append(values, string(t.text(arg)))
		}
	}
	if len(names) != len(g.Call.Args) {
		return nil, false
	}
	lead := "{\n" + strings.Join(names, ", ") + " := " + strings.Join(values, ", ") + "\n" + t.names.Pool + ".Go(func() "
	end := t.offset(literal.Body.End())
	return []Edit{
		{t.offset(g.Go), t.offset(literal.Body.Pos()), lead},
		{end, t.offset(g.End()), ")\n}"},
	}, true
}

// losesComment reports whether there is a comment in what the edits replace.
func (t *target) losesComment(edits []Edit) bool {
	for _, group := range t.file.Comments {
		for _, c := range group.List {
			at := t.offset(c.Pos())
			for _, e := range edits {
				if e.Start <= at && at < e.End && !strings.Contains(e.New, c.Text) {
					return true
				}
			}
		}
	}
	return false
}

// usedIn reports whether a variable is used in a block, other than to be set.
func (t *target) usedIn(block *ast.BlockStmt, object types.Object) (used bool) {
	set := map[*ast.Ident]bool{}
	ast.Inspect(block, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, left := range n.Lhs {
				if id, ok := left.(*ast.Ident); ok && n.Tok == token.ASSIGN {
					set[id] = true
				}
			}
		case *ast.Ident:
			used = used || t.info.Uses[n] == object && object != nil && !set[n]
		}
		return true
	})
	return used
}

// hasType reports whether a variable that an expression is assigned to by := has
// the type.
func (t *target) hasType(e ast.Expr, want types.Type) bool {
	alone := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
	if err := types.CheckExpr(t.fset, t.pkg, e.Pos(), e, alone); err != nil {
		return false
	}
	typ := alone.Types[e].Type
	if basic, ok := typ.(*types.Basic); ok && basic.Kind() == types.UntypedNil {
		return false
	}
	return typ != nil && types.Identical(types.Default(typ), want)
}

// poolName returns the name for package lfpool in the file: the one it has
// already, or lfpool, or another if that is taken.
func (t *target) poolName() string {
	if spec := t.poolImport(); spec != nil {
		if name := t.info.PkgNameOf(spec); name != nil {
			return name.Name()
		}
	}
	taken := map[string]bool{}
	ast.Inspect(t.file, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			taken[id.Name] = true
		}
		return true
	})
	name := "lfpool"
	for n := 2; taken[name] || t.pkg.Scope().Lookup(name) != nil; n++ {
		name = "lfpool" + strconv.Itoa(n)
	}
	return name
}

// poolImport returns the import of package lfpool that the file has, under a
// name that can be used.
func (t *target) poolImport() *ast.ImportSpec {
	for _, spec := range t.file.Imports {
		if path, err := strconv.Unquote(spec.Path.Value); err == nil && path == PoolPath {
			if spec.Name == nil || spec.Name.Name != "_" && spec.Name.Name != "." {
				return spec
			}
		}
	}
	return nil
}

// importEdit imports package lfpool, unless the file does so under the name that
// is wanted.
func (t *target) importEdit() []Edit {
	spec := strconv.Quote(PoolPath)
	if t.names.Pool != "lfpool" {
		spec = t.names.Pool + " " + spec
	}
	if !t.readable {
		end := t.offset(t.file.Name.End())
		return []Edit{{end, end, "; import " + spec}}
	}
	if t.poolImport() != nil {
		return nil
	}
	// Beside the last of the first list of imports that is of no standard
	// package, or at the end of that list.
	for _, decl := range t.file.Decls {
		list, ok := decl.(*ast.GenDecl)
		if !ok || list.Tok != token.IMPORT || !list.Lparen.IsValid() || len(list.Specs) == 0 {
			continue
		}
		last := list.Specs[len(list.Specs)-1].(*ast.ImportSpec)
		if path, err := strconv.Unquote(last.Path.Value); err == nil && !strings.Contains(strings.Split(path, "/")[0], ".") {
			spec = "\n" + spec // a group of its own after the standard packages
		}
		if close := t.offset(list.Rparen); close < t.lineEnd(last.End()) {
			return []Edit{{close, close, "\n" + spec + "\n"}} // all on one line
		}
		at := t.lineEnd(last.End())
		return []Edit{{at, at, "\n" + spec}}
	}
	at := t.lineEnd(t.file.Name.End())
	return []Edit{{at, at, "\n\nimport " + spec}}
}

// lineEnd returns where the line of a place ends, so that a comment behind it
// stays there.
func (t *target) lineEnd(p token.Pos) int {
	at := t.offset(p)
	if i := strings.IndexByte(string(t.source[at:]), '\n'); i >= 0 {
		return at + i
	}
	return len(t.source)
}

// ImportEdit returns what imports package lfpool in a file for edits that
// Rewrite has made with Readable.
func ImportEdit(pkg Package, file *ast.File, source []byte) []Edit {
	t := &target{fset: pkg.Fset, pkg: pkg.Types, info: pkg.Info, file: file, source: source, readable: true}
	t.names.Pool = t.poolName()
	return t.importEdit()
}
