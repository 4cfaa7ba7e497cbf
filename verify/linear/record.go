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
			for i := range history {
				op := Op{Kind: Dequeue, Client: c}
				if r.IntN(100) < l.Enqueues {
					op.Kind, op.Value = Enqueue, 1+c*l.Ops+i
				}
				yield := r.IntN(100) < l.Yields
				op.Call = clock.Add(1)
				if yield {
					runtime.Gosched()
				}
				if op.Kind == Enqueue {
					q.Enqueue(op.Value)
				} else {
					op.Value, op.OK = q.Dequeue()
				}
				op.Return = clock.Add(1)
				history[i] = op
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
