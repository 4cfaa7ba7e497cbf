//go:build lfpoolhooks

// Package point names the library's atomic operations after function, field and
// operation: Seg.Enqueue.tail.CompareAndSwap, with #2 for the second of that
// name in the function. One of a part of the pool (a queue, a generation, the control word)
// also has the pool's own function that makes it: Seg.Empty.head.Load in Pool.wakeIfQueued.
// Under the build tag lfpoolhooks a goroutine that is about to make one can be stopped
// there.
package point

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"unsafe"

	"github.com/lfpool/lfpool/internal/atomic"
)

// Handle has h called before each atomic operation of internal/atomic in the
// library, with its name. Nil ends that.
func Handle(h func(point string)) {
	if h == nil {
		atomic.Watch(nil)
		return
	}
	atomic.Watch(func(uint8, unsafe.Pointer, uintptr) {
		if name := Caller(); name != "" {
			h(name)
		}
	})
}

// Each has f called at each of these points, without a name, which would cost more
// than the operation. Nil ends that.
func Each(f func()) {
	if f == nil {
		atomic.Watch(nil)
		return
	}
	atomic.Watch(func(uint8, unsafe.Pointer, uintptr) { f() })
}

// stack is enough return addresses to know a call site by: those of Caller, the
// watcher, step, the atomic's method and the function that has called it, and
// some to spare.
type stack [10]uintptr

var sites = struct {
	sync.RWMutex
	of map[stack]Operation
}{of: map[stack]Operation{}}

// Caller returns the name of the operation that is about to be made, or "" if it
// is not in the library. Only a function given to atomic.Watch may call it.
func Caller() string {
	var key stack
	returns(&key)
	return at(&key).Name
}

// Site returns the operation that is about to be made, wherever in the library it
// is; a zero Operation if it is elsewhere. Only a function given to atomic.Watch
// may call it.
func Site() Operation {
	var key stack
	returns(&key)
	return at(&key)
}

func at(key *stack) Operation {
	sites.RLock()
	known, ok := sites.of[*key]
	sites.RUnlock()
	if ok {
		return known
	}
	o := find()
	sites.Lock()
	sites.of[*key] = o
	sites.Unlock()
	return o
}

// find finds the operation by the names of the functions on the stack.
func find() (o Operation) {
	var pcs [24]uintptr
	n := runtime.Callers(6, pcs[:]) // without Callers, find, at, Caller or Site, the watcher, and step
	op := ""
	frames := runtime.CallersFrames(pcs[:n])
	f, more := frames.Next()
	for ; more && strings.Contains(f.Function, "/internal/atomic."); f, more = frames.Next() {
		op = f.Function[strings.LastIndex(f.Function, ".")+1:]
	}
	if !strings.Contains(f.Function, module) || strings.HasSuffix(f.File, "_test.go") {
		return o
	}
	o = operationAt(f.File, f.Line, op)
	if o.Package != "lfqueue" && o.Package != "idle" && o.Package != "pool" || ofPool(o.Name) {
		return o
	}
	for more {
		f, more = frames.Next()
		if in := inPool(f.Function); ofPool(in) {
			o.Name += " in " + in
			break
		}
	}
	return o
}

// ofPool reports whether a name is that of the pool itself, or of a worker, or begins so.
func ofPool(name string) bool {
	return strings.HasPrefix(name, "Pool.") || strings.HasPrefix(name, "runner.")
}

// inPool returns the name of the method that a function of package pool is, or belongs
// to: Pool.run of (*Pool).run.func1.
func inPool(function string) string {
	method, ok := strings.CutPrefix(function, module+"pool.(*")
	if !ok {
		return ""
	}
	owner, method, _ := strings.Cut(method, ").")
	name := strings.IndexAny(method, ".-[")
	if name < 0 {
		name = len(method)
	}
	return owner + "." + method[:name]
}

// Within reports whether a function of the library, as runtime.Callers names it
// behind the module's path, is on the caller's stack: "pool.(*runner).pass". It takes
// microseconds.
func Within(function string) bool {
	var pcs [64]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	for more := true; more; {
		var f runtime.Frame
		if f, more = frames.Next(); f.Function == module+function {
			return true
		}
	}
	return false
}

const module = "github.com/lfpool/lfpool/"

// An Operation is an atomic operation in a source file.
type Operation struct {
	Name    string // after function, field and operation
	Package string // its directory
	Word    string // after the type that has the field, where one of the file or the package has it, and the field
	Op      string
	line    int
}

// methods are those of internal/atomic's types, each with its kind.
var methods = map[string]uint8{"Load": 1, "Store": 2, "Swap": 3, "Add": 3, "And": 3, "Or": 3, "Get": 3, "Put": 3, "CompareAndSwap": 4, "Lock": 4, "Unlock": 2}

