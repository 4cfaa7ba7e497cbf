package linear

import (
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/lfpool/lfpool/lfqueue"
)

// Kind is what an operation does.
type Kind uint8

// The operations of a queue.
const (
	Enqueue Kind = iota
	Dequeue
)

// Op is one operation of a history. Its call and return are instants of one
// clock; no two are the same.
type Op struct {
	Kind         Kind
	Client       int
	Value        int  // enqueued or dequeued
	OK           bool // of a Dequeue: it took a value
	Call, Return int64
}

// Load is how a history is made: clients that each do so many operations, an
// Enqueue with the given chance in a hundred, yielding with another.
type Load struct {
	Clients, Ops     int
	Enqueues, Yields int // in a hundred
	Batch            int // how many values a queue that can take several at a time gets at a time, at most; 0 or 1: one
}

// Record runs a load on q, which is empty, and returns the history. The values
// enqueued are distinct, from 1 on.
func Record(q lfqueue.Queue[int], l Load, seed uint64) []Op {
	var clock atomic.Int64
	histories := make([][]Op, l.Clients)
	var ready, running sync.WaitGroup
	ready.Add(l.Clients)
	for c := range l.Clients {
		running.Go(func() {
			r := rand.New(rand.NewPCG(seed, uint64(c)))
			history := make([]Op, l.Ops)
			ready.Done()
			ready.Wait()
			for i := 0; i < len(history); {
				op := Op{Kind: Dequeue, Client: c}
				if r.IntN(100) < l.Enqueues {
					op.Kind, op.Value = Enqueue, 1+c*l.Ops+i
				}
				yield := r.IntN(100) < l.Yields
				op.Call = clock.Add(1)
				if yield {
					runtime.Gosched()
				}
				all, ok := q.(interface{ EnqueueAll([]int) })
				if op.Kind == Enqueue && ok && l.Batch > 1 {
					// The values of one batch are so many operations, each as long as the
					// batch: that they are in order TestEachValueOnceInProducerOrder checks.
					n := min(1+r.IntN(l.Batch), len(history)-i)
					values := make([]int, n)
					for j := range values {
						values[j] = op.Value + j
					}
					all.EnqueueAll(values)
					op.Return = clock.Add(1)
					for j, v := range values {
						op.Value = v
						history[i+j] = op
					}
					i += n
					continue
				}
				if op.Kind == Enqueue {
					q.Enqueue(op.Value)
				} else {
					op.Value, op.OK = q.Dequeue()
				}
				op.Return = clock.Add(1)
				history[i] = op
				i++
			}
			histories[c] = history
		})
	}
	running.Wait()
	var all []Op
	for _, h := range histories {
		all = append(all, h...)
	}
	return all
}
