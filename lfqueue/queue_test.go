package lfqueue_test

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lfpool/lfpool/internal/baseline"
	"github.com/lfpool/lfpool/lfqueue"
)

// queues is the one table of implementations; conformance tests and benchmarks
// range over it. The locked one is there to test the tests.
var queues = []struct {
	name string
	new  func() lfqueue.Queue[*item]
}{
	{"MS", func() lfqueue.Queue[*item] { return lfqueue.NewMS[*item]() }},
	{"Seg", func() lfqueue.Queue[*item] { return lfqueue.NewSeg[*item]() }},
	{"Seg, in batches", func() lfqueue.Queue[*item] { return &batches{Seg: lfqueue.NewSeg[*item]()} }},
	{"Counted", func() lfqueue.Queue[*item] { return lfqueue.NewCounted[item]() }},
	{"Counted near wrap", func() lfqueue.Queue[*item] { return lfqueue.NewCountedNearWrap[item]() }},
	{"Mutex", func() lfqueue.Queue[*item] { return baseline.NewLocked[*item](new(sync.Mutex), false) }},
}

// batches is a queue whose Enqueue is an EnqueueAll of one value, or of more: see
// enqueueAll.
type batches struct{ *lfqueue.Seg[*item] }

func (q *batches) Enqueue(v *item) { q.EnqueueAll([]*item{v}) }

// enqueueAll puts vs into q, all at once if q is one that can.
func enqueueAll(q lfqueue.Queue[*item], vs []*item) {
	if b, ok := q.(*batches); ok {
		b.EnqueueAll(vs)
		return
	}
	for _, v := range vs {
		q.Enqueue(v)
	}
}

// item is a value with an identity: which producer made it, as its how manyth.
type item struct{ producer, serial int }

func eachQueue(t *testing.T, f func(t *testing.T, q lfqueue.Queue[*item])) {
	for _, impl := range queues {
		t.Run(impl.name, func(t *testing.T) { f(t, impl.new()) })
	}
}

func TestSequentialBehaviourIsThatOfASlice(t *testing.T) {
	for _, impl := range queues {
		t.Run(impl.name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				q, model := impl.new(), []*item(nil)
				ops := rapid.SliceOfN(rapid.IntRange(-3, 3), 1, 200).Draw(t, "enqueues (+) and dequeues (-)")
				for serial, op := range ops {
					var batch []*item
					for range max(op, 0) {
						batch = append(batch, &item{0, serial})
					}
					enqueueAll(q, batch)
					model = append(model, batch...)
					for range max(-op, 0) {
						v, ok := q.Dequeue()
						require.Equal(t, len(model) > 0, ok, "ok")
						if ok {
							require.Same(t, model[0], v)
							model = model[1:]
						} else {
							require.Nil(t, v, "the value of an empty queue")
						}
					}
					require.Equal(t, len(model) == 0, q.Empty(), "Empty")
				}
			})
		})
	}
}

// TestEachValueOnceInProducerOrder stresses identity, not a sum: every value
// that was put in comes out exactly once, and each consumer sees each
// producer's values in their order.
func TestEachValueOnceInProducerOrder(t *testing.T) {
	const producers, consumers = 4, 4
	each := 20_000
	if testing.Short() {
		each = 2_000
	}
	eachQueue(t, func(t *testing.T, q lfqueue.Queue[*item]) {
		seen := make([]atomic.Int32, producers*each)
		var taken atomic.Int64
		var wg sync.WaitGroup
		for p := range producers {
			wg.Go(func() {
				for i := 0; i < each; {
					var batch []*item
					for range min(1+i%100, each-i) {
						batch = append(batch, &item{p, i})
						i++
					}
					enqueueAll(q, batch)
				}
			})
		}
		for range consumers {
			wg.Go(func() {
				last := [producers]int{}
				for taken.Load() < int64(producers*each) {
					v, ok := q.Dequeue()
					if !ok {
						runtime.Gosched()
						continue
					}
					taken.Add(1)
					if n := seen[v.producer*each+v.serial].Add(1); n != 1 {
						t.Errorf("value %d of producer %d came out %d times", v.serial, v.producer, n)
					}
					if v.serial+1 <= last[v.producer] {
						t.Errorf("producer %d: value %d after value %d", v.producer, v.serial, last[v.producer]-1)
					}
					last[v.producer] = v.serial + 1
				}
			})
		}
		wg.Wait()
		for i := range seen {
			require.Equal(t, int32(1), seen[i].Load(), "value %d of producer %d", i%each, i/each)
		}
		assert.True(t, q.Empty())
	})
}

