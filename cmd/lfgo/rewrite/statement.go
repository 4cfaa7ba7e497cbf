package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
	"strings"
)

// Names are the identifiers that a rewritten statement brings in.
type Names struct {
	Pool string // the name of package lfpool in the file
	Fn   string // of the function value
	Arg  string // of the arguments, which get a number each
}

// A target is a file with what is known of it.
type target struct {
	fset   *token.FileSet
	pkg    *types.Package
	info   *types.Info
	file   *ast.File
	source []byte
	names  Names

	readable bool // for people, not for the compiler alone
}

func (t *target) offset(p token.Pos) int { return t.fset.PositionFor(p, false).Offset }

func (t *target) text(n ast.Node) []byte {
	return t.source[t.offset(n.Pos()):t.offset(n.End())]
}

// lines returns the line breaks between two places, so that what stands in
// their place can have as many. Source for people is formatted anyway.
func (t *target) lines(from, to int) string {
	if t.readable {
		return ""
	}
	return strings.Repeat("\n", strings.Count(string(t.source[from:to]), "\n"))
}

// statement returns the edits that make a call of lfpool.Go out of a go
// statement, or the reason why it stays.
func (t *target) statement(g *ast.GoStmt) (edits []Edit, left string) {
	call, fun := g.Call, ast.Unparen(g.Call.Fun)
	if !t.info.Types[call.Fun].IsBuiltin() {
		signature, ok := t.info.TypeOf(call.Fun).Underlying().(*types.Signature)
		if !ok {
			if signature = core(t.info.TypeOf(call.Fun)); signature == nil {
				return nil, "the type of its function is not known"
			}
		}
		if t.inferredMethod(fun) {
			return nil, "it calls a generic method with inferred type arguments"
		}
		if len(call.Args) == 0 && signature.Params().Len() == 0 && signature.Results().Len() == 0 && t.neverNil(fun) {
			return t.handOver(g), ""
		}
	}
	if t.readable {
		if edits, ok := t.bind(g); ok {
			return edits, ""
		}
	}
	return t.capture(g)
}

// core returns the signature that every type of a type parameter has, or nil if
// the constraint does not say it in so many words.
func core(typ types.Type) (found *types.Signature) {
	param, ok := typ.(*types.TypeParam)
	if !ok {
		return nil
	}
	constraint := param.Constraint().Underlying().(*types.Interface)
	for embedded := range constraint.EmbeddedTypes() {
		terms := []types.Type{embedded}
		if union, ok := embedded.(*types.Union); ok {
			terms = nil
			for term := range union.Terms() {
				terms = append(terms, term.Type())
			}
		}
		for _, term := range terms {
			if s, ok := term.Underlying().(*types.Signature); ok {
				found = s
			}
		}
	}
	return found
}

// handOver is for a function that takes and returns nothing and is not nil: a
// literal, a declared function, or a method, whose receiver is evaluated here as
// that of the statement is.
func (t *target) handOver(g *ast.GoStmt) []Edit {
	start, paren := t.offset(g.Go), t.offset(g.Call.Lparen)
	end := t.offset(g.Call.Rparen)
	return []Edit{
		{start, t.offset(g.Call.Pos()), t.names.Pool + ".Go(" + t.lines(start, t.offset(g.Call.Pos()))},
		{paren, paren + 1, ")"},
		{end, end + 1, ""},
	}
}

