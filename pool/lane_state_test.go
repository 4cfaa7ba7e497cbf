package pool

import (
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"

	"github.com/lfpool/lfpool/lfqueue"
)

// spreadOf is how many lanes p's submitters use.
func spreadOf(p *Pool) int { return int(p.spread.Load()) + 1 }

// TestLanesFollowTheProcessors, and the limit, at the reaper's next tick or at once.
func TestLanesFollowTheProcessors(t *testing.T) {
	if runtime.GOARCH == "wasm" {
		t.Skip("there is one processor, whatever GOMAXPROCS is asked for")
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(3))
	p := New()
	assert.Equal(t, 16, spreadOf(p), "4 each, rounded up")
	for procs, want := range map[int]int{1: 1, 2: 8, 8: 32, 16: 64, 32: 128, 128: 256} {
		runtime.GOMAXPROCS(procs)
		p.tick()
		assert.Equal(t, want, spreadOf(p), "%d processors", procs)
		p.SetLimit(7)
		assert.Equal(t, 1, spreadOf(p), "with a limit")
		p.tick()
		assert.Equal(t, 1, spreadOf(p), "with a limit")
		p.SetLimit(NoLimit)
		assert.Equal(t, want, spreadOf(p), "without a limit")
	}
}

// TestLanesThatTheUserWants are there whatever the number of processors is, where a
// pool can have more than one.
func TestLanesThatTheUserWants(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for n, want := range map[int]int{1: 1, 2: 2, 3: 4, 8: 8, 33: 64, 256: 256} {
		assert.Equal(t, want, spreadOf(New(WithLanes(n))))
		assert.Equal(t, 1, spreadOf(New(WithLanes(n), WithLimit(3))))
		assert.Equal(t, 1, spreadOf(New(WithLanes(n), WithHandOff())))
		queue := func() TaskQueue { return lfqueue.NewMS[func()]() }
		assert.Equal(t, want, spreadOf(New(WithLanes(n), WithTaskQueue(queue))))
	}
	runtime.GOMAXPROCS(4)
	assert.Equal(t, 1, spreadOf(New(WithTaskQueue(func() TaskQueue { return lfqueue.NewMS[func()]() }))))
}

// TestALaneIsMadeOnce: those who need it at the same time get the same.
func TestALaneIsMadeOnce(t *testing.T) {
	p := New(WithLanes(64))
	const each = 8
	made := make(chan *lane, each*maxLanes)
	for i := range maxLanes {
		for range each {
			go func() { made <- p.lane(i) }()
		}
	}
	var of [maxLanes]*lane
	for range each * maxLanes {
		l := <-made
		if of[l.index] == nil {
			of[l.index] = l
		}
		assert.Same(t, of[l.index], l)
	}
	assert.Len(t, p.all(), maxLanes)
	for i, l := range of {
		assert.Same(t, l, p.lane(i))
		assert.Contains(t, p.all(), l)
	}
}

// TestStacksSideBySide come to different lanes, if there are as many as processors
// and they are of one size.
func TestStacksSideBySide(t *testing.T) {
	for procs := 2; procs <= 64; procs *= 2 {
		mask := uint32(procs*lanesPerProc - 1)
		for size := uint64(1); size <= 128; size *= 2 {
			for first := range uint64(24) {
				used := map[uint32]bool{}
				for i := range uint64(procs) {
					used[hashed(0xc000000000>>11+first*first*37*size+first*2713+i*size, mask)] = true
				}
				assert.Len(t, used, procs, "%d stacks of %d KiB", procs, 2*size)
			}
		}
	}
}

// TestTheWorkerOfTheLaneBeside is taken before a new one is started, and that of a
// lane further away is not, unless there is a limit.
func TestTheWorkerOfTheLaneBeside(t *testing.T) {
	for name, c := range map[string]struct {
		second  int
		limit   int
		spawned int64
	}{
		"beside":               {second: 3, spawned: 1},
		"further away":         {second: 4, spawned: 2},
		"further away, limit":  {second: 4, limit: 2, spawned: 1},
		"the same":             {second: 2, spawned: 1},
		"lane 0 of many":       {second: 0, spawned: 2},
		"lane 0 of many, full": {second: 0, limit: 1, spawned: 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := New(WithLanes(8), WithLinger(false))
				for range 2 { // when the reaper has begun, the worker parks in the lane's slot and stays
					p.submitIn(p.lane(2), func() {})
					synctest.Wait()
				}
				if c.limit > 0 {
					p.SetLimit(c.limit)
				}
				ran := false
				p.submitIn(p.lane(c.second), func() { ran = true })
				synctest.Wait()
				assert.True(t, ran)
				assert.Equal(t, c.spawned, p.Stats().Spawned)
				assert.NoError(t, p.Drain(t.Context()))
			})
		})
	}
}
