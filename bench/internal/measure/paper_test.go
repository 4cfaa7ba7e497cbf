package measure

import (
	"context"
	"io"
	"regexp"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/bench/internal/record"
)

// counter is a queue that counts its operations.
type counter struct{ in, out atomic.Int64 }

func (c *counter) Enqueue(*int)          { c.in.Add(1) }
func (c *counter) Dequeue() (*int, bool) { return nil, c.out.Add(1)%3 != 0 } // refuses each third time

func TestEachPairIsMade(t *testing.T) {
	c := new(counter)
	assert.Positive(t, elapsed(c, 50, 3, 0))
	assert.EqualValues(t, 150, c.in.Load())
	assert.EqualValues(t, 150, c.out.Load()-c.out.Load()/3, "a refused dequeue is tried again")
}

// slow is a queue whose enqueue takes a known time.
type slow struct{ nothing }

func (slow) Enqueue(*int) { time.Sleep(time.Millisecond) }

func TestNetTimeIsWithoutTheOtherWork(t *testing.T) {
	net := netTime(slow{}, 5, 3, 1, 20*time.Microsecond)
	assert.Greater(t, net, 0.5e6)
	none := netTime(nothing{}, 5, 200, 1, time.Microsecond)
	assert.Less(t, none, net/10)
}

func TestPlan(t *testing.T) {
	turns, each := plan(2000, 2, 1, 6*time.Microsecond)
	assert.Equal(t, 83, each, "a turn of a millisecond")
	assert.Equal(t, 12, turns)
	turns, each = plan(2000, 6, 3, 600*time.Nanosecond)
	assert.Equal(t, 277, each, "a third, with three on each processor")
	assert.Equal(t, leastTurns, turns)
	turns, each = plan(1, 4, 1, 0)
	assert.Equal(t, 1, each)
	assert.Equal(t, leastTurns, turns)
}

func TestQueuesAreLeftEmpty(t *testing.T) {
	for _, e := range Queues {
		q := e.New()
		elapsed(q, 200, 4, 0)
		_, ok := q.Dequeue()
		assert.False(t, ok, e.Name)
		assert.NotEmpty(t, e.Doc)
	}
}

func TestPaper(t *testing.T) {
	r := new(record.Record)
	rec := NewRecorder(r, io.Discard)
	stage := Stage{Rows: Paper(16, 2), Procs: []int{1, 2}, Count: 2}.Only(regexp.MustCompile("^(ms|seg)/"))
	require.Len(t, stage.Rows, len(works)*3)
	assert.Positive(t, Total(stage))
	Run(context.Background(), []Stage{stage}, rec)
	require.Len(t, r.Cells, len(works)*3*2*2)
	for _, c := range r.Cells {
		assert.Len(t, c.Values[record.NetPair], 2)
		assert.GreaterOrEqual(t, c.Ops, 16, "pairs of a sample are recorded")
	}
}
