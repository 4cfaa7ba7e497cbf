package measure

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/lfpool/lfpool/bench/internal/child"
	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/record"
	"github.com/lfpool/lfpool/internal/baseline"
)

// A Flood is so many tasks that block, for a pool that has run nothing before, in a
// process that has run nothing else.
type Flood struct {
	Name, Doc string
	Tasks     int
	estimate  time.Duration // of one sample, with its process
}

// Floods lists them, the smallest first.
var Floods = []Flood{
	{"cold10k", "10 000 tasks that block, for a fresh pool in a fresh process: time until all are blocked", 10_000, 50 * time.Millisecond},
	{"cold100k", "100 000 tasks that block, likewise", 100_000, 500 * time.Millisecond},
}

// fits tells whether a contestant has a worker for each task of the flood:
// workerpool has 10 000 at most.
func (f Flood) fits(contestant string) bool { return contestant != "workerpool" || f.Tasks <= 10_000 }

// The flood role: put the flood on one contestant, print what was found.
func init() {
	child.Register("flood", func(args []string, _ io.Reader, out io.Writer) error {
		tasks, err := strconv.Atoi(args[1])
		if err != nil {
			return err
		}
		return json.NewEncoder(out).Encode(flood(contest.Named(args[0])[0].New(), tasks))
	})
}

// flood leaves the tasks blocked: its process ends.
func flood(p baseline.Pool, tasks int) map[string]float64 {
	inUseBefore := occupied()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	blocked := make(chan struct{})
	var started sync.WaitGroup
	started.Add(tasks)
	task := func() {
		started.Done()
		<-blocked
	}
	used, begun := record.ProcessorTime(), time.Now()
	for range tasks {
		p.Go(task)
	}
	started.Wait()
	elapsed := time.Since(begun)
	used = record.ProcessorTime() - used
	runtime.ReadMemStats(&after)
	n := float64(tasks)
	found := map[string]float64{
		record.NsOp:     float64(elapsed.Nanoseconds()) / n,
		record.CPUOp:    float64(used.Nanoseconds()) / n,
		record.BytesOp:  float64(after.TotalAlloc-before.TotalAlloc) / n,
		record.AllocsOp: float64(after.Mallocs-before.Mallocs) / n,
		BytesBlocked:    float64(occupied()-inUseBefore) / n,
	}
	runtime.KeepAlive(p)
	return found
}

// ColdFloods measures floods.
type ColdFloods struct {
	Filter      *regexp.Regexp // matched against contestant/flood
	Contestants []baseline.Contestant
	Floods      []Flood
	Count       int // samples
}

// Stage is the stage that measures, one process after the other. It has no steps if
// the filter matches nothing.
func (c ColdFloods) Stage() Stage {
	stage := Stage{Name: "cold floods", Run: c.run}
	for _, f := range c.Floods {
		if n := len(c.chosen(f)); n > 0 {
			stage.Steps++
			stage.Estimate += time.Duration(n*c.Count) * f.estimate
		}
	}
	return stage
}

func (c ColdFloods) chosen(f Flood) []baseline.Contestant {
	return slices.DeleteFunc(Matching(c.Filter, c.Contestants, f.Name), func(b baseline.Contestant) bool { return !f.fits(b.Name) })
}

func (c ColdFloods) run(ctx context.Context, rec *Recorder) {
	for _, f := range c.Floods {
		if cs := c.chosen(f); len(cs) > 0 && ctx.Err() == nil {
			rec.Step(f.Name)
			f.measure(ctx, cs, c.Count, rec)
			rec.Done()
		}
	}
}

func (f Flood) measure(ctx context.Context, cs []baseline.Contestant, count int, rec *Recorder) {
	procs := runtime.GOMAXPROCS(0)
	for round := range count {
		for _, i := range rand.Perm(len(cs)) {
			var values map[string]float64
			err := inChild(ctx, "flood", &values, cs[i].Name, strconv.Itoa(f.Tasks))
			switch {
			case ctx.Err() != nil:
				return
			case err != nil:
				rec.Failed(fmt.Sprintf("%s of %s", f.Name, cs[i].Name), err)
			default:
				rec.Add(record.Key{Kind: record.Tasks, Name: f.Name, Procs: procs, Contestant: cs[i].Name}, round, f.Tasks, values)
			}
		}
		rec.Round()
	}
}