// capture evaluates the operands into variables of a block, and calls with them
// in a closure. The operands stay where they are in the file.
func (t *target) capture(g *ast.GoStmt) (edits []Edit, left string) {
	call := g.Call
	type operand struct {
		node       ast.Node
		conversion string // a type, if the operand would get another one by itself
	}
	var kept []operand
	var names []string
	var movedTexts []ast.Node

	fn := ""
	if t.static(call.Fun) {
		fn = moved(t.text(call.Fun))
		movedTexts = append(movedTexts, call.Fun)
	} else {
		fn = t.names.Fn
		kept, names = append(kept, operand{node: call.Fun}), append(names, fn)
	}

	var args []string
	several := t.several(call)
	for i, arg := range call.Args {
		if several > 0 {
			break
		}
		if t.static(arg) {
			if hasLiteral(arg) {
				return nil, "a constant argument has a function literal in it"
			}
			args = append(args, moved(t.text(arg)))
			movedTexts = append(movedTexts, arg)
			continue
		}
		conversion, ok := t.conversion(arg)
		if !ok {
			return nil, "the type of an untyped argument cannot be named here"
		}
		name := t.names.Arg + strconv.Itoa(i+1)
		args, names = append(args, name), append(names, name)
		kept = append(kept, operand{arg, conversion})
	}
	if hasLiteral(call.Fun) && t.static(call.Fun) {
		return nil, "the type arguments of its function have a function literal in them"
	}
	// The variables must not hide what the moved texts name.
	suffix := ""
	for t.mentions(movedTexts, names, suffix) {
		suffix += "_"
	}
	if suffix != "" {
		for i, arg := range args {
			if strings.HasPrefix(arg, t.names.Arg) && isIn(names, arg) {
				args[i] = arg + suffix
			}
		}
		if isIn(names, fn) {
			fn += suffix
		}
		for i := range names {
			names[i] += suffix
		}
	}

	assign := strings.Join(names, ", ") + " := "
	if several > 0 {
		for i := range several {
			args = append(args, t.names.Arg+strconv.Itoa(i+1)+suffix)
		}
		kept = append(kept, operand{node: call.Args[0]})
	}

	inCall := strings.Join(args, ", ")
	if call.Ellipsis.IsValid() {
		inCall += "..."
	}
	submit := t.names.Pool + ".Go(func() { " + fn + "(" + inCall + ") })"

	start, end := t.offset(g.Go), t.offset(call.Rparen)+1
	if len(kept) == 0 {
		return []Edit{{start, end, submit + t.lines(start, end)}}, ""
	}
	if several > 0 {
		values := strings.Join(args, ", ") + " := "
		if len(kept) == 1 {
			assign = values
		}
		at := start
		for i, o := range kept {
			lead := "{ " + assign
			if i > 0 {
				lead = "; " + values
			}
			edits = append(edits, Edit{at, t.offset(o.node.Pos()), lead + t.lines(at, t.offset(o.node.Pos()))})
			at = t.offset(o.node.End())
		}
		return append(edits, Edit{at, end, t.lines(at, end) + "; " + submit + " }"}), ""
	}
	at, closing := start, ""
	for i, o := range kept {
		lead := "{ " + assign
		if i > 0 {
			lead = closing + ", "
		}
		closing = ""
		if o.conversion != "" {
			closing = ")"
		}
		from := t.offset(o.node.Pos())
		breaks := t.lines(at, from)
		if o.conversion != "" {
			breaks += o.conversion + "("
		}
		edits = append(edits, Edit{at, from, lead + breaks})
		at = t.offset(o.node.End())
	}
	return append(edits, Edit{at, end, closing + t.lines(at, end) + "; " + submit + " }"}), ""
}

// several returns how many values the only argument is, if it is a call that
// returns more than one.
func (t *target) several(call *ast.CallExpr) int {
	if len(call.Args) != 1 {
		return 0
	}
	if tuple, ok := t.info.TypeOf(call.Args[0]).(*types.Tuple); ok {
		return tuple.Len()
	}
	return 0
}

func isIn(names []string, name string) bool {
	for _, n := range names {
		if n == name {
			return true
		}
	}
	return false
}

func (t *target) mentions(nodes []ast.Node, names []string, suffix string) (found bool) {
	for _, node := range nodes {
		ast.Inspect(node, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				for _, name := range names {
					found = found || id.Name == name+suffix
				}
			}
			return true
		})
	}
	return found
}

func hasLiteral(e ast.Expr) (found bool) {
	ast.Inspect(e, func(n ast.Node) bool {
		_, ok := n.(*ast.FuncLit)
		found = found || ok
		return true
	})
	return found
}

