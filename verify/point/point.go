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
func Handle(h func(point string)) {
	hook.Handle(h)
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

// stack is enough of the callers' program counters to know a call site by, in
// spite of inlining.
type stack [3]uintptr

var names = struct {
	sync.RWMutex
	of map[stack]string
}{of: map[stack]string{}}

// Caller returns the name of the operation that is about to be made, or "" if it
// is not in lfqueue. Only a function given to atomic.Watch may call it.
func Caller() string {
	var pcs stack
	runtime.Callers(4, pcs[:]) // without Callers, Caller, the watcher, and step
	names.RLock()
	known, ok := names.of[pcs]
	names.RUnlock()
	if ok {
		return known
	}
	name, op := "", ""
	frames := runtime.CallersFrames(pcs[:])
	f, more := frames.Next()
	for ; more && strings.Contains(f.Function, "/internal/atomic."); f, more = frames.Next() {
		op = f.Function[strings.LastIndex(f.Function, ".")+1:]
	}
	if strings.Contains(f.Function, "/lfpool/lfqueue.") && !strings.HasSuffix(f.File, "_test.go") {
		name = operationAt(f.File, f.Line, op)
	}
	names.Lock()
	names.of[pcs] = name
	names.Unlock()
	return name
}

// operation is an atomic operation in a source file.
type operation struct {
	name string
	op   string
	line int
}

// methods are those of internal/atomic's types.
var methods = map[string]bool{"Load": true, "Store": true, "Swap": true, "CompareAndSwap": true, "Add": true, "And": true, "Or": true, "Get": true, "Put": true}

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
			if !ok || !methods[method.Sel.Name] {
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
func In(dir string) (all []string, err error) {
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
		for _, o := range operations {
			all = append(all, o.name)
		}
	}
	return all, nil
}
