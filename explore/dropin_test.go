package explore_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"
	stdsync "sync"
	"testing"
	"unsafe"

	"github.com/lfpool/lfpool/explore"
	"github.com/lfpool/lfpool/explore/atomic"
	foreign "github.com/lfpool/lfpool/explore/internal/foreign/atomic"
	"github.com/lfpool/lfpool/explore/sync"
)

// The drop-in packages have what those of Go have, and do the same.

// api returns the exported functions and methods of the package in dir, with
// the types of their parameters and results.
func api(t *testing.T, dir string) (names []string) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no sources in %s: %v", dir, err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, source, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parsed.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || !f.Name.IsExported() {
				continue
			}
			name := f.Name.Name
			if f.Recv != nil {
				of := strings.TrimLeft(types.ExprString(f.Recv.List[0].Type), "*")
				if !ast.IsExported(of) {
					continue
				}
				name = of + "." + name
			}
			names = append(names, name+flat(f.Type.Params)+flat(f.Type.Results))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// flat is a list of parameters without their names.
func flat(fields *ast.FieldList) string {
	var list []string
	if fields != nil {
		for _, f := range fields.List {
			for range max(1, len(f.Names)) {
				list = append(list, types.ExprString(f.Type))
			}
		}
	}
	return "(" + strings.Join(list, ", ") + ")"
}

func TestDropInsHaveAllThatGoHas(t *testing.T) {
	root := strings.TrimSpace(string(command(t, ".", "go", "env", "GOROOT")))
	for pkg, dir := range map[string]string{"sync": "sync", "sync/atomic": "atomic"} {
		ours := api(t, dir)
		theirs := api(t, filepath.Join(root, "src", pkg))
		if len(theirs) < 30 {
			t.Fatalf("%s: only %v", pkg, theirs)
		}
		for _, name := range theirs {
			if !slices.Contains(ours, name) {
				t.Errorf("%s has %s, and explore/%s has not", pkg, name, dir)
			}
		}
		for _, name := range ours {
			if !slices.Contains(theirs, name) && !strings.HasSuffix(name, ".State()(uint64)") {
				t.Errorf("explore/%s has %s, and %s has not", dir, name, pkg)
			}
		}
	}
}

// number is what the types for integers have in common.
type number[T any] interface {
	Load() T
	Store(T)
	Swap(T) T
	CompareAndSwap(old, new T) bool
	Add(T) T
	And(T) T
	Or(T) T
}

// useNumber makes each operation, and returns what it saw.
func useNumber[T int32 | int64 | uint32 | uint64 | uintptr](x number[T]) string {
	x.Store(5)
	return fmt.Sprint(x.Add(3), x.CompareAndSwap(8, 12), x.CompareAndSwap(8, 13), x.And(6), x.Or(3), x.Swap(9), x.Load())
}

