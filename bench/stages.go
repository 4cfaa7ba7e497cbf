package main

import (
	"fmt"
	"regexp"
	"runtime"
	"slices"
	"time"

	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/load"
	"github.com/lfpool/lfpool/bench/internal/machine"
	"github.com/lfpool/lfpool/bench/internal/measure"
	"github.com/lfpool/lfpool/bench/internal/pairs"
	"github.com/lfpool/lfpool/bench/internal/record"
	"github.com/lfpool/lfpool/bench/internal/serving"
	"github.com/lfpool/lfpool/internal/baseline"
)

// A budget is how long a measurement may take.
type budget struct {
	total   time.Duration // of one pass over the workloads
	longest time.Duration // of one sample, so that a small selection ends soon
}

// The budgets, and what -quick leaves of them.
var (
	mainBudget     = budget{84 * time.Second, 200 * time.Millisecond}
	fullBudget     = budget{130 * time.Second, 200 * time.Millisecond}
	scalingBudget  = budget{14 * time.Second, 40 * time.Millisecond}
	sweepBudget    = budget{35 * time.Second, 40 * time.Millisecond}
	headlineBudget = budget{55 * time.Second, 100 * time.Millisecond}
	replacedBudget = budget{9 * time.Second, 100 * time.Millisecond}

	latencySample  = 40 * time.Millisecond
	latenessSample = 100 * time.Millisecond
	serverSample   = 200 * time.Millisecond

	// Samples of what hardly differs from one to the next, or takes seconds.
	stackSamples  = 3
	memorySamples = 6
	floodSamples  = 6
)

func (s settings) budget(b budget) budget {
	if s.quick {
		return budget{b.total / 8, b.longest / 4}
	}
	return b
}

// sample is how long one sample takes of what has no budget.
func (s settings) sample(d time.Duration) time.Duration {
	if s.quick {
		return d * 3 / 10
	}
	return d
}

// rivals are the contestants of measurements that would take too long with all:
// what is compared, and the pools most used.
var rivals = []string{contest.Reference, contest.Subject, "grpc-style", "ants", "bytedance-gopool", "cloudwego-gopool"}

// withLocks are the rivals and the pools whose parked workers are under a lock.
var withLocks = append([]string{contest.Mutex, contest.Spinlock}, rivals...)

// stages is what to measure. It is an error if -run leaves nothing of it.
func (s settings) stages() ([]measure.Stage, error) {
	var stages []measure.Stage
	add := func(more ...measure.Stage) {
		for _, stage := range more {
			if stage.Steps > 0 {
				stages = append(stages, stage)
			}
		}
	}
	switch s.mode {
	case modeLatency:
		add(s.starts(s.contestants()).At(s.procs))
	case modeLateness:
		add(s.lateness(s.contestants()))
	case modeFlood:
		add(s.floods(s.contestants(), measure.Floods).At(s.procs))
	case modeMemory:
		add(s.footprints().At(s.procs), s.traces().At(s.procs))
	case modeSweep:
		add(s.tasks("sweeps", s.among(rivals), load.Sweeps(), s.procs, sweepBudget))
	case modeHeadline:
		add(s.headlines(s.procs, budget{5 * time.Minute, time.Second}))
	case modePaper:
		add(s.paper(5000))
	case modeServers:
		add(s.servers().At(s.procs))
	case modeDay:
		add(s.days().At(s.procs))
	case modeReplace:
		add(s.replacement(s.procs)...)
	case modeFull:
		add(s.full()...)
	case modeTransfer:
		add(machine.Counts(s.filter, s.cores, s.simulated()))
	case modeMachine:
		if n := slices.Max(s.cores); n > s.machine.Processors() {
			return nil, fmt.Errorf("-cores %d: %s has %d processors", n, s.machine.Name, s.machine.Processors())
		}
		filter := s.filter
		if !s.filtered && !s.all {
			filter = simulatedAlways
		}
		add(machine.Simulation(filter, s.machine, s.cores, s.simulated()))
	default:
		add(s.tasks("tasks", s.contestants(), load.Main, s.procs, mainBudget))
		add(s.floods(s.contestants(), measure.Floods[:1]).At(s.procs))
		if len(s.paddings) > 1 {
			add(s.sharing().At(s.procs))
		}
		if len(s.variants["retention"]) > 0 {
			add(s.days().At(s.procs))
		}
	}
	if len(stages) == 0 {
		return nil, fmt.Errorf("-run %q matches no contestant/workload; -list shows them", s.filter)
	}
	return stages, nil
}

