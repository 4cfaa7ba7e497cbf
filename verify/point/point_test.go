//go:build lfpoolhooks

package point

import (
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/lfpool/lfpool/lfqueue"
)

// TestNames: each operation of the queues has a name of its own, and no two of
// one kind stand on a line, for a line is all that a call site tells.
func TestNames(t *testing.T) {
	for _, file := range []string{"ms.go", "counted.go", "seg.go", "sharded.go"} {
		operations, err := operationsIn(filepath.Join("..", "..", "lfqueue", file))
		if err != nil {
			t.Fatal(err)
		}
		seen := map[operation]bool{}
		for _, o := range operations {
			here := operation{op: o.op, line: o.line}
			if seen[here] {
				t.Errorf("%s:%d: two %s on one line", file, o.line, o.op)
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
