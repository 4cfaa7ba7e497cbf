//go:build lfpoolhooks

package point

import (
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"unsafe"

	watched "github.com/lfpool/lfpool/internal/atomic"
	"github.com/lfpool/lfpool/lfqueue"
)

// TestNames: each operation of the queues has a name of its own, and in the library no two of
// one kind stand on a line, for a line is all that a call site tells.
func TestNames(t *testing.T) {
	var sources []string
	for _, dir := range []string{"lfqueue", "idle", "pool"} {
		files, err := filepath.Glob(filepath.Join("..", "..", dir, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no sources in %s: %v", dir, err)
		}
		sources = append(sources, files...)
	}
	for _, file := range sources {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		operations, err := operationsIn(file)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[Operation]bool{}
		for _, o := range operations {
			here := Operation{Op: o.Op, line: o.line}
			if seen[here] && !strings.HasPrefix(o.Name, "gate.figures.") { // those are for Stats
				t.Errorf("%s:%d: two %s on one line", file, o.line, o.Op)
			}
			seen[here] = true
		}
	}
	all, err := In(filepath.Join("..", "..", "lfqueue"))
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	if len(all) < 50 || len(slices.Compact(slices.Clone(all))) != len(all) {
		t.Errorf("%d names: %v", len(all), all)
	}
}

// TestHandle: an operation passes its points in order, and others' are not
// told.
func TestHandle(t *testing.T) {
	q := lfqueue.NewMS[int]()
	var passed []string
	Handle(func(point string) { passed = append(passed, point) })
	new(atomic.Int32).Add(1)
	q.Enqueue(1)
	q.Dequeue()
	Handle(nil)
	q.Empty()
	want := []string{
		"MS.Enqueue.tail.Load", "MS.Enqueue.next.Load", "MS.Enqueue.next.CompareAndSwap", "MS.Enqueue.tail.CompareAndSwap#2",
		"MS.Dequeue.head.Load", "MS.Dequeue.next.Load", "MS.Dequeue.tail.Load", "MS.Dequeue.head.CompareAndSwap",
	}
	if !slices.Equal(passed, want) {
		t.Errorf("%v, want %v", passed, want)
	}
}

// TestCallerKnowsItAgain: a name that is found by the frame pointers is that of
// the operation, whichever of them was the first to come there.
func TestCallerKnowsItAgain(t *testing.T) {
	told := map[string]bool{}
	afresh := func() string { return func() string { return find().Name }() } // in Caller's place, and at's
	watched.Watch(func(uint8, unsafe.Pointer, uintptr) {
		got, want := Caller(), afresh()
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
		told[got] = true
	})
	defer watched.Watch(nil)
	ms, counted, seg, sharded := lfqueue.NewMS[int](), lfqueue.NewCounted[int](), lfqueue.NewSeg[int](), lfqueue.NewSharded[int](2)
	for i := range 2000 {
		ms.Enqueue(i)
		counted.Enqueue(&i)
		seg.Enqueue(i)
		sharded.Enqueue(i)
		if i%3 > 0 {
			ms.Dequeue()
			counted.Dequeue()
			seg.Dequeue()
			seg.Empty()
			sharded.Dequeue()
		}
	}
	if len(told) < 30 {
		t.Errorf("only %d names were told: %v", len(told), told)
	}
}

// TestGoroutine: the number that is read is that of the stack, for new goroutines in
// the place of others that have ended, too.
func TestGoroutine(t *testing.T) {
	if numberAt == 0 {
		t.Skip("not known here")
	}
	for range 1000 {
		done := make(chan struct{})
		go func() {
			defer close(done)
			if got, want := Goroutine(), numberByStack(); got != want {
				t.Errorf("%d, want %d", got, want)
			}
		}()
		<-done
	}
}
