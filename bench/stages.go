package main

import (
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/lfpool/lfpool/bench/ablation"
	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/load"
	"github.com/lfpool/lfpool/bench/internal/measure"
	"github.com/lfpool/lfpool/internal/baseline"
)

// A budget is how long one pass over the workloads may take, and a sample: a small
// selection ends soon. 0 is no bound. -quick has an eighth and a quarter. Of samples there
// are fewer where they hardly differ or take seconds, and more where a few nanoseconds count.
type budget struct {
	total, longest time.Duration
	samples        int
}

var (
	sweepBudget    = budget{35 * time.Second, 40 * time.Millisecond, defaultCount}
	startBudget    = budget{0, 40 * time.Millisecond, defaultCount}
	floodBudget    = budget{0, 0, 6} // as long as its processes take
	paperBudget    = budget{0, 0, defaultCount}
	ablationBudget = budget{0, 100 * time.Millisecond, 20}
)

// rivals are the contestants of measurements that would take too long with all:
// what is compared, and the pools most used.
var rivals = []string{contest.Reference, contest.Subject, "grpc-style", "ants", "bytedance-gopool", "cloudwego-gopool"}

// withLocks are the rivals and the pools whose parked workers are under a lock.
var withLocks = append([]string{contest.Mutex, contest.Spinlock}, rivals...)

// among is who takes part: the names, or the usual ones if there are none, or all if some
// are asked for, which are then filtered.
func (s settings) among(names ...string) []baseline.Contestant {
	switch {
	case s.filtered():
		return contest.All()
	case len(names) == 0:
		return contest.Default()
	default:
		return contest.Named(names...)
	}
}

// stage joins rows with what the settings say of samples.
func (s settings) stage(b budget, procs []int, rows ...measure.Row) []measure.Stage {
	if s.quick {
		b.total, b.longest = b.total/8, b.longest/4
	}
	return []measure.Stage{{Rows: rows, Procs: procs, Count: s.samples(b.samples), Longest: b.longest, Total: b.total}}
}

// mainStages leaves out with -quick what takes long however short a sample is, unless it is
// asked for, so that half a minute is enough on a busy machine too.
func mainStages(s settings) []measure.Stage {
	ws, flooded := load.Main, s.among()
	if s.quick && !s.filtered() {
		ws = slices.DeleteFunc(slices.Clone(ws), func(w load.Workload) bool { return w.Least > 0 })
		flooded = contest.Named(withLocks...)
	}
	return slices.Concat(
		s.stage(budget{84 * time.Second, 200 * time.Millisecond, defaultCount}, s.at(), measure.Tasks(s.among(), ws...)...),
		s.stage(floodBudget, s.at(), measure.Floods(flooded)[:1]...))
}

// lateness is measured at several values of GOMAXPROCS unless it is told otherwise.
func (s settings) lateness(cs []baseline.Contestant) []measure.Stage {
	procs := s.procs
	if procs == nil {
		procs = []int{1, 2, 4}
	}
	return s.stage(budget{0, 100 * time.Millisecond, defaultCount}, procs, measure.Beside(cs, load.Neighbours...)...)
}

func memoryStages(s settings) []measure.Stage {
	return s.stage(floodBudget, s.at(), measure.Footprints(contest.Default(), measure.PeakTasks))
}

// paper takes samples of n pairs unless -pairs says otherwise, on every number
// of processors up to the one asked for, or on those asked for.
func (s settings) paper(n int) []measure.Stage {
	if s.pairs > 0 {
		n = s.pairs
	} else if s.quick {
		n /= 5
	}
	procs := s.at()
	if len(procs) == 1 {
		most := procs[0]
		procs = nil
		for p := 1; p < most; p = max(p+1, p*5/4) {
			procs = append(procs, p)
		}
		procs = append(procs, most)
	}
	return s.stage(paperBudget, procs, measure.Paper(n, slices.Max(procs))...)
}

// ablationStages is where a few nanoseconds a task can be seen: tasks one by one, in bursts,
// and from many producers. A part's program is built when it is needed first.
func ablationStages(s settings) []measure.Stage {
	built := []measure.Built{{Name: contest.Reference, Contestant: contest.Reference}, {Name: contest.Subject, Contestant: contest.Subject}}
	for i, p := range ablation.Parts {
		built = append(built, measure.Built{Name: p.Contestant(), Doc: "lfpool without this: " + p.Doc, Contestant: contest.Subject,
			Program: sync.OnceValues(func() (string, error) { return p.Build(i + 1) })})
	}
	rows := measure.Apart(built, load.Named(load.Main, "wait", "burst100", "burst10k", "parallel")...)
	rows[0].First = 3 * time.Second // the building
	return s.stage(ablationBudget, s.at(), rows...)
}

// fullStages is every measurement. Variants take part in the four workloads that tell
// most about queues. With several values of GOMAXPROCS, tasks and queues are
// measured at each, and the rest at the first.
func fullStages(s settings) []measure.Stage {
	var tasks []measure.Row
	for _, w := range load.Main {
		cs := contest.Default()
		if slices.Contains([]string{"wait", "burst100", "parallel", "burst10k"}, w.Name) {
			cs = contest.All()
		}
		tasks = append(tasks, measure.Tasks(cs, w)...)
	}
	all := s.at()
	var others []int
	for n := 1; n <= 2*runtime.NumCPU(); n *= 2 {
		if !slices.Contains(all, n) {
			others = append(others, n)
		}
	}
	first := s
	first.procs = all[:1]
	return slices.Concat(
		s.stage(budget{150 * time.Second, 200 * time.Millisecond, defaultCount}, all, tasks...),
		s.stage(budget{14 * time.Second, 40 * time.Millisecond, defaultCount}, others, measure.Tasks(contest.Named(withLocks...), load.Named(load.Main, "wait", "burst100", "parallel", "callers", "parallel-deep")...)...),
		s.lateness(contest.Named("go", "lfpool", contest.Mutex, "grpc-style", "ants")),
		s.paper(2000),
		s.stage(sweepBudget, first.procs, measure.Tasks(contest.Named("go", "lfpool", "ants", "cloudwego-gopool"), load.Sweeps()...)...),
		s.stage(startBudget, first.procs, measure.Starts(contest.Named(rivals...))...),
		s.stage(floodBudget, first.procs, measure.Floods(contest.Named(withLocks...))...),
		memoryStages(first))
}
