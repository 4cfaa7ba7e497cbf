package pool

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lfpool/lfpool/lfqueue"
)

// TestDrawsByPlace: of the tasks that are queued one in n is drawn, on a queue that is
// emptied and on one that grows, and at each place of a pattern as many.
func TestDrawsByPlace(t *testing.T) {
	const n, period, tasks = 64, 512, 4_000_000 // 512 is a segment of the queue
	for _, c := range []struct {
		name    string
		emptied bool
	}{{"cells are used again", true}, {"the queue grows", false}} {
		t.Run(c.name, func(t *testing.T) {
			p := New(WithTimes(n))
			q := lfqueue.NewSeg[int]()
			var drawn int
			var at [period]int // drawn at each place of the pattern
			for i := range tasks {
				if p.times.drawPlace(q.End()) {
					drawn++
					at[i%period]++
				}
				q.Enqueue(i)
				if c.emptied {
					q.Dequeue()
				}
			}
			const one = 1. / n
			assert.InDelta(t, tasks*one, drawn, 6*math.Sqrt(tasks*one*(1-one)), "six standard deviations")
			const each = tasks / period
			for i, got := range at {
				assert.InDelta(t, each*one, got, 7*math.Sqrt(each*one*(1-one)), "place %d of the pattern: seven standard deviations", i)
			}
		})
	}
}
