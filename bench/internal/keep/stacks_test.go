package keep

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lfpool/lfpool/bench/internal/load"
	"github.com/lfpool/lfpool/pool"
)

const (
	workers      = 100 // whose stacks are measured
	collectEvery = 100 // tasks of each worker from one collection to the next
)

// bounds are how many tasks a worker runs before it hands over to a fresh goroutine; 0
// is no bound.
var bounds = []int{0, 1000, 100, 10}

func replacing(bound int) []pool.Option {
	if bound == 0 {
		return nil
	}
	return []pool.Option{pool.WithMaxTasksPerWorker(bound)}
}

// BenchmarkStacks has the KiB of stacks of a worker after one deep task and so many
// shallow ones, with and without collections, by after how many tasks it is replaced.
func BenchmarkStacks(b *testing.B) {
	marks := []int{0, 10, 100, 300, 1000}
	for _, collections := range []bool{false, true} {
		for _, bound := range bounds {
			b.Run(fmt.Sprintf("gc=%t/replaced=%d", collections, bound), func(b *testing.B) {
				for b.Loop() {
					for i, kib := range stacksOf(bound, collections, marks) {
						b.ReportMetric(kib, fmt.Sprintf("KiB-stack/worker-after-%d", marks[i]))
					}
				}
			})
		}
	}
}

// BenchmarkReplacing is what that costs: bursts of 100 empty tasks, by task.
func BenchmarkReplacing(b *testing.B) {
	for _, bound := range bounds {
		b.Run(fmt.Sprintf("replaced=%d", bound), func(b *testing.B) {
			burst := load.Named(load.Main, "burst100")[0].Bind(pool.New(replacing(bound)...), runtime.GOMAXPROCS(0))
			burst.Run(10)
			b.ResetTimer()
			burst.Run(b.N)
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*burst.Tasks), "ns/task")
		})
	}
}

// TestStacksShrinkWhenWorkersAreReplaced, and not otherwise while the collector
// is off.
func TestStacksShrinkWhenWorkersAreReplaced(t *testing.T) {
	marks := []int{0, 5, 20}
	kept := stacksOf(0, false, marks)
	assert.Greater(t, kept[0], 32.0, "a very deep task's stack")
	assert.InDelta(t, kept[0], kept[2], 4)
	shed := stacksOf(10, false, marks)
	assert.InDelta(t, shed[0], shed[1], 4)
	assert.Less(t, shed[2], 16.0)
}

// stacksOf makes as many workers as tasks that are all under way at a time, each
// of them deep, and has each worker run one shallow task after the other. It
// returns the KiB of stacks for a worker at each of the marks. A limit keeps the
// workers as many, so that each runs one task of each round.
//
// The collector is off, or collects once before each round whose number is a
// multiple of collectEvery.
func stacksOf(bound int, collections bool, marks []int) []float64 {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	p := pool.New(append(replacing(bound), pool.WithLimit(workers))...)
	var begun, ended sync.WaitGroup
	round := func(work func()) {
		release := make(chan struct{})
		begun.Add(workers)
		ended.Add(workers)
		task := func() {
			work()
			begun.Done()
			<-release
			ended.Done()
		}
		for range workers {
			p.Go(task)
		}
		begun.Wait() // all are under way, each in a worker of its own
		close(release)
		ended.Wait()
	}
	before, _ := occupied()
	round(func() { grow(300) })
	var found []float64
	for tasks := 0; ; tasks++ {
		if len(found) == len(marks) {
			return found
		}
		if tasks > 0 {
			if collections && tasks%collectEvery == 0 {
				runtime.GC()
			}
			round(func() {})
		}
		if tasks == marks[len(found)] {
			stacks, _ := inUse()
			found = append(found, float64(stacks-before)/kib/workers)
		}
	}
}

// grow calls so many frames deep: 300 need a stack of 64 KiB.
//
//go:noinline
func grow(frames int) byte {
	var kept [120]byte
	kept[frames%120] = byte(frames)
	if frames == 0 {
		return kept[0]
	}
	return grow(frames-1) ^ kept[frames%120]
}
