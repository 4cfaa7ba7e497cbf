package padded

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"

	"github.com/lfpool/lfpool/internal/atomic"
)

// neighbours puts each padded word between two plain ones: the places where
// false sharing would come from.
type neighbours struct {
	before byte
	u32    Uint32
	u64    Uint64
	i64    Int64
	ptr    Pointer[int]
	after  byte
}

func TestEachWordIsAloneOnItsLine(t *testing.T) {
	var n neighbours
	words := []struct {
		name         string
		word, whole  uintptr // offset of the atomic, size of the padded type
		size, before uintptr // size of the atomic, bytes before it
	}{
		{"Uint32", unsafe.Offsetof(n.u32) + unsafe.Offsetof(n.u32.Uint32), unsafe.Sizeof(n.u32), unsafe.Sizeof(n.u32.Uint32), unsafe.Offsetof(n.u32.Uint32)},
		{"Uint64", unsafe.Offsetof(n.u64) + unsafe.Offsetof(n.u64.Uint64), unsafe.Sizeof(n.u64), unsafe.Sizeof(n.u64.Uint64), unsafe.Offsetof(n.u64.Uint64)},
		{"Int64", unsafe.Offsetof(n.i64) + unsafe.Offsetof(n.i64.Int64), unsafe.Sizeof(n.i64), unsafe.Sizeof(n.i64.Int64), unsafe.Offsetof(n.i64.Int64)},
		{"Pointer", unsafe.Offsetof(n.ptr) + unsafe.Offsetof(n.ptr.Pointer), unsafe.Sizeof(n.ptr), unsafe.Sizeof(n.ptr.Pointer), unsafe.Offsetof(n.ptr.Pointer)},
	}
	for i, w := range words {
		assert.Equal(t, 2*line, w.whole, "%s: size", w.name)
		assert.Equal(t, line, w.before, "%s: a full line before the word", w.name)
		// Wherever the struct starts, a line that holds a byte of the word
		// reaches at most line-1 bytes to either side of that byte.
		assert.GreaterOrEqual(t, w.whole-w.before-w.size, line-w.size, "%s: bytes after the word", w.name)
		if i > 0 {
			assert.GreaterOrEqual(t, w.word-words[i-1].word, line, "%s and %s", words[i-1].name, w.name)
		}
	}
	assert.GreaterOrEqual(t, unsafe.Offsetof(n.after)-words[3].word, line, "a byte after the last")
	assert.GreaterOrEqual(t, words[0].word-unsafe.Offsetof(n.before), line, "a byte before the first")
}

func TestArrayElementsShareNoLine(t *testing.T) {
	var a [4]Uint64
	for i := 1; i < len(a); i++ {
		d := uintptr(unsafe.Pointer(&a[i].Uint64)) - uintptr(unsafe.Pointer(&a[i-1].Uint64))
		assert.GreaterOrEqual(t, d, line)
	}
}

func TestWordsAreAlignedForAtomics(t *testing.T) {
	n := new(neighbours)
	assert.Zero(t, uintptr(unsafe.Pointer(&n.u64.Uint64))%8)
	assert.Zero(t, uintptr(unsafe.Pointer(&n.i64.Int64))%8)
}

func TestMethodsAreTheAtomicsOwn(t *testing.T) {
	var n neighbours
	v := 7
	n.ptr.Store(&v)
	assert.Same(t, &v, n.ptr.Load())
	assert.True(t, n.u32.CompareAndSwap(0, 3))
	assert.Equal(t, uint64(5), n.u64.Add(5))
	assert.Equal(t, int64(-1), n.i64.Add(-1))
	assert.Equal(t, uint32(3), n.u32.Load())
}

// BenchmarkSharing is what false sharing costs: each goroutine adds to a counter of its
// own, on a cache line of its own or on one with others.
func BenchmarkSharing(b *testing.B) {
	const counters = 64 // more than goroutines
	apart, together := make([]Uint64, counters), make([]atomic.Uint64, counters)
	for _, layout := range []struct {
		name    string
		counter func(i uint32) *atomic.Uint64
	}{
		{"padded", func(i uint32) *atomic.Uint64 { return &apart[i].Uint64 }},
		{"one-line", func(i uint32) *atomic.Uint64 { return &together[i] }},
	} {
		b.Run(layout.name, func(b *testing.B) {
			var goroutines atomic.Uint32
			b.RunParallel(func(pb *testing.PB) {
				counter := layout.counter((goroutines.Add(1) - 1) % counters)
				for pb.Next() {
					counter.Add(1)
				}
			})
		})
	}
}
