package measure

import (
	"context"
	"io"
	"regexp"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/bench/internal/record"
)

// TestLayouts: neighbours are as far apart, or as near, as they claim, and each
// goroutine adds to its own counter.
func TestLayouts(t *testing.T) {
	for _, l := range layouts {
		counters := l.new(3)
		assert.Positive(t, addUp(counters, 100))
		for _, c := range counters {
			assert.EqualValues(t, 100, c.Load())
		}
		apart := uintptr(unsafe.Pointer(counters[1])) - uintptr(unsafe.Pointer(counters[0]))
		if l.name == "padded" {
			assert.GreaterOrEqual(t, apart, uintptr(64))
		} else {
			assert.Equal(t, uintptr(8), apart)
		}
	}
}

func TestSharing(t *testing.T) {
	r := new(record.Record)
	Run(context.Background(), []Stage{Sharing{Filter: regexp.MustCompile(""), Count: 2}.Stage()}, NewRecorder(r, nil, io.Discard))
	require.Len(t, r.Cells, len(layouts))
	for _, c := range r.Cells {
		assert.Equal(t, []int{0, 1}, c.Rounds)
	}
	assert.Zero(t, Sharing{Filter: regexp.MustCompile("^go/")}.Stage().Steps)
}