// operationsIn returns the atomic operations in a file of the library.
func operationsIn(file string) ([]Operation, error) {
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, file, nil, 0)
	if err != nil {
		return nil, err
	}
	of, err := ownersIn(file, parsed)
	if err != nil {
		return nil, err
	}
	dir := filepath.Base(filepath.Dir(file))
	var all []Operation
	for _, d := range parsed.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		function := f.Name.Name
		if f.Recv != nil {
			function = typeName(f.Recv.List[0].Type) + "." + function
		}
		times := map[string]int{}
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			method, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || methods[method.Sel.Name] == 0 {
				return true
			}
			field := fieldOf(method.X)
			name := function + "." + field + "." + method.Sel.Name
			times[name]++
			if n := times[name]; n > 1 {
				name = fmt.Sprintf("%s#%d", name, n)
			}
			word := field
			if local, ok := method.X.(*ast.Ident); ok {
				word = standsFor(f, local.Name)
			}
			all = append(all, Operation{name, dir, of.owner(word), method.Sel.Name, files.Position(method.Sel.Pos()).Line})
			return true
		})
	}
	return all, nil
}

// fieldOf returns the last name of an expression.
func fieldOf(e ast.Expr) string {
	switch x := e.(type) {
	case *ast.SelectorExpr:
		return x.Sel.Name
	case *ast.Ident:
		return x.Name
	case *ast.IndexExpr:
		return fieldOf(x.X)
	case *ast.UnaryExpr:
		return fieldOf(x.X)
	}
	return ""
}

// standsFor returns the field that a local variable of f has been made the
// address of, or the variable's own name.
func standsFor(f *ast.FuncDecl, local string) string {
	field := local
	ast.Inspect(f, func(n ast.Node) bool {
		if a, ok := n.(*ast.AssignStmt); ok && len(a.Lhs) == len(a.Rhs) {
			for i, l := range a.Lhs {
				if id, ok := l.(*ast.Ident); ok && id.Name == local {
					if taken, ok := a.Rhs[i].(*ast.UnaryExpr); ok && taken.Op == token.AND {
						field = fieldOf(taken)
					}
				}
			}
		}
		return true
	})
	return field
}

// owners has by field the types that have one of that name.
type owners struct{ file, others map[string][]string }

// owner returns the field with its type before it: the one of the file, or else
// of the package, if there is one only.
func (o owners) owner(field string) string {
	for _, types := range []map[string][]string{o.file, o.others} {
		if len(types[field]) == 1 {
			return types[field][0] + "." + field
		}
	}
	return field
}

func ownersIn(file string, parsed *ast.File) (owners, error) {
	o := owners{fieldsOf(parsed), map[string][]string{}}
	sources, err := filepath.Glob(filepath.Join(filepath.Dir(file), "*.go"))
	if err != nil {
		return o, err
	}
	for _, other := range sources {
		if strings.HasSuffix(other, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), other, nil, 0)
		if err != nil {
			return o, err
		}
		for field, types := range fieldsOf(parsed) {
			o.others[field] = append(o.others[field], types...)
		}
	}
	return o, nil
}

func fieldsOf(parsed *ast.File) map[string][]string {
	types := map[string][]string{}
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		if s, ok := spec.Type.(*ast.StructType); ok {
			for _, f := range s.Fields.List {
				for _, name := range f.Names {
					types[name.Name] = append(types[name.Name], spec.Name.Name)
				}
			}
		}
		return true
	})
	return types
}

func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return typeName(e.X)
	case *ast.IndexExpr:
		return typeName(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}

var files sync.Map // name to []Operation

func operationAt(file string, line int, op string) Operation {
	known, ok := files.Load(file)
	if !ok {
		operations, err := operationsIn(file)
		if err != nil {
			panic(fmt.Sprintf("point: the library's source is needed for names: %v", err))
		}
		known, _ = files.LoadOrStore(file, operations)
	}
	var before *Operation // for a deferred call, whose line is that of the return
	for _, o := range known.([]Operation) {
		if o.Op == op && o.line == line {
			return o
		}
		if o.Op == op && o.line < line {
			before = &o
		}
	}
	if before != nil {
		return *before
	}
	panic(fmt.Sprintf("point: no %s at %s:%d", op, file, line))
}

// In returns the names of all atomic operations in the library's directory dir.
func In(dir string) (names []string, err error) {
	operations, err := operationsUnder(dir)
	for _, o := range operations {
		names = append(names, o.Name)
	}
	return names, err
}

func operationsUnder(dir string) (all []Operation, err error) {
	sources, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	if len(sources) == 0 {
		return nil, &os.PathError{Op: "point.In", Path: dir, Err: os.ErrNotExist}
	}
	for _, file := range sources {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		operations, err := operationsIn(file)
		if err != nil {
			return nil, err
		}
		all = append(all, operations...)
	}
	return all, nil
}