// useWords makes each operation of explore/atomic.
func useWords() string {
	var b strings.Builder
	fmt.Fprintln(&b, useNumber[int32](new(atomic.Int32)), useNumber[int64](new(atomic.Int64)), useNumber[uint32](new(atomic.Uint32)), useNumber[uint64](new(atomic.Uint64)), useNumber[uintptr](new(atomic.Uintptr)))
	i32, i64, u32, u64, up := new(int32), new(int64), new(uint32), new(uint64), new(uintptr)
	atomic.StoreInt32(i32, 5)
	atomic.StoreInt64(i64, 5)
	atomic.StoreUint32(u32, 5)
	atomic.StoreUint64(u64, 5)
	atomic.StoreUintptr(up, 5)
	fmt.Fprintln(&b, atomic.AddInt32(i32, 3), atomic.CompareAndSwapInt32(i32, 8, 12), atomic.CompareAndSwapInt32(i32, 8, 13), atomic.AndInt32(i32, 6), atomic.OrInt32(i32, 3), atomic.SwapInt32(i32, 9), atomic.LoadInt32(i32))
	fmt.Fprintln(&b, atomic.AddInt64(i64, 3), atomic.CompareAndSwapInt64(i64, 8, 12), atomic.CompareAndSwapInt64(i64, 8, 13), atomic.AndInt64(i64, 6), atomic.OrInt64(i64, 3), atomic.SwapInt64(i64, 9), atomic.LoadInt64(i64))
	fmt.Fprintln(&b, atomic.AddUint32(u32, 3), atomic.CompareAndSwapUint32(u32, 8, 12), atomic.CompareAndSwapUint32(u32, 8, 13), atomic.AndUint32(u32, 6), atomic.OrUint32(u32, 3), atomic.SwapUint32(u32, 9), atomic.LoadUint32(u32))
	fmt.Fprintln(&b, atomic.AddUint64(u64, 3), atomic.CompareAndSwapUint64(u64, 8, 12), atomic.CompareAndSwapUint64(u64, 8, 13), atomic.AndUint64(u64, 6), atomic.OrUint64(u64, 3), atomic.SwapUint64(u64, 9), atomic.LoadUint64(u64))
	fmt.Fprintln(&b, atomic.AddUintptr(up, 3), atomic.CompareAndSwapUintptr(up, 8, 12), atomic.CompareAndSwapUintptr(up, 8, 13), atomic.AndUintptr(up, 6), atomic.OrUintptr(up, 3), atomic.SwapUintptr(up, 9), atomic.LoadUintptr(up))

	one, two := 1, 2
	var p atomic.Pointer[int]
	p.Store(&one)
	fmt.Fprintln(&b, p.CompareAndSwap(&one, &two), p.CompareAndSwap(&one, nil), *p.Swap(&one), *p.Load())
	var up2 unsafe.Pointer
	atomic.StorePointer(&up2, unsafe.Pointer(&one))
	fmt.Fprintln(&b, atomic.CompareAndSwapPointer(&up2, unsafe.Pointer(&one), unsafe.Pointer(&two)), atomic.CompareAndSwapPointer(&up2, nil, nil), *(*int)(atomic.SwapPointer(&up2, unsafe.Pointer(&one))), *(*int)(atomic.LoadPointer(&up2)))
	var yes atomic.Bool
	yes.Store(true)
	fmt.Fprintln(&b, yes.CompareAndSwap(true, false), yes.CompareAndSwap(true, false), yes.Swap(true), yes.Load())
	var v atomic.Value
	fmt.Fprintln(&b, v.Load(), v.CompareAndSwap(nil, 1), v.CompareAndSwap(2, 3), v.Swap(4))
	v.Store(5)
	fmt.Fprintln(&b, v.Load())
	return b.String()
}

const numberSaw = "8 true false 12 4 7 9"

// TestWordsDoTheSame outside an exploration and in one.
func TestWordsDoTheSame(t *testing.T) {
	want := strings.Repeat(numberSaw+" ", 4) + numberSaw + "\n" + strings.Repeat(numberSaw+"\n", 5) +
		"true false 2 1\ntrue false 2 1\ntrue false false true\n<nil> true false 1\n5\n"
	if got := useWords(); got != want {
		t.Errorf("outside: %s\nwant %s", got, want)
	}
	var got string
	r := explore.Test(t, func(x *explore.Run) { x.Go("g", func() { got = useWords() }) })
	if got != want {
		t.Errorf("inside: %s\nwant %s", got, want)
	}
	if lines := strings.Count(want, " ") + strings.Count(want, "\n"); r.Steps < lines {
		t.Errorf("%d steps for %d operations", r.Steps, lines)
	}
}

