package main

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"runtime/metrics"
	"slices"
	"sync"
	"time"

	"github.com/lfpool/lfpool/internal/baseline"
	"github.com/lfpool/lfpool/pool"
)

const (
	peakTasks      = 100_000
	memoryTimeout  = time.Second     // lfpool's idle timeout while memory is measured
	shrinkPatience = 5 * time.Second // how long a pool is given to shrink
)

// footprint is what a pool holds at the stages of its life: live heap and
// stacks, in bytes, beyond what there was before it was used.
type footprint struct {
	blocked int64         // while peakTasks tasks block
	parked  int64         // after they have ended
	left    int64         // after shrinkPatience, or as soon as its goroutines had gone
	shrank  time.Duration // until its goroutines had gone; 0 if they had not
	workers int64         // goroutines after the tasks have ended
}

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

func measureFootprint(p baseline.Pool) footprint {
	goroutines := runtime.NumGoroutine()
	before := occupied()
	var f footprint

	var started, ended sync.WaitGroup
	release := make(chan struct{})
	started.Add(peakTasks)
	ended.Add(peakTasks)
	task := func() {
		started.Done()
		<-release
		ended.Done()
	}
	for range peakTasks {
		p.Go(task)
	}
	started.Wait()
	f.blocked = occupied() - before

	close(release)
	ended.Wait()
	over := time.Now()
	f.parked = occupied() - before
	f.workers = int64(runtime.NumGoroutine() - goroutines)
	for time.Since(over) < shrinkPatience {
		if runtime.NumGoroutine() <= goroutines {
			f.shrank = time.Since(over)
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	f.left = occupied() - before
	runtime.KeepAlive(p)
	return f
}

// hasFootprint tells whose memory is measured: pools that people use. workerpool
// is not among them, because its bound on workers is below peakTasks, so it
// would never start the last of them. Nor are lfpool's variants: without a
// Close they would still hold their workers while the next is measured.
func hasFootprint(c baseline.Contestant) bool {
	inPeers := slices.ContainsFunc(peers, func(p baseline.Contestant) bool { return p.Name == c.Name })
	return c.Name == reference || c.Name == subject || inPeers && c.Name != "workerpool"
}

// printFootprints measures one contestant after the other, each in the process
// as the last one has left it.
func printFootprints(ctx context.Context, w, progress io.Writer, s settings, cs []baseline.Contestant) (matched bool) {
	fmt.Fprintf(w, "\nLive heap and stacks for %d tasks that block, beyond an unused pool; lfpool's idle timeout is %v here.\n", peakTasks, memoryTimeout)
	t := newTable(w, nameWidth(selection{contestants: cs}))
	t.line("", "B/blocked task", "goroutines after", "B/goroutine after", "shrunk in", "left, KiB")
	// What a first use of the runtime leaves behind (descriptors of goroutines
	// are never freed) is not to be charged to whoever comes first.
	measureFootprint(cs[0].New())
	for _, c := range cs {
		if !hasFootprint(c) || !s.filter.MatchString(c.Name+"/memory") || ctx.Err() != nil {
			continue
		}
		matched = true
		fmt.Fprintf(progress, "memory: %s\n", c.Name)
		p := c.New()
		if c.Name == subject {
			p = pool.New(pool.WithIdleTimeout(memoryTimeout))
		}
		f := measureFootprint(p)
		if closer, ok := p.(interface{ Close() }); ok {
			closer.Close()
		}
		each, shrunk := "-", fmt.Sprintf("not in %v", shrinkPatience)
		if f.workers > 0 {
			each = fmt.Sprint(f.parked / f.workers)
		}
		if f.shrank > 0 {
			shrunk = f.shrank.Round(10 * time.Millisecond).String()
		} else if f.workers <= 0 {
			shrunk = "at once"
		}
		t.line(c.Name, fmt.Sprint(f.blocked/peakTasks), fmt.Sprint(max(0, f.workers)), each, shrunk, fmt.Sprint(f.left/1024))
	}
	t.flush()
	return matched
}
