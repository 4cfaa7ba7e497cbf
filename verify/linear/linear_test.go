package linear_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/internal/baseline"
	"github.com/lfpool/lfpool/lfqueue"
	"github.com/lfpool/lfpool/verify/linear"
)

// counted makes the queue of pointers one of values.
type counted struct{ *lfqueue.Counted[int] }

func (q counted) Enqueue(v int) { q.Counted.Enqueue(&v) }
func (q counted) Dequeue() (int, bool) {
	if v, ok := q.Counted.Dequeue(); ok {
		return *v, true
	}
	return 0, false
}

// segmentTurn is a segmented queue with so few cells left in its segment that
// every history crosses into the next one, over cells that were used before.
func segmentTurn() lfqueue.Queue[int] {
	q := lfqueue.NewSeg[int]()
	for range 2*512 - 5 {
		q.Enqueue(0)
		q.Dequeue()
	}
	return q
}

var queues = []struct {
	name  string
	new   func() lfqueue.Queue[int]
	batch int // see Load
}{
	{"MS", func() lfqueue.Queue[int] { return lfqueue.NewMS[int]() }, 1},
	{"Counted", func() lfqueue.Queue[int] { return counted{lfqueue.NewCounted[int]()} }, 1},
	{"Seg", func() lfqueue.Queue[int] { return lfqueue.NewSeg[int]() }, 1},
	{"SegTurn", segmentTurn, 1},
	{"SegBatch", func() lfqueue.Queue[int] { return lfqueue.NewSeg[int]() }, 4},
	{"SegBatchTurn", segmentTurn, 4},
	{"Mutex", func() lfqueue.Queue[int] { return baseline.NewLocked[int](new(sync.Mutex), false) }, 1},
}

// fifo is the sequential queue for the complete search. A state is the values
// in order.
var fifo = porcupine.Model{
	Init: func() any { return []int(nil) },
	Step: func(state, input, _ any) (bool, any) {
		values, op := state.([]int), input.(linear.Op)
		switch {
		case op.Kind == linear.Enqueue:
			return true, append(slices.Clone(values), op.Value)
		case !op.OK:
			return len(values) == 0, values
		default:
			return len(values) > 0 && values[0] == op.Value, values[min(1, len(values)):]
		}
	},
	Equal: func(a, b any) bool { return slices.Equal(a.([]int), b.([]int)) },
	Hash: func(state any) uint64 {
		h := uint64(14695981039346656037)
		for _, v := range state.([]int) {
			h = (h ^ uint64(v)) * 1099511628211
		}
		return h
	},
}

// search is the complete search. An answer that it cannot give in time is a
// failure, not a pass.
func search(t *testing.T, history []linear.Op) bool {
	var ops []porcupine.Operation
	for _, op := range history {
		ops = append(ops, porcupine.Operation{ClientId: op.Client, Input: op, Call: op.Call, Return: op.Return})
	}
	result := porcupine.CheckOperationsTimeout(fifo, ops, time.Minute)
	require.NotEqual(t, porcupine.Unknown, result, "the search ran out of time")
	return result == porcupine.Ok
}

// TestSmallHistoriesAreLinearizable has no more than 8 operations a client: when
// goroutines yield inside them most overlap, and with 10, many of them Enqueues,
// some searches have too many orders to try; so with more than 5 if the values of
// a batch overlap.
func TestSmallHistoriesAreLinearizable(t *testing.T) {
	histories := 2500
	if testing.Short() {
		histories = 200
	}
	for _, q := range queues {
		t.Run(q.name, func(t *testing.T) {
			ops := 8
			if q.batch > 1 {
				ops = 5
			}
			for seed := range uint64(histories) {
				history := linear.Record(q.new(), linear.Load{Clients: 3, Ops: ops, Enqueues: (30 + int(seed%30)) / q.batch, Yields: 50, Batch: q.batch}, seed)
				if !search(t, history) {
					t.Fatalf("seed %d: not linearizable:\n%s", seed, show(history))
				}
			}
		})
	}
}

func TestLongHistoriesShowNoViolation(t *testing.T) {
	ops := 250_000
	if testing.Short() {
		ops = 25_000
	}
	for _, q := range queues {
		for _, enqueues := range []int{45, 50, 55} {
			t.Run(fmt.Sprintf("%s/%d%% enqueues", q.name, enqueues), func(t *testing.T) {
				history := linear.Record(q.new(), linear.Load{Clients: 4, Ops: ops, Enqueues: enqueues, Yields: 1, Batch: q.batch}, 1)
				if v := linear.CheckFIFO(history); v != nil {
					t.Fatal(v)
				}
			})
		}
	}
}

// TestCheckFIFOAgreesWithTheSearch: on small histories, good and spoilt, the
// patterns find a violation exactly when the complete search finds no order.
func TestCheckFIFOAgreesWithTheSearch(t *testing.T) {
	good, bad := 0, 0
	patterns := map[string]int{}
	for seed := range uint64(6000) {
		history := linear.Record(lfqueue.NewMS[int](), linear.Load{Clients: 3, Ops: 4, Enqueues: 50, Yields: 60}, seed)
		spoil(history, rand.New(rand.NewPCG(seed, 99)))
		violation := linear.CheckFIFO(history)
		linearizable := search(t, history)
		require.Equal(t, linearizable, violation == nil, "seed %d: %v\n%s", seed, violation, show(history))
		if linearizable {
			good++
		} else {
			bad++
			patterns[violation.Pattern]++
		}
	}
	t.Logf("%d linearizable, %d not: %v", good, bad, patterns)
	assert.Greater(t, good, 500)
	assert.Greater(t, bad, 500)
	assert.Len(t, patterns, 6, "each pattern was met")
}

// spoil changes the results of up to two operations, so that some histories are
// not linearizable any more.
func spoil(history []linear.Op, r *rand.Rand) {
	for range r.IntN(3) {
		op := &history[r.IntN(len(history))]
		if op.Kind == linear.Enqueue {
			continue
		}
		switch other := &history[r.IntN(len(history))]; {
		case r.IntN(4) == 0:
			op.OK, op.Value = false, 0
		case other.Kind == linear.Dequeue:
			op.OK, other.OK = other.OK, op.OK
			op.Value, other.Value = other.Value, op.Value
		case r.IntN(6) == 0:
			op.OK, op.Value = true, 1000
		default:
			op.OK, op.Value = true, other.Value
		}
	}
}

func show(history []linear.Op) string {
	var b strings.Builder
	for _, op := range slices.SortedFunc(slices.Values(history), func(a, b linear.Op) int { return int(a.Call - b.Call) }) {
		fmt.Fprintf(&b, "%3d-%3d client %d ", op.Call, op.Return, op.Client)
		switch {
		case op.Kind == linear.Enqueue:
			fmt.Fprintf(&b, "enqueue %d\n", op.Value)
		case op.OK:
			fmt.Fprintf(&b, "dequeue %d\n", op.Value)
		default:
			fmt.Fprintf(&b, "dequeue: empty\n")
		}
	}
	return b.String()
}