// TestStepsAreReported: kind, word, type, value and call site of each operation
// stand in the trace.
func TestStepsAreReported(t *testing.T) {
	r := explore.Explore(func(x *explore.Run) {
		var n atomic.Int32
		var p atomic.Pointer[int]
		x.Go("g", func() {
			n.Store(-3)
			n.CompareAndSwap(1, 2)
			n.CompareAndSwap(-3, 2)
			p.Store(new(int))
			p.Load()
			n.Or(2)
		})
		x.Check(func() error { return fmt.Errorf("to see the trace") })
	})
	lines := strings.Split(strings.TrimSpace(r.Failure.Trace), "\n")
	for i, want := range []string{"Store 0 -> -3", "CompareAndSwap fails at -3", "CompareAndSwap -3 -> 2", "Store nil -> A", "Load = A", "Or stays 2"} {
		line := strings.Join(strings.Fields(lines[i]), " ")
		if !strings.Contains(line, "g TestStepsAreReported.func1.1."+want+" dropin_test.go:") {
			t.Errorf("%q is not: %s", line, want)
		}
	}
	if len(lines) != 6 {
		t.Errorf("%d steps", len(lines))
	}
	var n int64
	r = failure(t, func(x *explore.Run) {
		n = 0
		x.Go("g", func() {
			explore.Step(explore.RMW, unsafe.Pointer(&n), 8)
			n++
			explore.Step(0, nil, 0)
		})
	}, nil, "panic in goroutine g: explore.Step: kind 0: want Load, Store, RMW or CAS")
	if line := strings.Fields(r.Failure.Trace); strings.Join(line[:6], " ") != "1 g TestStepsAreReported.func2.1.RMW 0 -> 1" {
		t.Errorf("%v", line)
	}
}

// TestForeignAtomics: a library's own atomics report to Step through a variable,
// and stand in the trace and the schedule as those of explore/atomic do.
func TestForeignAtomics(t *testing.T) {
	foreign.Report = explore.Step
	defer func() { foreign.Report = nil }()
	r := failure(t, func(x *explore.Run) {
		var n foreign.Uint64
		for range 2 {
			x.Go("adder", func() { n.Add(1 - n.Load()) })
		}
		x.Check(func() error {
			if n.Load() != 1 {
				return fmt.Errorf("%d, want 1", n.Load())
			}
			return nil
		})
	}, nil, "2, want 1")
	if want := "adder>TestForeignAtomics.func2.1.Add adder/2 adder"; r.Failure.Schedule != want {
		t.Errorf("%s, want %s", r.Failure.Schedule, want)
	}
	if !strings.Contains(r.Failure.Trace, "TestForeignAtomics.func2.1.Add   0 -> 1") {
		t.Errorf("%s", r.Failure.Trace)
	}
}

// TestLocksOutsideAnExploration, with goroutines of Go.
func TestLocksOutsideAnExploration(t *testing.T) {
	var mu sync.Mutex
	var rw sync.RWMutex
	var wg sync.WaitGroup
	var once sync.Once
	c := sync.NewCond(&mu)
	pool := sync.Pool{New: func() any { return 7 }}
	n, sum, initialised, ready := 0, 0, 0, false
	values := explore.MakeChan[int](0)
	for range 8 {
		wg.Go(func() {
			once.Do(func() { initialised++ })
			mu.Lock()
			for !ready {
				c.Wait()
			}
			n++
			mu.Unlock()
			rw.RLock()
			_ = sum
			rw.RUnlock()
			rw.Lock()
			sum += pool.Get().(int)
			rw.Unlock()
			values.Send(1)
		})
	}
	mu.Lock()
	ready = true
	mu.Unlock()
	c.Signal()
	c.Broadcast()
	for range 8 {
		values.Receive()
	}
	wg.Wait()
	if n != 8 || sum != 56 || initialised != 1 {
		t.Errorf("%d, %d, %d", n, sum, initialised)
	}
	if !mu.TryLock() || mu.TryLock() || !rw.TryRLock() || rw.TryLock() {
		t.Error("TryLock")
	}
	rw.RUnlock()
	if !rw.TryLock() || rw.TryRLock() {
		t.Error("TryLock of an RWMutex")
	}
	rw.Unlock()
	pass(rw.RLocker())
}

