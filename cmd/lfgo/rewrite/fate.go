package rewrite

import (
	"go/ast"
	"go/types"
	"strings"

	"golang.org/x/tools/go/cfg"
)

// A body is the code of a function with the types of its package.
type body struct {
	block *ast.BlockStmt
	info  *types.Info
}

// A Program is what is known of all functions whose source is at hand. It tells
// what becomes of a goroutine that starts in one of them.
type Program struct {
	bodies map[string]body // by full name: objects differ from load to load
	ends   map[string]bool // memo of mayEnd; true while it is worked out
	locks  map[string]bool // memo of locksThread; false while it is worked out
}

// NewProgram returns a program without functions.
func NewProgram() *Program {
	return &Program{bodies: map[string]body{}, ends: map[string]bool{}, locks: map[string]bool{}}
}

// Add adds the functions that a file declares.
func (p *Program) Add(file *ast.File, info *types.Info) {
	for _, decl := range file.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok || f.Body == nil {
			continue
		}
		if object, ok := info.Defs[f.Name].(*types.Func); ok {
			p.bodies[object.FullName()] = body{f.Body, info}
		}
	}
}

// reason says why a goroutine that starts with the call gains nothing in a pool,
// or must not be in one; "" if nothing is known against it.
func (p *Program) reason(call *ast.CallExpr, info *types.Info) string {
	if name := servesForEver(call, info); name != "" {
		return "it lives for ever: " + name + " serves"
	}
	b, ok := p.rootOf(call, info)
	if !ok {
		return ""
	}
	switch {
	case p.locksThread(b):
		return "it locks its thread"
	case !p.mayEnd(b):
		return "it lives for ever: a loop without an exit"
	case accepts(b):
		return "it lives for ever: an accept loop"
	}
	for _, c := range callsIn(b.block) {
		if name := servesForEver(c, b.info); name != "" {
			return "it lives for ever: " + name + " serves"
		}
	}
	return ""
}

// rootOf returns the body of the function that a call calls, if it is at hand.
func (p *Program) rootOf(call *ast.CallExpr, info *types.Info) (body, bool) {
	if literal, ok := ast.Unparen(call.Fun).(*ast.FuncLit); ok {
		return body{literal.Body, info}, true
	}
	f := callee(call, info)
	if f == nil {
		return body{}, false
	}
	b, ok := p.bodies[f.FullName()]
	return b, ok
}

// callee returns the function or method that a call names, nil if it is a value
// that is not known before the program runs.
func callee(call *ast.CallExpr, info *types.Info) *types.Func {
	fun := ast.Unparen(call.Fun)
	switch f := fun.(type) {
	case *ast.IndexExpr:
		fun = f.X
	case *ast.IndexListExpr:
		fun = f.X
	}
	var f *types.Func
	switch fun := fun.(type) {
	case *ast.Ident:
		f, _ = info.Uses[fun].(*types.Func)
	case *ast.SelectorExpr:
		f, _ = info.Uses[fun.Sel].(*types.Func)
	}
	if f == nil {
		return nil
	}
	return f.Origin()
}

// inspect walks over the code that runs in the goroutine of a block, so not into
// function literals.
func inspect(block *ast.BlockStmt, visit func(ast.Node)) {
	ast.Inspect(block, func(n ast.Node) bool {
		if _, ok := n.(*ast.FuncLit); ok {
			return false
		}
		if n != nil {
			visit(n)
		}
		return true
	})
}

// callsIn returns the calls in the goroutine of a block that are not operands of
// go and defer statements.
func callsIn(block *ast.BlockStmt) (calls []*ast.CallExpr) {
	later := map[*ast.CallExpr]bool{}
	inspect(block, func(n ast.Node) {
		switch n := n.(type) {
		case *ast.GoStmt:
			later[n.Call] = true
		case *ast.DeferStmt:
			later[n.Call] = true
		case *ast.CallExpr:
			if !later[n] {
				calls = append(calls, n)
			}
		}
	})
	return calls
}

// mayEnd reports whether a function may return, or at least does not loop or
// block for ever on every path. A panic and runtime.Goexit end it.
func (p *Program) mayEnd(b body) bool {
	loops, exits := false, false
	inspect(b.block, func(n ast.Node) {
		switch n := n.(type) {
		case *ast.ForStmt:
			loops = loops || n.Cond == nil
		case *ast.SelectStmt:
			loops = loops || len(n.Body.List) == 0
		}
	})
	graph := cfg.New(b.block, func(call *ast.CallExpr) bool {
		if id, ok := ast.Unparen(call.Fun).(*ast.Ident); ok {
			if builtin, ok := b.info.Uses[id].(*types.Builtin); ok && builtin.Name() == "panic" {
				exits = true // as a return would
			}
		}
		f := callee(call, b.info)
		if f == nil || f.FullName() == "runtime.Goexit" {
			return true
		}
		ends := p.functionMayEnd(f)
		loops = loops || !ends
		return ends
	})
	if !loops || exits {
		return true
	}
	for _, block := range graph.Blocks {
		if block.Live && block.Return() != nil {
			return true
		}
	}
	return false
}

func (p *Program) functionMayEnd(f *types.Func) bool {
	name := f.FullName()
	if ends, known := p.ends[name]; known {
		return ends
	}
	b, ok := p.bodies[name]
	if !ok {
		return true
	}
	p.ends[name] = true // what calls itself is taken to end
	p.ends[name] = p.mayEnd(b)
	return p.ends[name]
}

// locksThread reports whether a function, or one that it calls, calls
// runtime.LockOSThread: what it does to the thread is meant for this goroutine.
func (p *Program) locksThread(b body) bool {
	for _, call := range callsIn(b.block) {
		f := callee(call, b.info)
		if f == nil {
			continue
		}
		name := f.FullName()
		if name == "runtime.LockOSThread" {
			return true
		}
		locks, known := p.locks[name]
		if inner, ok := p.bodies[name]; ok && !known {
			p.locks[name] = false
			locks = p.locksThread(inner)
			p.locks[name] = locks
		}
		if locks {
			return true
		}
	}
	return false
}

// accepts reports whether a function loops over a listener: a loop without a
// condition around a call of a method Accept, AcceptTCP, AcceptStream, ... that
// may return an error.
func accepts(b body) (found bool) {
	inspect(b.block, func(n ast.Node) {
		loop, ok := n.(*ast.ForStmt)
		if !ok || loop.Cond != nil {
			return
		}
		for _, call := range callsIn(loop.Body) {
			f := callee(call, b.info)
			if f == nil || !strings.HasPrefix(f.Name(), "Accept") || f.Signature().Recv() == nil {
				continue
			}
			results := f.Signature().Results()
			if n := results.Len(); n > 0 && types.Identical(results.At(n-1).Type(), types.Universe.Lookup("error").Type()) {
				found = true
			}
		}
	})
	return found
}

// servesForEver returns the name of the function that a call names if it is one
// that serves a listener until that is closed.
func servesForEver(call *ast.CallExpr, info *types.Info) string {
	f := callee(call, info)
	if f == nil {
		return ""
	}
	switch f.Name() {
	case "ListenAndServe", "ListenAndServeTLS":
		return f.FullName()
	case "Serve", "ServeTLS":
		for v := range f.Signature().Params().Variables() {
			if strings.HasSuffix(types.TypeString(v.Type(), nil), "net.Listener") {
				return f.FullName()
			}
		}
	}
	return ""
}
