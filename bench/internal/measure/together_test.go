package measure

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestTogether(t *testing.T) {
	var runs [3]atomic.Int32
	var inside atomic.Int32
	elapsed := together(len(runs), func(i int) {
		inside.Add(1)
		for inside.Load() < int32(len(runs)) { // ends only if all run
			time.Sleep(time.Millisecond)
		}
		runs[i].Add(1)
	})
	for i := range runs {
		assert.EqualValues(t, 1, runs[i].Load(), i)
	}
	assert.Positive(t, elapsed)
}
