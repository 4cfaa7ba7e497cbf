package measure

import (
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"regexp"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/lfpool/lfpool/bench/internal/child"
	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/load"
	"github.com/lfpool/lfpool/bench/internal/record"
	"github.com/lfpool/lfpool/pool"
)

// The workers whose stacks are measured.
const (
	ReplacedWorkers = 100
	CollectEvery    = 100                    // tasks of each worker from one collection to the next
	replacedRole    = "replacement"          // of the child
	replacedTime    = 300 * time.Millisecond // what one child takes, about
)

// Names of the measurements of stacks, and after how many tasks of each worker
// they are taken, the deep one not counted.
var (
	WithoutCollections = "stacks-without-gc"
	WithCollections    = "stacks-with-gc"
	StackMarks         = []int{0, 10, 100, 300, 1000}
)

// The replacement role: measure the stacks of one kind of pool, print KiB a
// worker by mark.
func init() {
	child.Register(replacedRole, func(args []string, _ io.Reader, out io.Writer) error {
		which, n, _ := strings.Cut(args[0], "/")
		bound, err := strconv.Atoi(n)
		if err != nil {
			return err
		}
		return json.NewEncoder(out).Encode(stacksOf(bound, which == WithCollections, StackMarks))
	})
}

// stacksOf makes as many workers as tasks that are all under way at a time, each
// of them deep, and has each worker run one shallow task after the other. It
// returns the KiB of stacks for a worker at each of the marks. A limit keeps the
// workers as many, so that each runs one task of each round.
//
// The collector is off, or collects once before each round whose number is a
// multiple of CollectEvery.
func stacksOf(bound int, collections bool, marks []int) []float64 {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	p := pool.New(append(contest.Replacing(bound), pool.WithLimit(ReplacedWorkers))...)
	var begun, ended sync.WaitGroup
	round := func(work func()) {
		release := make(chan struct{})
		begun.Add(ReplacedWorkers)
		ended.Add(ReplacedWorkers)
		task := func() {
			work()
			begun.Done()
			<-release
			ended.Done()
		}
		for range ReplacedWorkers {
			p.Go(task)
		}
		begun.Wait() // all are under way, each in a worker of its own
		close(release)
		ended.Wait()
	}
	occupied()
	before, _ := inUse()
	round(load.VeryDeep)
	var found []float64
	for tasks := 0; ; tasks++ {
		if len(found) == len(marks) {
			return found
		}
		if tasks > 0 {
			if collections && tasks%CollectEvery == 0 {
				runtime.GC()
			}
			round(func() {})
		}
		if tasks == marks[len(found)] {
			stacks, _ := inUse()
			found = append(found, float64(stacks-before)/kib/ReplacedWorkers)
		}
	}
}

// Stacks measures the stacks of workers that are replaced after some tasks.
type Stacks struct {
	Filter *regexp.Regexp // matched against contestant/stacks-without-gc and -with-gc
	Count  int
}

// Stage is the stage that measures, each sample in a process of its own.
func (s Stacks) Stage() Stage {
	type sample struct {
		name   string
		bound  int
		round  int
		values []float64
	}
	var all []sample
	for round := range s.Count {
		first := len(all)
		for _, name := range []string{WithoutCollections, WithCollections} {
			for _, n := range contest.Replacements {
				if s.Filter.MatchString(contest.Replaced(n) + "/" + name) {
					all = append(all, sample{name: name, bound: n, round: round})
				}
			}
		}
		own := all[first:]
		rand.Shuffle(len(own), func(i, j int) { own[i], own[j] = own[j], own[i] })
	}
	return Stage{
		Name:     "stacks of replaced workers",
		Steps:    min(1, len(all)),
		Estimate: time.Duration(len(all)) * replacedTime,
		Run: func(ctx context.Context, rec *Recorder) {
			rec.Step("one deep task each")
			var names []string
			for _, a := range all {
				names = append(names, a.name+"/"+strconv.Itoa(a.bound))
			}
			inChildren(ctx, replacedRole, names, 1, rec, func(i int) any { return &all[i].values })
			for _, a := range all {
				for i, v := range a.values {
					k := record.Key{Kind: record.Replacement, Name: a.name, X: float64(StackMarks[i]), Procs: runtime.GOMAXPROCS(0), Contestant: contest.Replaced(a.bound)}
					rec.Add(k, a.round, ReplacedWorkers, map[string]float64{record.StackKiB: v})
				}
			}
			rec.Done()
		},
	}
}
