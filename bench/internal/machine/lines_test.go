package machine

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestDistances(t *testing.T) {
	milan, _ := Named("milan")
	ryzen, _ := Named("5950x")
	for _, c := range []struct {
		m    Model
		a, b int
		want float64
	}{
		{milan, 3, 3, 0},
		{milan, 0, 7, milan.Near},
		{milan, 0, 8, milan.Across},
		{milan, 47, 48, milan.Remote},
		{milan, 5, 96 + 5, milan.Sibling},
		{ryzen, 0, 8, ryzen.Across},
		{ryzen, 15, 31, ryzen.Sibling},
	} {
		assert.Equal(t, c.want, c.m.distance(c.a, c.b), "%s %d %d", c.m.Name, c.a, c.b)
		assert.Equal(t, c.want, c.m.distance(c.b, c.a), "%s %d %d", c.m.Name, c.b, c.a)
	}
	assert.Equal(t, 192, milan.Processors())
}

// access is an operation on the one line, and what it is to cost.
type access struct {
	kind  uint8
	p     int
	takes float64
	moved bool
}

func follow(t *testing.T, m Model, accesses []access) {
	var l line
	for i, a := range accesses {
		c := m.costOf(&l, a.p, a.kind)
		assert.Equal(t, a.takes, c.takes, "%s, access %d", m.Name, i)
		assert.Equal(t, a.moved, c.moved, "%s, access %d", m.Name, i)
		assert.Equal(t, i == 0, c.cold, "%s, access %d", m.Name, i)
		m.touch(&l, a.p, a.kind)
	}
}

func TestLinesOfCaches(t *testing.T) {
	m, _ := Named("milan")
	const rmw = 3
	follow(t, m, []access{
		{load, 0, m.Hit, false},
		{load, 0, m.Hit, false},
		{store, 0, m.Atomic, false},            // nobody else has it
		{load, 1, m.Near + m.Hit, true},        // both have a copy
		{load, 0, m.Hit, false},                // still
		{rmw, 0, m.Near + m.Atomic, true},      // the other must let go of it
		{load, 8, m.Across + m.Hit, true},      //
		{load, 9, m.Near + m.Hit, true},        // from its neighbour
		{store, 48, m.Remote + m.Atomic, true}, // three let go
		{store, 48, m.Atomic, false},
		{load, 9, m.Remote + m.Hit, true},
	})
}

func TestLinesOfFarAtomics(t *testing.T) {
	m, _ := Named("graviton")
	const rmw = 3
	follow(t, m, []access{
		{load, 0, m.Hit, false},
		{rmw, 0, m.Atomic, false},           // it alone has it
		{rmw, 1, m.Near + m.FarEvery, true}, // the line goes to the last-level cache
		{rmw, 1, m.Near + m.FarEvery, true}, // and stays there
		{store, 2, m.Hit, true},             // not waited for
		{load, 1, m.Near + m.Hit, true},
		{load, 1, m.Hit, false},
	})
}

func TestAllocatorsPlaces(t *testing.T) {
	var h, other heap
	a, b, c := h.allocate(24, 0), h.allocate(20, 0), h.allocate(24, 0)
	assert.Equal(t, a/lineSize, b/lineSize, "two fit on a line")
	assert.Equal(t, a/lineSize+1, c/lineSize, "and none lies across two")
	assert.Zero(t, c%lineSize)
	assert.NotEqual(t, a/lineSize, other.allocate(24, 1)/lineSize)
}
