package measure

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"regexp"
	"runtime"
	"runtime/metrics"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lfpool/lfpool/bench/internal/child"
	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/load"
	"github.com/lfpool/lfpool/bench/internal/record"
	"github.com/lfpool/lfpool/lfqueue"
	"github.com/lfpool/lfpool/pool"
)

// DayTimeout is the idle timeout while the day is played.
const DayTimeout = 500 * time.Millisecond

// How the day is watched.
const (
	dayLook    = 10 * time.Millisecond // how often it is seen whether the pool is empty
	dayNote    = 5                     // looks from one note in the record to the next
	dayCollect = 25                    // looks from one garbage collection to the next: four a second
)

// Units of a day.
const (
	WorkersPeak   = "workers-peak"
	WorkersAfter  = "workers-after-trickle" // when the silence begins
	Started       = "workers-started"
	FreshShare    = "fresh-%"            // tasks that needed a new worker
	EmptySilence  = "sec/empty"          // from the trickle's end until there was no worker, if that was in the silence
	EmptyEnd      = "sec/empty-at-end"   // from the end of the last task, if the pool was seen empty
	MiBAfter      = "MiB-after-trickle"  // stacks and heap then
	MiBMean       = "MiB-mean"           // throughout
	BusySeconds   = "worker-sec/busy"    // in tasks
	NeededSeconds = "worker-sec/needed"  // parked, and a task came for it
	VainSeconds   = "worker-sec/in-vain" // parked, and ended, or still parked at the end
	dayName       = "day"                // of the workload
	dayRole       = "day"                // of the child
	kib           = float64(1 << 10)     // bytes
)

// A played day is what a child prints.
type played struct {
	Day    record.Day
	Values map[string]float64
}

// The day role: play the day against one policy, print what was seen.
func init() {
	child.Register(dayRole, func(args []string, _ io.Reader, out io.Writer) error {
		policies := contest.Policies(nil)
		i := slices.IndexFunc(policies, func(p contest.Policy) bool { return p.Contestant == args[0] })
		if i < 0 {
			return fmt.Errorf("no policy of %q", args[0])
		}
		return json.NewEncoder(out).Encode(play(policies[i], load.Day(), load.DayEnd))
	})
}

// play submits the visits as their time comes and watches the pool until end.
func play(policy contest.Policy, visits []load.Visit, end time.Duration) played {
	book := newLedger(lfqueue.NewSeg[*pool.Worker](), 4*len(visits)) // more than it will note, so that it does not grow
	p := policy.New(pool.WithIdleTimeout(DayTimeout), pool.WithIdleQueue(func() pool.IdleQueue { return book }))
	var busy, last atomic.Int64 // nanoseconds: in tasks, and when the last of them ended
	tasks := make([]func(), len(visits))
	var running sync.WaitGroup
	begun := book.begun
	for i, v := range visits {
		tasks[i] = func() {
			from := time.Since(begun)
			v.Work()
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

	occupied()
	stacks, heap := inUse()
	begun = time.Now()
	book.begun = begun
	watching := make(chan played)
	go func() { watching <- watch(p, begun, end, stacks, heap, &last) }()
	for i, v := range visits {
		if wait := time.Until(begun.Add(v.At)); wait > 0 {
			time.Sleep(wait)
		}
		p.Go(tasks[i])
	}
	running.Wait()
	seen := <-watching
	runtime.KeepAlive(tasks) // of the memory before, too

	needed, vain := book.close(end)
	seen.Day.Contestant = policy.Contestant
	seen.Values[BusySeconds] = time.Duration(busy.Load()).Seconds()
	seen.Values[NeededSeconds] = needed.Seconds()
	seen.Values[VainSeconds] = vain.Seconds()
	_ = p.Drain(context.Background()) // fails only with its context
	s := p.Stats()
	seen.Values[FreshShare] = 100 * (1 - s.ReuseRate())
	return seen
}

// watch looks at the pool until end. Memory is what is in use beyond
// stacksBefore and heapBefore. last is when the last task so far ended.
func watch(p *pool.Pool, begun time.Time, end time.Duration, stacksBefore, heapBefore int64, last *atomic.Int64) played {
	found := played{Values: map[string]float64{}}
	d, values := &found.Day, found.Values
	var sum float64
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
		values[WorkersPeak] = max(values[WorkersPeak], float64(s.Workers))
		empty := EmptyEnd
		if now < load.DaySecondBurst {
			empty = EmptySilence
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
		if at == load.DaySilence {
			values[WorkersAfter], values[MiBAfter] = float64(s.Workers), total
		}
		d.Seconds = append(d.Seconds, math.Round(now.Seconds()*1000)/1000)
		d.Workers = append(d.Workers, s.Workers)
		d.Running = append(d.Running, s.Running)
		d.Started = append(d.Started, int(s.Spawned))
		d.StackKiB = append(d.StackKiB, int(float64(stacks)/kib))
		d.HeapKiB = append(d.HeapKiB, int(float64(heap)/kib))
		values[Started] = float64(s.Spawned)
	}
	values[MiBMean] = sum / float64(len(d.Seconds))
	return found
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

// Days plays the day against policies.
type Days struct {
	Filter   *regexp.Regexp // matched against contestant/day
	Policies []contest.Policy
}

// Stage is the stage that plays. Each policy has a process of its own, and all
// have their day at once: they sleep most of the time.
func (d Days) Stage() Stage {
	var names []string
	for _, p := range d.Policies {
		if d.Filter.MatchString(p.Contestant + "/" + dayName) {
			names = append(names, p.Contestant)
		}
	}
	return Stage{
		Name:     "retention",
		Steps:    min(1, len(names)),
		Estimate: load.DayEnd + time.Second,
		Run: func(ctx context.Context, rec *Recorder) {
			rec.Step(strings.Join(names, " "))
			found := make([]played, len(names))
			inChildren(ctx, dayRole, names, len(names), rec, func(i int) any { return &found[i] })
			for i, f := range found {
				if len(f.Values) > 0 {
					rec.AddDay(f.Day)
					rec.Add(record.Key{Kind: record.Retention, Name: dayName, Procs: runtime.GOMAXPROCS(0), Contestant: names[i]}, 0, len(load.Day()), f.Values)
				}
			}
			rec.Done()
		},
	}
}
