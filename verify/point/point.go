//go:build lfpoolhooks

// Package point names the library's atomic operations after function, field and
// operation: Seg.Enqueue.tail.CompareAndSwap, with #2 for the second of that
// name in the function. Under the build tag lfpoolhooks a goroutine that is about
// to make one can be stopped there.
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
	"github.com/lfpool/lfpool/internal/hook"
)

// Handle has h called at each named point of internal/hook, and before each
// atomic operation of internal/atomic in lfqueue, with its name. Nil ends that.
func Handle(h func(point string)) { HandleKinds(h, all) }

// HandleKinds is Handle for operations of some kinds only, as a name costs more
// than a microsecond.
func HandleKinds(h func(point string), kinds Kinds) {
	hook.Handle(h)
	if h == nil || kinds == 0 {
		atomic.Watch(nil)
		return
	}
	atomic.Watch(func(kind uint8, _ unsafe.Pointer, _ uintptr) {
		if kinds&(1<<kind) == 0 {
			return
		}
		if name := Caller(); name != "" {
			h(name)
		}
	})
}

// Kinds is a set of kinds of operations: bit k is kind k of atomic.Watch.
type Kinds uint8

const all = ^Kinds(0)

// KindsOf returns the kinds of those operations in the library's directory dir
// whose names matter.
func KindsOf(dir string, matters func(point string) bool) (kinds Kinds, err error) {
	operations, err := operationsUnder(dir)
	for _, o := range operations {
		if matters(o.name) {
			kinds |= 1 << methods[o.op]
		}
	}
	return kinds, err
}

// Each has f called at each of these points, and in the other packages' atomic
// operations too, without a name, which would cost more than the operation. Nil
// ends that.
func Each(f func()) {
	if f == nil {
		Handle(nil)
		return
	}
	hook.Handle(func(string) { f() })
	atomic.Watch(func(uint8, unsafe.Pointer, uintptr) { f() })
}

// stack is enough return addresses to know a call site by: those of Caller, the
// watcher, step, the atomic's method and the function that has called it, and
// some to spare.
type stack [8]uintptr

var names = struct {
	sync.RWMutex
	of map[stack]string
}{of: map[stack]string{}}

// Caller returns the name of the operation that is about to be made, or "" if it
// is not in lfqueue. Only a function given to atomic.Watch may call it.
func Caller() string {
	var key stack
	returns(&key)
	names.RLock()
	known, ok := names.of[key]
	names.RUnlock()
	if ok {
		return known
	}
	name := callerNamed()
	names.Lock()
	names.of[key] = name
	names.Unlock()
	return name
}

// callerNamed is Caller without what is known already.
func callerNamed() string {
	var pcs [3]uintptr
	runtime.Callers(5, pcs[:]) // without Callers, callerNamed, Caller, the watcher, and step
	name, op := "", ""
	frames := runtime.CallersFrames(pcs[:])
	f, more := frames.Next()
	for ; more && strings.Contains(f.Function, "/internal/atomic."); f, more = frames.Next() {
		op = f.Function[strings.LastIndex(f.Function, ".")+1:]
	}
	if strings.Contains(f.Function, "/lfpool/lfqueue.") && !strings.HasSuffix(f.File, "_test.go") {
		name = operationAt(f.File, f.Line, op)
	}
	return name
}

// operation is an atomic operation in a source file.
type operation struct {
	name string
	op   string
	line int
}

// methods are those of internal/atomic's types, each with its kind.
var methods = map[string]uint8{"Load": 1, "Store": 2, "Swap": 3, "Add": 3, "And": 3, "Or": 3, "Get": 3, "Put": 3, "CompareAndSwap": 4}

// operationsIn returns the atomic operations in a file of the library.
func operationsIn(file string) ([]operation, error) {
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, file, nil, 0)
	if err != nil {
		return nil, err
	}
	var all []operation
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
			field := ""
			switch x := method.X.(type) {
			case *ast.SelectorExpr:
				field = x.Sel.Name
			case *ast.Ident:
				field = x.Name
			case *ast.IndexExpr:
				if of, ok := x.X.(*ast.SelectorExpr); ok {
					field = of.Sel.Name
				}
			}
			name := function + "." + field + "." + method.Sel.Name
			times[name]++
			if n := times[name]; n > 1 {
				name = fmt.Sprintf("%s#%d", name, n)
			}
			all = append(all, operation{name, method.Sel.Name, files.Position(method.Sel.Pos()).Line})
			return true
		})
	}
	return all, nil
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

var files sync.Map // name to []operation

func operationAt(file string, line int, op string) string {
	known, ok := files.Load(file)
	if !ok {
		operations, err := operationsIn(file)
		if err != nil {
			panic(fmt.Sprintf("point: the library's source is needed for names: %v", err))
		}
		known, _ = files.LoadOrStore(file, operations)
	}
	for _, o := range known.([]operation) {
		if o.line == line && o.op == op {
			return o.name
		}
	}
	panic(fmt.Sprintf("point: no %s at %s:%d", op, file, line))
}

// In returns the names of all atomic operations in the library's directory dir.
func In(dir string) (names []string, err error) {
	operations, err := operationsUnder(dir)
	for _, o := range operations {
		names = append(names, o.name)
	}
	return names, err
}

func operationsUnder(dir string) (all []operation, err error) {
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
