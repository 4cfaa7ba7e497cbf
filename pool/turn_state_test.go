package pool

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestQueuesThatAreGoneAreForgotten also in a program that never asks for figures.
func TestQueuesThatAreGoneAreForgotten(t *testing.T) {
	p := New()
	for range 100 {
		for range 100 {
			NewFair(p)
		}
		runtime.GC()
	}
	assert.Less(t, len(p.before.queues), 1000)
}