// TestEmptyIsNeverSaidOfAQueueThatIsNot keeps one value or more in the queue at
// all times: every goroutine takes a value out only after putting one in.
func TestEmptyIsNeverSaidOfAQueueThatIsNot(t *testing.T) {
	eachQueue(t, func(t *testing.T, q lfqueue.Queue[*item]) {
		q.Enqueue(&item{-1, 0}) // the one that is always there
		var wg sync.WaitGroup
		for p := range 4 {
			wg.Go(func() {
				for i := range 10_000 {
					q.Enqueue(&item{p, i})
					if q.Empty() {
						t.Errorf("goroutine %d, round %d: Empty, but two values are in", p, i)
						return
					}
					if _, ok := q.Dequeue(); !ok {
						t.Errorf("goroutine %d, round %d: nothing to dequeue, but two values are in", p, i)
						return
					}
				}
			})
		}
		wg.Wait()
		_, ok := q.Dequeue()
		assert.True(t, ok, "the value that is always there")
		assert.True(t, q.Empty())
	})
}

func TestDequeuedValuesAreNotRetained(t *testing.T) {
	eachQueue(t, func(t *testing.T, q lfqueue.Queue[*item]) {
		const n = 1000
		var held [n]weak.Pointer[item]
		for i := range n {
			v := &item{0, i}
			held[i] = weak.Make(v)
			q.Enqueue(v)
		}
		for range n {
			_, ok := q.Dequeue()
			require.True(t, ok)
		}
		runtime.GC()
		kept := n
		if _, counted := q.(*lfqueue.Counted[item]); counted {
			kept = n - 1 // its dummy keeps the last one, as it says
		}
		for i := range kept {
			require.Nil(t, held[i].Value(), "value %d is still reachable", i)
		}
		runtime.KeepAlive(q)
	})
}

func BenchmarkPair(b *testing.B) {
	for _, impl := range queues {
		b.Run(impl.name, func(b *testing.B) {
			b.ReportAllocs()
			q, v := impl.new(), new(item)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					q.Enqueue(v)
					q.Dequeue()
				}
			})
		})
	}
}

func ExampleMS() {
	q := lfqueue.NewMS[string]()
	q.Enqueue("first")
	q.Enqueue("second")
	for !q.Empty() {
		v, _ := q.Dequeue()
		fmt.Println(v)
	}
	_, ok := q.Dequeue()
	fmt.Println(ok)
	// Output:
	// first
	// second
	// false
}

func ExampleQueue() {
	var q lfqueue.Queue[int] = lfqueue.NewMS[int]()
	var wg sync.WaitGroup
	for i := range 3 {
		wg.Go(func() { q.Enqueue(i) })
	}
	wg.Wait()
	sum := 0
	for v, ok := q.Dequeue(); ok; v, ok = q.Dequeue() {
		sum += v
	}
	fmt.Println(sum)
	// Output: 3
}

func ExampleNewMS() {
	q := lfqueue.NewMS[func()]()
	q.Enqueue(func() { fmt.Println("taken out and run") })
	f, _ := q.Dequeue()
	f()
	// Output: taken out and run
}

func ExampleSeg() {
	q := lfqueue.NewSeg[int]()
	for i := range 1000 {
		q.Enqueue(i)
	}
	sum := 0
	for v, ok := q.Dequeue(); ok; v, ok = q.Dequeue() {
		sum += v
	}
	fmt.Println(sum)
	// Output: 499500
}

func ExampleCounted() {
	q := lfqueue.NewCounted[string]()
	s := "by pointer"
	q.Enqueue(&s)
	v, _ := q.Dequeue()
	fmt.Println(*v)
	// Output: by pointer
}
