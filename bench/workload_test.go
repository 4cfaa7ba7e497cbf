package main

import (
	"regexp"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
)

// A countingPool runs tasks with the go statement and counts them. It bounds
// the goroutines that live at a time, as the race detector needs.
type countingPool struct {
	submitted, finished atomic.Int64
	room                chan struct{}
}

func newCountingPool() *countingPool {
	return &countingPool{room: make(chan struct{}, 1000)}
}

func (p *countingPool) Go(f func()) {
	p.submitted.Add(1)
	p.room <- struct{}{}
	go func() {
		defer func() { <-p.room }()
		p.finished.Add(1) // before f, which may release the waiter
		f()
	}()
}

func TestWorkloadsRunWhatTheyClaim(t *testing.T) {
	for _, w := range workloads {
		t.Run(w.name, func(t *testing.T) {
			for _, procs := range []int{1, 3} {
				p := newCountingPool()
				l := w.bind(p, procs)
				want := int64(0)
				for _, n := range []int{0, 1, 2} {
					l.run(n)
					want += int64(n * l.tasks)
					assert.Equal(t, want, p.submitted.Load())
					assert.Equal(t, want, p.finished.Load())
				}
			}
		})
	}
}

func TestProducersScaleWithProcs(t *testing.T) {
	p := newCountingPool()
	assert.Equal(t, 8*32, produce(flood(shallow))(p, 1).tasks)
	assert.Equal(t, 8*32*5, produce(flood(shallow))(p, 5).tasks)
	assert.Equal(t, 2*16*5, produce(served)(p, 5).tasks)
	assert.Equal(t, 4*500, produce(mixed)(p, 5).tasks)
}

// TestNames checks that a name can stand in a benchmark's name, where a number
// at the end would be taken for GOMAXPROCS.
func TestNames(t *testing.T) {
	valid := regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*$`)
	seen := map[string]bool{}
	check := func(name, doc string) {
		assert.Regexp(t, valid, name)
		assert.False(t, seen[name], "%s twice", name)
		assert.NotEmpty(t, doc, name)
		seen[name] = true
	}
	for _, c := range contestants() {
		check(c.Name, c.Doc)
	}
	for _, w := range workloads {
		check(w.name, w.doc)
	}
	assert.True(t, seen[reference] && seen[subject])
}
