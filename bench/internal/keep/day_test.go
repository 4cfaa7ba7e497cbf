package keep

import (
	"context"
	"runtime"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/lfpool/lfpool/lfqueue"
	"github.com/lfpool/lfpool/pool"
)

// dayTimeout is the idle timeout while the day is played.
const dayTimeout = 500 * time.Millisecond

// How the day is watched.
const (
	dayLook    = 10 * time.Millisecond // how often it is seen whether the pool is empty
	dayNote    = 5                     // looks from one note in the record to the next
	dayCollect = 25                    // looks from one garbage collection to the next: four a second
)

// Units of a day.
const (
	workersPeak   = "workers-peak"
	workersAfter  = "workers-after-trickle" // when the silence begins
	started       = "workers-started"
	freshShare    = "fresh-%"            // tasks that needed a new worker
	emptySilence  = "sec/empty"          // from the trickle's end until there was no worker, if that was in the silence
	emptyEnd      = "sec/empty-at-end"   // from the end of the last task, if the pool was seen empty
	mibAfter      = "MiB-after-trickle"  // stacks and heap then
	mibMean       = "MiB-mean"           // throughout
	busySeconds   = "worker-sec/busy"    // in tasks
	neededSeconds = "worker-sec/needed"  // parked, and a task came for it
	vainSeconds   = "worker-sec/in-vain" // parked, and ended, or still parked at the end
	kib           = float64(1 << 10)     // bytes
)

// BenchmarkDay plays a day in miniature against each rule that ends parked workers, once:
//
//	go test -run '^$' -bench Day -benchtime 1x ./internal/keep
func BenchmarkDay(b *testing.B) {
	for _, p := range policies() {
		b.Run("rule="+p.name, func(b *testing.B) {
			for b.Loop() {
				for unit, v := range play(p, day(), dayEnd) {
					b.ReportMetric(v, unit)
				}
			}
			b.ReportMetric(0, "ns/op") // the day's length
		})
	}
}

// TestPlay plays a short day against each policy: everyone runs each task, and
// only never keeps its workers.
func TestPlay(t *testing.T) {
	const crowd = 20
	var visits []visit
	for range crowd {
		visits = append(visits, visit{at: 20 * time.Millisecond, wait: 50 * time.Millisecond, deep: true})
	}
	visits = append(visits, visit{at: 200 * time.Millisecond})
	for _, p := range policies() {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			v := play(p, visits, 300*time.Millisecond)
			assert.GreaterOrEqual(t, v[workersPeak], 2.0)
			assert.LessOrEqual(t, v[workersPeak], crowd+1.0)
			assert.GreaterOrEqual(t, v[busySeconds], crowd*0.05)
			assert.Positive(t, v[neededSeconds]+v[vainSeconds])
			assert.Greater(t, v[freshShare], 0.0)
			assert.LessOrEqual(t, v[freshShare], 100.0)
			if p.name == "never" {
				assert.NotContains(t, v, emptySilence)
				assert.Positive(t, v[vainSeconds])
			}
		})
	}
}

// play submits the visits as their time comes and watches the pool until end.
func play(policy policy, visits []visit, end time.Duration) map[string]float64 {
	book := newLedger(lfqueue.NewSeg[*pool.Worker](), 4*len(visits)) // more than it will note, so that it does not grow
	p := policy.new(pool.WithIdleTimeout(dayTimeout), pool.WithIdleQueue(func() pool.IdleQueue { return book }))
	var busy, last atomic.Int64 // nanoseconds: in tasks, and when the last of them ended
	tasks := make([]func(), len(visits))
	var running sync.WaitGroup
	begun := book.begun
	for i, v := range visits {
		tasks[i] = func() {
			from := time.Since(begun)
			v.work()
			to := time.Since(begun)
			busy.Add(int64(to - from))
			for {
				if was := last.Load(); int64(to) <= was || last.CompareAndSwap(was, int64(to)) {
					break
				}
			}
			running.Done()
		}
	}
	running.Add(len(visits))

	stacks, heap := occupied()
	begun = time.Now()
	book.begun = begun
	watching := make(chan map[string]float64)
	go func() { watching <- watch(p, begun, end, stacks, heap, &last) }()
	for i, v := range visits {
		if wait := time.Until(begun.Add(v.at)); wait > 0 {
			time.Sleep(wait)
		}
		p.Go(tasks[i])
	}
	running.Wait()
	seen := <-watching
	runtime.KeepAlive(tasks) // of the memory before, too

	needed, vain := book.close(end)
	seen[busySeconds] = time.Duration(busy.Load()).Seconds()
	seen[neededSeconds] = needed.Seconds()
	seen[vainSeconds] = vain.Seconds()
	_ = p.Drain(context.Background()) // fails only with its context
	s := p.Stats()
	seen[freshShare] = 100 * (1 - s.ReuseRate())
	return seen
}

// watch looks at the pool until end. Memory is what is in use beyond
// stacksBefore and heapBefore. last is when the last task so far ended.
func watch(p *pool.Pool, begun time.Time, end time.Duration, stacksBefore, heapBefore int64, last *atomic.Int64) map[string]float64 {
	values := map[string]float64{}
	var sum float64
	notes := 0
	for look := 0; ; look++ {
		at := time.Duration(look) * dayLook
		time.Sleep(time.Until(begun.Add(at)))
		if at > end {
			break
		}
		if look%dayCollect == 0 {
			runtime.GC()
		}
		s := p.Stats()
		now, ended := time.Since(begun), time.Duration(last.Load())
		values[workersPeak] = max(values[workersPeak], float64(s.Workers))
		empty := emptyEnd
		if now < daySecondBurst {
			empty = emptySilence
		}
		switch {
		case s.Workers > 0:
			delete(values, empty) // it was empty between two tasks
		case s.Spawned > 0 && values[empty] == 0:
			values[empty] = (now - ended).Seconds()
		}
		if look%dayNote != 0 {
			continue
		}
		stacks, heap := inUse()
		stacks, heap = stacks-stacksBefore, heap-heapBefore
		total := float64(stacks+heap) / kib / kib
		sum += total
		if at == daySilence {
			values[workersAfter], values[mibAfter] = float64(s.Workers), total
		}
		notes++
		values[started] = float64(s.Spawned)
	}
	values[mibMean] = sum / float64(notes)
	return values
}

// occupied collects garbage and returns the bytes in use.
func occupied() (stacks, heap int64) {
	runtime.GC()
	runtime.GC() // what sync.Pools hold goes with the second
	return inUse()
}

// inUse returns the bytes of stacks and of the heap's objects, those included
// that wait for the next collection.
func inUse() (stacks, heap int64) {
	s := []metrics.Sample{
		{Name: "/memory/classes/heap/stacks:bytes"},
		{Name: "/memory/classes/heap/objects:bytes"},
	}
	metrics.Read(s)
	return int64(s[0].Value.Uint64()), int64(s[1].Value.Uint64())
}
