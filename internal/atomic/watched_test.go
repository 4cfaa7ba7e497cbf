//go:build lfpoolhooks

package atomic_test

import (
	"fmt"
	"reflect"
	"sync/atomic"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"

	ours "github.com/lfpool/lfpool/internal/atomic"
)

// TestOperationsAreReported: each once, with its kind, word and size, before it
// is made, and each does what sync/atomic's does.
func TestOperationsAreReported(t *testing.T) {
	for _, c := range []struct{ ours, theirs any }{
		{new(ours.Bool), new(atomic.Bool)},
		{new(ours.Int32), new(atomic.Int32)},
		{new(ours.Int64), new(atomic.Int64)},
		{new(ours.Uint32), new(atomic.Uint32)},
		{new(ours.Uint64), new(atomic.Uint64)},
		{new(ours.Pointer[int]), new(atomic.Pointer[int])},
	} {
		mine, real := reflect.ValueOf(c.ours), reflect.ValueOf(c.theirs)
		size := mine.Type().Elem().Size()
		assert.Equal(t, real.Type().Elem().Size(), size)
		assert.Equal(t, real.NumMethod(), mine.NumMethod(), "%T", c.ours)
		value := reflect.New(mine.MethodByName("Load").Type().Out(0)).Elem()
		switch {
		case value.CanInt():
			value.SetInt(5)
		case value.CanUint():
			value.SetUint(5)
		case value.Kind() == reflect.Bool:
			value.SetBool(true)
		default:
			value.Set(reflect.ValueOf(new(int)))
		}
		for name, kind := range map[string]uint8{"Load": 1, "Store": 2, "Swap": 3, "Add": 3, "And": 3, "Or": 3, "CompareAndSwap": 4} {
			method := mine.MethodByName(name)
			if !method.IsValid() {
				assert.False(t, real.MethodByName(name).IsValid(), "%T has no %s", c.ours, name)
				continue
			}
			args := make([]reflect.Value, method.Type().NumIn())
			for i := range args {
				args[i] = value
			}
			before := fmt.Sprint(mine.MethodByName("Load").Call(nil)[0])
			var reported []string
			ours.Watch(func(kind uint8, addr unsafe.Pointer, size uintptr) {
				ours.Watch(nil)
				reported = append(reported, fmt.Sprintf("%d %t %d %v", kind, addr == mine.UnsafePointer(), size, mine.MethodByName("Load").Call(nil)[0]))
			})
			got := method.Call(args)
			ours.Watch(nil)
			want := real.MethodByName(name).Call(args)
			assert.Equal(t, []string{fmt.Sprintf("%d true %d %s", kind, size, before)}, reported, "%T.%s", c.ours, name)
			if len(want) > 0 {
				assert.Equal(t, want[0].Interface(), got[0].Interface(), "%T.%s", c.ours, name)
			}
			assert.Equal(t, fmt.Sprint(real.MethodByName("Load").Call(nil)[0]), fmt.Sprint(mine.MethodByName("Load").Call(nil)[0]), "%T.%s", c.ours, name)
		}
	}
}

func TestPoolIsReported(t *testing.T) {
	p := ours.Pool{New: func() any { return 1 }}
	reported := 0
	ours.Watch(func(kind uint8, addr unsafe.Pointer, size uintptr) { reported++ })
	p.Put(2)
	p.Get()
	assert.Equal(t, 1, p.Get())
	ours.Watch(nil)
	assert.Equal(t, 3, reported)
}

// TestPublishedObjectsAreReported: by each operation that may make one known,
// with their size, and no nil.
func TestPublishedObjectsAreReported(t *testing.T) {
	type object struct{ _ [24]byte }
	var p ours.Pointer[object]
	a, b := new(object), new(object)
	var reported []unsafe.Pointer
	ours.Publishing(func(o unsafe.Pointer, size uintptr) {
		assert.Equal(t, uintptr(24), size)
		reported = append(reported, o)
	})
	defer ours.Publishing(nil)
	p.Store(a)
	p.Swap(b)
	p.CompareAndSwap(b, a)
	p.Store(nil)
	assert.Equal(t, []unsafe.Pointer{unsafe.Pointer(a), unsafe.Pointer(b), unsafe.Pointer(a)}, reported)
}

// TestMutexExcludes: goroutines that all wait for it get it, one at a time.
func TestMutexExcludes(t *testing.T) {
	var m ours.Mutex
	n, all := 0, make(chan struct{})
	const goroutines, times = 8, 1000
	for range goroutines {
		go func() {
			for range times {
				m.Lock()
				n++
				m.Unlock()
			}
			all <- struct{}{}
		}()
	}
	for range goroutines {
		<-all
	}
	assert.Equal(t, goroutines*times, n)
}
