package measure

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/metrics"
	"strconv"
	"sync"
	"time"

	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/load"
	"github.com/lfpool/lfpool/bench/internal/record"
	"github.com/lfpool/lfpool/internal/baseline"
	"github.com/lfpool/lfpool/pool"
)

// Samples that need a process in which nothing else has run: a cold flood of tasks,
// and memory at a peak and after.

// Units of both. Bytes are live heap and stacks beyond what there was before the pool
// was used.
const (
	BytesBlocked    = "B/blocked-task"    // while all tasks block
	NsEnded         = "ns/ended-task"     // from when they may end until all have, for each
	GoroutinesAfter = "goroutines-after"  // when they have ended
	BytesParked     = "B/goroutine-after" // then, if there are any
	ShrinkSeconds   = "sec/shrink"        // until they had gone, if they had within ShrinkPatience
	KiBLeft         = "KiB-left"          // then
)

const (
	PeakTasks      = 100_000         // of a footprint in a run; tests take fewer
	MemoryTimeout  = time.Second     // lfpool's idle timeout while footprints are taken
	ShrinkPatience = 5 * time.Second // how long a pool is given to shrink
)

// variable holds a child's role in its environment.
const variable = "LFPOOL_BENCH_ROLE"

// roles are what a child may measure on a contestant: so many operations with these values.
// n is how many tasks there are, or how many nanoseconds a sample of the workload takes.
var roles = map[string]func(c baseline.Contestant, workload string, n int) (ops int, values map[string]float64){
	"flood": func(c baseline.Contestant, _ string, n int) (int, map[string]float64) {
		p := c.New()
		cost, _, end := blocked(p, n)
		_, elapsed := spent(end)
		cost[NsEnded] = float64(elapsed.Nanoseconds()) / float64(n)
		runtime.KeepAlive(p)
		return n, cost
	},
	"memory": func(c baseline.Contestant, _ string, n int) (int, map[string]float64) {
		// What a first use of the runtime leaves behind (descriptors of goroutines
		// are never freed) is not the contestant's.
		footprint(contest.Named(contest.Reference)[0].New(), n)
		if c.Name == contest.Subject {
			return n, footprint(pool.New(pool.WithIdleTimeout(MemoryTimeout)), n)
		}
		return n, footprint(c.New(), n)
	},
	"time": func(c baseline.Contestant, workload string, n int) (int, map[string]float64) {
		b := bind(load.Named(load.Main, workload)[0], c.New(), time.Duration(n))
		return b.iterations * b.Tasks, b.sample()
	},
}

// A sampled is what a child prints, as JSON.
type sampled struct {
	Ops    int
	Values map[string]float64
}

