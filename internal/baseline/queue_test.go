package baseline

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// order is what a queue promises about the order of its values.
type order int

const (
	fifo order = iota
	lifo
	bag
)

type queue interface {
	Enqueue(v *item)
	Dequeue() (v *item, ok bool)
}

// item is a value with an identity: which producer made it, as its how manyth.
type item struct{ producer, serial int }

// queues is the one table of this package's queues. Rings and channels are so
// small here that they overflow. Those that are not strict may find nothing
// while an Enqueue is under way, and have no Empty.
var queues = []struct {
	name   string
	order  order
	strict bool
	new    func() queue
}{
	{"mutex fifo", fifo, true, func() queue { return mutexQueue[*item]() }},
	{"mutex lifo", lifo, true, func() queue { return NewLocked[*item](new(sync.Mutex), true) }},
	{"spin", fifo, true, func() queue { return spinQueue[*item]() }},
	{"treiber", lifo, true, func() queue { return NewTreiber[*item](true) }},
	{"treiber tight", lifo, true, func() queue { return NewTreiber[*item](false) }},
	{"two-lock", fifo, true, func() queue { return NewTwoLock[*item](true) }},
	{"two-lock tight", fifo, true, func() queue { return NewTwoLock[*item](false) }},
	{"xsync", bag, false, func() queue { return NewRing[*item](8) }},
	{"chan", bag, false, func() queue { return NewChannel[*item](8) }},
	{"xsync sized", bag, true, func() queue { return NewSized(NewRing[*item](8)) }},
	{"chan sized", bag, true, func() queue { return NewSized(NewChannel[*item](8)) }},
	{xsyncThatFits, fifo, true, func() queue { return NewSized(NewRing[*item](1 << 12)) }},
	{"chan that fits", fifo, true, func() queue { return NewSized(NewChannel[*item](1 << 12)) }},
}

// xsyncThatFits is in order while one goroutine uses it. With several it may
// overflow with few values in: a dequeuer that is stopped midway keeps its cell,
// and when the ring has come round to that cell it refuses.
const xsyncThatFits = "xsync that fits"

func TestSequentialBehaviourIsThatOfASlice(t *testing.T) {
	for _, impl := range queues {
		t.Run(impl.name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				q, model := impl.new(), []*item(nil)
				ops := rapid.SliceOfN(rapid.IntRange(-9, 9), 1, 100).Draw(t, "enqueues (+) and dequeues (-)")
				for serial, op := range ops {
					for range max(op, 0) {
						v := &item{0, serial}
						q.Enqueue(v)
						model = append(model, v)
					}
					for range max(-op, 0) {
						v, ok := q.Dequeue()
						require.Equal(t, len(model) > 0, ok, "ok")
						if !ok {
							require.Nil(t, v, "the value of an empty queue")
							continue
						}
						at := slices.Index(model, v)
						switch impl.order {
						case fifo:
							require.Zero(t, at, "place of what came out")
						case lifo:
							require.Equal(t, len(model)-1, at, "place of what came out")
						default:
							require.GreaterOrEqual(t, at, 0, "what came out was in")
						}
						model = slices.Delete(model, at, at+1)
					}
					if e, ok := q.(interface{ Empty() bool }); ok {
						require.Equal(t, len(model) == 0, e.Empty(), "Empty")
					}
				}
			})
		})
	}
}

// TestEachValueOnce stresses identity, not a sum, and for queues that keep it
// each producer's order as each consumer sees it.
func TestEachValueOnce(t *testing.T) {
	const producers, consumers, each = 4, 4, 5_000
	for _, impl := range queues {
		t.Run(impl.name, func(t *testing.T) {
			q := impl.new()
			fits := impl.name == "chan that fits"
			ordered := impl.order == fifo && impl.name != xsyncThatFits
			seen := make([]atomic.Int32, producers*each)
			var in, taken atomic.Int64
			var wg sync.WaitGroup
			for p := range producers {
				wg.Go(func() {
					for i := range each {
						for fits && in.Load() > 1<<11 {
							runtime.Gosched()
						}
						in.Add(1)
						q.Enqueue(&item{p, i})
					}
				})
			}
			for range consumers {
				wg.Go(func() {
					last := [producers]int{}
					for taken.Load() < producers*each {
						v, ok := q.Dequeue()
						if !ok {
							runtime.Gosched()
							continue
						}
						in.Add(-1)
						taken.Add(1)
						if n := seen[v.producer*each+v.serial].Add(1); n != 1 {
							t.Errorf("value %d of producer %d came out %d times", v.serial, v.producer, n)
						}
						if ordered && v.serial+1 <= last[v.producer] {
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
			_, ok := q.Dequeue()
			assert.False(t, ok, "all are out")
		})
	}
}

// TestEmptyIsNeverSaidOfAQueueThatIsNot keeps one value or more in the queue at
// all times: every goroutine takes a value out only after putting one in.
func TestEmptyIsNeverSaidOfAQueueThatIsNot(t *testing.T) {
	for _, impl := range queues {
		if !impl.strict {
			continue
		}
		t.Run(impl.name, func(t *testing.T) {
			q := impl.new()
			q.Enqueue(&item{-1, 0}) // the one that is always there
			var wg sync.WaitGroup
			for p := range 4 {
				wg.Go(func() {
					for i := range 5_000 {
						q.Enqueue(&item{p, i})
						if q.(interface{ Empty() bool }).Empty() {
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
		})
	}
}

func TestDequeuedValuesAreNotRetained(t *testing.T) {
	for _, impl := range queues {
		t.Run(impl.name, func(t *testing.T) {
			q := impl.new()
			var held [100]weak.Pointer[item]
			for i := range held {
				v := &item{0, i}
				held[i] = weak.Make(v)
				q.Enqueue(v)
			}
			for range held {
				_, ok := q.Dequeue()
				require.True(t, ok)
			}
			runtime.GC()
			for i := range held {
				require.Nil(t, held[i].Value(), "value %d is still reachable", i)
			}
			runtime.KeepAlive(q)
		})
	}
}

func TestSpinLockExcludes(t *testing.T) {
	var lock SpinLock
	var wg sync.WaitGroup
	inside := 0
	for range 4 {
		wg.Go(func() {
			for range 1000 {
				lock.Lock()
				inside++
				lock.Unlock()
			}
		})
	}
	wg.Wait()
	assert.Equal(t, 4000, inside)
}

// TestPartsHaveNamesOfTheirOwn: a name on the command line means one thing.
func TestPartsHaveNamesOfTheirOwn(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range All {
		assert.False(t, seen[c.Name], "%s twice", c.Name)
		assert.NotEmpty(t, c.Doc, c.Name)
		seen[c.Name] = true
	}
	for _, p := range IdleQueues {
		assert.Equal(t, p.Name != shipped, seen["idle-"+p.Name], p.Name)
		assert.Equal(t, p.Tight != nil, seen["idle-"+p.Name+TightSuffix], p.Name)
	}
	for _, p := range TaskQueues {
		assert.Equal(t, p.Name != shipped, seen["tasks-"+p.Name], p.Name)
		assert.Equal(t, p.Tight != nil, seen["tasks-"+p.Name+TightSuffix], p.Name)
	}
}