// simulatedAlways are those that -machine simulates when it is not told otherwise:
// some of the others take minutes on 64 processors.
var simulatedAlways = regexp.MustCompile("^(go|lfpool|tasks-sharded|multi-rr|seg|sharded|ms|ms-counted|two-lock)/")

// simulated is how many operations are simulated at least.
func (s settings) simulated() int {
	if s.quick {
		return 1000
	}
	return 8000
}

// full is every measurement. Variants take part in the four workloads that tell
// most about queues. With several values of GOMAXPROCS, tasks and queues are
// measured at each, and the rest at the first.
func (s settings) full() []measure.Stage {
	b := s.budget(fullBudget)
	tasks := measure.Tasks{Name: "tasks", Procs: s.procs, Count: s.count, Total: b.total, Longest: b.longest}
	for _, w := range load.Main {
		cs := contest.Default()
		if slices.Contains([]string{"wait", "burst100", "parallel", "burst10k"}, w.Name) {
			cs = contest.All()
		}
		tasks.Rows = append(tasks.Rows, measure.Choose(s.filter, cs, []load.Workload{w}).Rows...)
	}
	var others []int
	for n := 1; n <= 2*runtime.NumCPU(); n *= 2 {
		if !slices.Contains(s.procs, n) {
			others = append(others, n)
		}
	}
	first := s.procs[:1]
	return append([]measure.Stage{
		tasks.Stage(),
		s.tasks("scaling", contest.Named(withLocks...), load.Named(load.Main, "wait", "burst100", "parallel", "callers", "parallel-deep"), others, scalingBudget),
		s.tasks("sweeps", contest.Named("go", "lfpool", "ants", "cloudwego-gopool"), load.Sweeps(), first, sweepBudget),
		s.headlines(first, headlineBudget),
		s.starts(contest.Named(rivals...)).At(first),
		s.lateness(contest.Named("go", "lfpool", contest.Mutex, "grpc-style", "ants")),
		s.floods(contest.Named(withLocks...), measure.Floods).At(first),
		s.footprints().At(first),
		s.traces().At(first),
		s.days().At(first),
		s.sharing().At(first),
		s.paper(2000),
		s.servers().At(first),
	}, s.replacement(first)...)
}

// days plays the day against the rules that are chosen, or all.
func (s settings) days() measure.Stage {
	return measure.Days{Filter: s.filter, Policies: contest.Policies(s.variants["retention"])}.Stage()
}

// replacement measures stacks, and what replacing costs on burst100.
func (s settings) replacement(procs []int) []measure.Stage {
	b := s.budget(replacedBudget)
	return []measure.Stage{
		measure.Stacks{Filter: s.filter, Count: s.countOr(stackSamples)}.Stage().At(procs),
		measure.Tasks{
			Name: "cost of replacing", Kind: record.Replacement,
			Rows:  measure.Choose(s.filter, contest.Replacers(), load.Named(load.Main, "burst100")).Rows,
			Procs: procs, Count: s.count, Total: b.total, Longest: b.longest,
		}.Stage(),
	}
}

// countOr is how many samples were asked for, or n.
func (s settings) countOr(n int) int {
	if s.counted {
		return s.count
	}
	return min(s.count, n)
}

func (s settings) sharing() measure.Stage {
	return measure.Sharing{Filter: s.filter, Count: s.count}.Stage()
}

func (s settings) servers() measure.Stage {
	sample := serverSample
	if s.quick {
		sample /= 4
	}
	return serving.Servers{Filter: s.filter, Count: s.count, Sample: sample}.Stage()
}