// TestLocksInAnExploration: all of the drop-ins, and what must hold of them in
// every schedule.
func TestLocksInAnExploration(t *testing.T) {
	scenarios := map[string]func(x *explore.Run){
		"RWMutex": func(x *explore.Run) {
			var rw sync.RWMutex
			in, readers := 0, 0
			x.Go("writer", func() { rw.Lock(); in++; stop(); in--; rw.Unlock() })
			for range 2 {
				x.Go("reader", func() {
					rw.RLocker().Lock()
					readers++
					if in != 0 {
						panic("a reader beside a writer")
					}
					stop()
					readers--
					rw.RLocker().Unlock()
				})
			}
			x.Go("hasty", func() {
				if rw.TryLock() {
					if in != 0 || readers != 0 {
						panic("a writer beside another goroutine")
					}
					rw.Unlock()
				} else if rw.TryRLock() {
					rw.RUnlock()
				}
			})
		},
		"Cond": func(x *explore.Run) {
			var mu sync.Mutex
			c := sync.NewCond(&mu)
			ready := 0
			for range 2 {
				x.Go("waiter", func() {
					mu.Lock()
					for ready == 0 {
						c.Wait()
					}
					mu.Unlock()
				})
			}
			x.Go("waker", func() { mu.Lock(); ready = 1; c.Broadcast(); mu.Unlock() })
		},
		"Once": func(x *explore.Run) {
			n := 0
			value := sync.OnceValue(func() int { stop(); n++; return n })
			twice := sync.OnceFunc(func() { panic("oops") })
			for range 2 {
				x.Go("g", func() {
					if value() != 1 {
						panic("initialised twice, or not yet")
					}
					defer func() {
						if recover() != "oops" {
							panic("the panic is not passed on")
						}
					}()
					twice()
				})
			}
		},
		"Pool and Map": func(x *explore.Run) {
			pool := sync.Pool{New: func() any { return new(int) }}
			var m sync.Map
			for g := range 2 {
				x.Go("g", func() {
					v := pool.Get().(*int)
					if _, held := m.LoadOrStore(v, g); held {
						panic("two have the same")
					}
					stop()
					m.Delete(v)
					pool.Put(v)
				})
			}
		},
		"Chan": func(x *explore.Run) {
			pass, buffer := explore.MakeChan[int](0), explore.MakeChan[int](1)
			x.Go("source", func() {
				pass.Send(1)
				if !pass.TrySend(2) {
					pass.Send(2)
				}
				pass.Close()
			})
			x.Go("pipe", func() {
				for v, ok := pass.Receive(); ok; v, ok = pass.Receive() {
					buffer.Send(v)
				}
				buffer.Close()
			})
			var got []int
			x.Go("sink", func() {
				for {
					v, ok, did := buffer.TryReceive()
					if !did {
						v, ok = buffer.Receive()
					}
					if !ok {
						break
					}
					got = append(got, v)
				}
			})
			x.Check(func() error {
				if !slices.Equal(got, []int{1, 2}) {
					return fmt.Errorf("%v", got)
				}
				return nil
			})
		},
		"WaitGroup": func(x *explore.Run) {
			var wg sync.WaitGroup
			done := 0
			x.Go("parent", func() {
				for range 2 {
					wg.Go(func() { stop(); done++ })
				}
				wg.Wait()
				if done != 2 {
					panic("not done")
				}
			})
		},
	}
	for name, scenario := range scenarios {
		t.Run(name, func(t *testing.T) {
			if r := explore.Test(t, scenario); r.Schedules < 2 {
				t.Errorf("%v", r)
			}
		})
	}
}

// stop is a step that depends on nothing else.
func stop() { new(atomic.Bool).Load() }

// TestAbandonedGoroutinesLeave: those of a run that was given up run their
// deferred calls and end, whatever these do.
func TestAbandonedGoroutinesLeave(t *testing.T) {
	var mu stdsync.Mutex
	left := 0
	failure(t, func(x *explore.Run) {
		var a sync.Mutex
		var n atomic.Int32
		c := explore.MakeChan[int](0)
		a.Lock()
		for range 3 {
			x.Go("g", func() {
				defer func() {
					n.Add(1)
					pass(&a)
					c.Send(1)
					explore.Go(func() { panic("not to be started") })
					mu.Lock()
					left++
					mu.Unlock()
				}()
				a.Lock()
			})
		}
	}, []explore.Option{explore.NoShorter()}, "deadlock")
	if left != 6 { // in the run that failed, and in the one that was traced
		t.Errorf("%d goroutines have left, want 6", left)
	}
}