// Child plays the role that this process was started in, if any, and then exits. main
// and TestMain call it first.
func Child() {
	measure, isChild := roles[os.Getenv(variable)]
	if !isChild {
		return
	}
	n, err := strconv.Atoi(os.Args[3])
	if err == nil {
		var s sampled
		s.Ops, s.Values = measure(contest.Named(os.Args[1])[0], os.Args[2], n)
		err = json.NewEncoder(os.Stdout).Encode(s)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// inChild has each sample taken by a program that is started in a role. It ends when ctx
// does.
func inChild(program func() (string, error), role, contestant, workload string, n int) Sampler {
	return func(ctx context.Context, _ int) (int, map[string]float64, error) {
		path, err := program()
		if err != nil {
			return 0, nil, err
		}
		cmd := exec.CommandContext(ctx, path, contestant, workload, strconv.Itoa(n))
		cmd.Env = append(os.Environ(), variable+"="+role, fmt.Sprintf("GOMAXPROCS=%d", runtime.GOMAXPROCS(0)))
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		if err != nil {
			return 0, nil, err
		}
		var s sampled
		err = json.Unmarshal(out, &s)
		return s.Ops, s.Values, err
	}
}

// inChildren has each contestant that has room sampled by children, of so many tasks.
func inChildren(role string, cs []baseline.Contestant, tasks int) (all []Entrant) {
	for _, c := range cs {
		if c.Name == "workerpool" && tasks > 10_000 {
			continue // it has so many workers at most, and would never start the last task
		}
		take := inChild(os.Executable, role, c.Name, "", tasks)
		all = append(all, Entrant{c.Name, c.Doc, func(time.Duration) (Sampler, func()) { return take, func() {} }})
	}
	return all
}

// A Built is a contestant of a program, nil for this one.
type Built struct {
	Name, Doc, Contestant string
	Program               func() (string, error)
}

// Apart is a row for each workload: the time of a task, each sample in a process of its
// own.
func Apart(bs []Built, ws ...load.Workload) (rows []Row) {
	for _, w := range ws {
		row := Row{Kind: record.Tasks, Name: w.Name, Doc: w.Doc, Calibrated: true, Least: w.Least}
		for _, b := range bs {
			row.Entrants = append(row.Entrants, Entrant{b.Name, b.Doc, func(length time.Duration) (Sampler, func()) {
				if b.Program == nil {
					b.Program = os.Executable
				}
				_, _ = b.Program() // the sampler has the error
				return inChild(b.Program, "time", b.Contestant, w.Name, int(length)), func() {}
			}})
		}
		rows = append(rows, row)
	}
	return rows
}

// Floods are rows of so many tasks that block, for a pool that has run nothing
// before. The smallest comes first.
func Floods(cs []baseline.Contestant) []Row {
	return []Row{
		Flood("cold10k", "10 000 tasks that block, for a fresh pool in a fresh process: time until all are blocked", cs, 10_000, 50*time.Millisecond),
		Flood("cold100k", "100 000 tasks that block, likewise", cs, 100_000, 500*time.Millisecond),
	}
}

// Flood is one such row. least is about what a process takes.
func Flood(name, doc string, cs []baseline.Contestant, tasks int, least time.Duration) Row {
	return Row{Kind: record.Tasks, Name: name, Doc: doc, Least: least, Entrants: inChildren("flood", cs, tasks)}
}

// blocked starts the tasks, which block, and returns what that cost, what was occupied
// before, and what lets them end.
func blocked(p baseline.Pool, tasks int) (cost map[string]float64, before int64, end func()) {
	before = occupied()
	held := make(chan struct{})
	var started, ended sync.WaitGroup
	started.Add(tasks)
	ended.Add(tasks)
	task := func() {
		started.Done()
		<-held
		ended.Done()
	}
	cost = costs(tasks, func() {
		for range tasks {
			p.Go(task)
		}
		started.Wait()
	})
	cost[BytesBlocked] = float64(occupied()-before) / float64(tasks)
	return cost, before, func() {
		close(held)
		ended.Wait()
	}
}

// Footprints is the row of memory at a peak and after, of pools that people use. A
// few samples are taken at a time: nothing in them is a matter of speed.
func Footprints(cs []baseline.Contestant, tasks int) Row {
	var used []baseline.Contestant
	for _, c := range cs {
		if c.Name == contest.Reference || c.Name == contest.Subject || contest.IsPeer(c.Name) {
			used = append(used, c)
		}
	}
	const most = 4 * time.Second // what a child takes, about: most pools shrink sooner
	return Row{
		Kind: record.Memory, Name: "peak", Doc: fmt.Sprintf("%d tasks that block, and what is left when they have ended", tasks),
		Least: most, AtATime: 4, Entrants: inChildren("memory", used, tasks),
	}
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

func footprint(p baseline.Pool, tasks int) map[string]float64 {
	goroutines := runtime.NumGoroutine()
	cost, before, end := blocked(p, tasks)
	found := map[string]float64{BytesBlocked: cost[BytesBlocked]}
	end()
	over := time.Now()
	after := max(0, runtime.NumGoroutine()-goroutines)
	found[GoroutinesAfter] = float64(after)
	if after > 0 {
		found[BytesParked] = float64(occupied()-before) / float64(after)
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
