package lfqueue_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lfpool/lfpool/lfqueue"
)

// TestTailIsNeverLeftBehind is about memory, not about order: a tail behind
// head would keep every node since from the collector.
func TestTailIsNeverLeftBehind(t *testing.T) {
	q := lfqueue.NewMS[int]()
	for range 200 {
		var wg sync.WaitGroup
		for i := range 4 {
			wg.Go(func() {
				for range 50 {
					if i%2 == 0 {
						q.Enqueue(i)
					} else {
						q.Dequeue()
					}
				}
			})
		}
		wg.Wait()
		assert.False(t, q.TailBehindHead())
	}
}