// paper takes samples of n pairs unless -pairs says otherwise, on every number
// of processors up to the one asked for, or on those asked for.
func (s settings) paper(n int) measure.Stage {
	if s.pairs > 0 {
		n = s.pairs
	} else if s.quick {
		n /= 5
	}
	procs := s.procs
	if len(procs) == 1 {
		procs = nil
		for p := 1; p < s.procs[0]; p = max(p+1, p*5/4) {
			procs = append(procs, p)
		}
		procs = append(procs, s.procs[0])
	}
	return pairs.Paper{Filter: s.filter, Pairs: n, Procs: procs, Count: s.count}.Stage()
}

// headlines are the other pools' own workloads, first those with their limits on
// workers.
func (s settings) headlines(procs []int, b budget) measure.Stage {
	b = s.budget(b)
	divisor := s.divisor()
	var rows []measure.Row
	for _, l := range load.LimitedHeadlines(divisor) {
		capped := contest.Capped(l.Limit)
		if l.Queues {
			capped = contest.Queueing(l.Limit)
		}
		if len(s.variants) > 0 { // they have no limit
			capped = slices.DeleteFunc(capped, func(c baseline.Contestant) bool { return contest.IsPeer(c.Name) })
		}
		rows = append(rows, measure.Choose(s.filter, capped, []load.Workload{l.Workload}).Rows...)
	}
	others := measure.Choose(s.filter, s.among(append(slices.Clone(rivals), "pond", "workerpool")), load.Headlines(divisor))
	return measure.Tasks{
		Name: "headlines", Rows: append(rows, others.Rows...), Procs: procs,
		Count: s.count, Total: b.total, Longest: b.longest,
	}.Stage()
}

// divisor is what the sizes of the headlines are divided by.
func (s settings) divisor() int {
	if s.mode == modeHeadline {
		return 1
	}
	return load.Shown
}

// among is who takes part where all would take too long: the names, unless
// others are asked for.
func (s settings) among(names []string) []baseline.Contestant {
	if len(s.variants) > 0 || s.all {
		return s.contestants()
	}
	return contest.Named(names...)
}

func (s settings) tasks(name string, cs []baseline.Contestant, ws []load.Workload, procs []int, b budget) measure.Stage {
	b = s.budget(b)
	return measure.Tasks{
		Name: name, Rows: measure.Choose(s.filter, cs, ws).Rows, Procs: procs,
		Count: s.count, Total: b.total, Longest: b.longest,
	}.Stage()
}

func (s settings) starts(cs []baseline.Contestant) measure.Stage {
	return measure.Starts{Filter: s.filter, Contestants: cs, Count: s.count, Sample: s.sample(latencySample)}.Stage()
}

// lateness is measured at several values of GOMAXPROCS unless it is told otherwise.
func (s settings) lateness(cs []baseline.Contestant) measure.Stage {
	procs := measure.LatenessProcs
	if s.atProcs {
		procs = s.procs
	}
	return measure.Lateness{Filter: s.filter, Contestants: cs, Count: s.count, Sample: s.sample(latenessSample)}.Stage().At(procs)
}

func (s settings) floods(cs []baseline.Contestant, floods []measure.Flood) measure.Stage {
	return measure.ColdFloods{Filter: s.filter, Contestants: cs, Floods: floods, Count: s.countOr(floodSamples)}.Stage()
}

func (s settings) footprints() measure.Stage {
	return measure.Footprints{Filter: s.filter, Contestants: contest.Default(), Tasks: measure.PeakTasks, Count: s.countOr(memorySamples)}.Stage()
}

// traces are made for all or none.
func (s settings) traces() measure.Stage {
	stage := measure.Traces()
	if !matchesAny(s.filter, []string{"lfpool/trace"}) {
		stage.Steps = 0
	}
	return stage
}

func matchesAny(filter *regexp.Regexp, names []string) bool {
	return slices.ContainsFunc(names, filter.MatchString)
}