// static reports whether e has the same value wherever it stands in its scope: a
// constant, nil, a built-in or a declared function, instantiated or not.
func (t *target) static(e ast.Expr) bool {
	if tv, ok := t.info.Types[e]; ok && (tv.Value != nil || tv.IsNil() || tv.IsBuiltin()) {
		return true
	}
	_, ok := t.declared(e)
	return ok
}

// declared returns the declared function that e names, if it does.
func (t *target) declared(e ast.Expr) (*types.Func, bool) {
	switch e := ast.Unparen(e).(type) {
	case *ast.IndexExpr:
		return t.declared(e.X)
	case *ast.IndexListExpr:
		return t.declared(e.X)
	case *ast.Ident:
		f, ok := t.info.Uses[e].(*types.Func)
		return f, ok
	case *ast.SelectorExpr:
		if id, ok := e.X.(*ast.Ident); ok {
			if _, ok := t.info.Uses[id].(*types.PkgName); ok {
				f, ok := t.info.Uses[e.Sel].(*types.Func)
				return f, ok
			}
		}
	}
	return nil, false
}

// neverNil reports whether the function value e is not nil, if it can be
// evaluated at all.
func (t *target) neverNil(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.FuncLit:
		return true
	case *ast.SelectorExpr:
		if s, ok := t.info.Selections[e]; ok && s.Kind() == types.MethodVal {
			return true
		}
	}
	_, ok := t.declared(e)
	// A generic function is never inferred from no arguments.
	return ok
}

// inferredMethod reports whether e is a generic method without its type
// arguments: as a value it would need them.
func (t *target) inferredMethod(e ast.Expr) bool {
	s, ok := e.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	selection, ok := t.info.Selections[s]
	if !ok || selection.Kind() == types.FieldVal {
		return false
	}
	_, instantiated := t.info.Instances[s.Sel]
	return instantiated
}

// conversion returns the type to which an argument must be converted so that a
// variable gets the type that the parameter gives it: only comparisons and
// shifts of untyped constants are untyped without being constant. It returns ""
// if the argument has its type by itself, and false if there is no name for it.
func (t *target) conversion(arg ast.Expr) (string, bool) {
	switch ast.Unparen(arg).(type) {
	case *ast.BinaryExpr, *ast.UnaryExpr:
	default:
		return "", true
	}
	alone := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
	if err := types.CheckExpr(t.fset, t.pkg, arg.Pos(), arg, alone); err != nil {
		return "", false
	}
	basic, ok := alone.Types[arg].Type.(*types.Basic)
	if !ok || basic.Info()&types.IsUntyped == 0 {
		return "", true
	}
	want := t.info.TypeOf(arg)
	if types.Identical(want, types.Default(basic)) {
		return "", true
	}
	if _, parameter := want.(*types.TypeParam); !parameter && types.IsInterface(want) {
		return "", true
	}
	return t.typeName(want, arg.Pos())
}

// typeName returns how a type can be written at a place of the file.
func (t *target) typeName(typ types.Type, at token.Pos) (string, bool) {
	scope := t.pkg.Scope().Innermost(at)
	if scope == nil {
		return "", false
	}
	var object types.Object
	switch typ := typ.(type) {
	case *types.Basic:
		object = types.Universe.Lookup(typ.Name())
	case *types.Named:
		if typ.TypeArgs().Len() > 0 {
			return "", false
		}
		object = typ.Obj()
	case *types.Alias:
		if typ.TypeArgs().Len() > 0 {
			return "", false
		}
		object = typ.Obj()
	case *types.TypeParam:
		object = typ.Obj()
	}
	if object == nil {
		return "", false
	}
	if _, found := scope.LookupParent(object.Name(), at); found == object {
		return object.Name(), true
	}
	if object.Pkg() == nil || object.Pkg() == t.pkg || !object.Exported() {
		return "", false
	}
	for _, spec := range t.file.Imports {
		imported := t.info.PkgNameOf(spec)
		if imported == nil || imported.Imported() != object.Pkg() {
			continue
		}
		if _, found := scope.LookupParent(imported.Name(), at); found == imported {
			return imported.Name() + "." + object.Name(), true
		}
	}
	return "", false
}
