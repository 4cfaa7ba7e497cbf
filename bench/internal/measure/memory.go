package measure

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"runtime"
	"runtime/metrics"
	"strconv"
	"sync"
	"time"

	"github.com/lfpool/lfpool/bench/internal/child"
	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/record"
	"github.com/lfpool/lfpool/internal/baseline"
	"github.com/lfpool/lfpool/pool"
)

const (
	PeakTasks      = 100_000         // in a run; tests take fewer
	MemoryTimeout  = time.Second     // lfpool's idle timeout while footprints and traces are taken
	ShrinkPatience = 5 * time.Second // how long a pool is given to shrink
	footprintTime  = 4 * time.Second // what one child takes, about: most pools shrink sooner
)

// Units of footprints: live heap and stacks, beyond what there was before the
// pool was used.
const (
	BytesBlocked    = "B/blocked-task"    // while all tasks block
	GoroutinesAfter = "goroutines-after"  // when they have ended
	BytesParked     = "B/goroutine-after" // then, if there are any
	ShrinkSeconds   = "sec/shrink"        // until they had gone, if they had within ShrinkPatience
	KiBLeft         = "KiB-left"          // then
)

// occupied collects garbage and returns the bytes of live heap and of stacks.
func occupied() int64 {
	runtime.GC()
	runtime.GC() // what sync.Pools hold goes with the second
	s := []metrics.Sample{
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/memory/classes/heap/stacks:bytes"},
	}
	metrics.Read(s)
	return int64(s[0].Value.Uint64() + s[1].Value.Uint64())
}

func footprint(p baseline.Pool, tasks int) map[string]float64 {
	goroutines := runtime.NumGoroutine()
	before := occupied()
	found := map[string]float64{}

	var started, ended sync.WaitGroup
	release := make(chan struct{})
	started.Add(tasks)
	ended.Add(tasks)
	task := func() {
		started.Done()
		<-release
		ended.Done()
	}
	for range tasks {
		p.Go(task)
	}
	started.Wait()
	found[BytesBlocked] = float64(occupied()-before) / float64(tasks)

	close(release)
	ended.Wait()
	over := time.Now()
	after := max(0, runtime.NumGoroutine()-goroutines)
	parked := occupied() - before
	found[GoroutinesAfter] = float64(after)
	if after > 0 {
		found[BytesParked] = float64(parked) / float64(after)
	}
	for time.Since(over) < ShrinkPatience {
		if runtime.NumGoroutine() <= goroutines {
			found[ShrinkSeconds] = time.Since(over).Seconds()
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	found[KiBLeft] = float64(occupied()-before) / 1024
	runtime.KeepAlive(p)
	return found
}

// shrinking makes a contestant's pool, lfpool's with a timeout that does not
// take long to watch.
func shrinking(name string) baseline.Pool {
	if name == contest.Subject {
		return pool.New(pool.WithIdleTimeout(MemoryTimeout))
	}
	return contest.Named(name)[0].New()
}

// The memory role: measure one contestant, print what was found.
func init() {
	child.Register("memory", func(args []string, _ io.Reader, out io.Writer) error {
		// What a first use of the runtime leaves behind (descriptors of goroutines
		// are never freed) is not the contestant's.
		tasks, err := strconv.Atoi(args[1])
		if err != nil {
			return err
		}
		footprint(contest.Named(contest.Reference)[0].New(), tasks)
		return json.NewEncoder(out).Encode(footprint(shrinking(args[0]), tasks))
	})
}

// hasFootprint tells whose memory is measured: pools that people use.
// workerpool is not among them, because its bound on workers is below
// PeakTasks, so it would never start the last of them.
func hasFootprint(name string) bool {
	return name == contest.Reference || name == contest.Subject || contest.IsPeer(name) && name != "workerpool"
}

// Footprints measures memory at a peak and after.
type Footprints struct {
	Filter      *regexp.Regexp // matched against contestant/memory
	Contestants []baseline.Contestant
	Tasks       int // of the peak
	Count       int // samples
}

// Stage is the stage that measures. Each sample has a process of its own, and a
// few of them run at a time: nothing in it is a matter of speed.
func (f Footprints) Stage() Stage {
	var names []string // by rounds
	var rounds []int
	for round := range f.Count {
		for _, c := range Matching(f.Filter, f.Contestants, record.Memory) {
			if hasFootprint(c.Name) {
				names, rounds = append(names, c.Name), append(rounds, round)
			}
		}
	}
	const atATime = 4
	return Stage{
		Name:     "memory",
		Steps:    min(1, len(names)),
		Estimate: time.Duration((len(names)+atATime-1)/atATime) * footprintTime,
		Run: func(ctx context.Context, rec *Recorder) {
			rec.Step(fmt.Sprintf("%d processes", len(names)))
			found := make([]map[string]float64, len(names))
			inChildren(ctx, record.Memory, names, atATime, rec, func(i int) any { return &found[i] }, strconv.Itoa(f.Tasks))
			for i, values := range found {
				if len(values) > 0 {
					rec.Add(record.Key{Kind: record.Memory, Name: "peak", Procs: runtime.GOMAXPROCS(0), Contestant: names[i]}, rounds[i], f.Tasks, values)
				}
			}
			rec.Done()
		},
	}
}

// inChildren runs a child in the role for each name, a few at a time, and reads
// what it prints into result(i). args follow the name.
func inChildren(ctx context.Context, role string, names []string, atATime int, rec *Recorder, result func(i int) any, args ...string) {
	room := make(chan struct{}, atATime)
	var running sync.WaitGroup
	for i, name := range names {
		room <- struct{}{}
		running.Go(func() {
			defer func() { <-room }()
			err := inChild(ctx, role, result(i), append([]string{name}, args...)...)
			if err != nil && ctx.Err() == nil {
				rec.Failed(fmt.Sprintf("%s of %s", role, name), err)
			}
			rec.Round()
		})
	}
	running.Wait()
}

// inChild runs a child in the role and reads what it prints into result.
func inChild(ctx context.Context, role string, result any, args ...string) error {
	cmd, err := child.Command(ctx, role, args...)
	if err != nil {
		return err
	}
	out, err := cmd.Output()
	if err != nil {
		return err
	}
	return json.Unmarshal(out, result)
}
