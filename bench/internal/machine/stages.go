//go:build lfpoolhooks

package machine

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/measure"
	"github.com/lfpool/lfpool/bench/internal/record"
)

// stepTime is about how long an atomic operation takes that is simulated.
const stepTime = 3 * time.Microsecond

// job is one simulation.
type job struct {
	key record.Key
	run func(seed int) (*Machine, error)
}

// Trials is how often each is simulated, with other seeds. Transfers are counted
// once.
const Trials = 3

// Counts is the stage that counts transfers for n operations on so many
// processors, of what the filter leaves.
func Counts(filter *regexp.Regexp, processors []int, n int) measure.Stage {
	var jobs []job
	for _, p := range processors {
		jobs = append(jobs, jobsOf(filter, record.Transfers, Uniform(p), p, n)...)
	}
	return stage("transfers", jobs, 1, func(m *Machine, k record.Key, round int, rec *measure.Recorder) {
		sums, words := map[string]float64{record.WriteMoves: 0, record.ReadMoves: 0}, map[string]float64{}
		for word, t := range m.Transfers() {
			sums[record.WriteMoves] += t.Writes
			sums[record.ReadMoves] += t.Reads
			if word == "" {
				word = "others"
			}
			words[word+record.WriteSuffix] = t.Writes
			words[word+record.ReadSuffix] = t.Reads
		}
		sums[record.Moves] = sums[record.WriteMoves] + sums[record.ReadMoves]
		rec.Add(k, round, m.total, sums)
		k.Kind = record.Words
		rec.Add(k, round, m.total, words)
	})
}

// Simulation is the stage that simulates a model, likewise, after the gates.
func Simulation(filter *regexp.Regexp, model Model, processors []int, n int) measure.Stage {
	var jobs []job
	for _, p := range processors {
		jobs = append(jobs, jobsOf(filter, record.Simulated, model, p, n)...)
	}
	s := stage("simulated "+model.Name, jobs, Trials, func(m *Machine, k record.Key, round int, rec *measure.Recorder) {
		rec.Add(k, round, m.total, map[string]float64{record.SimulatedRate: m.Rate(), record.SimulatedNs: m.Each()})
	})
	simulate := s.Run
	s.Run = func(ctx context.Context, rec *measure.Recorder) {
		rec.Step("gates")
		gates, err := Gates(current)
		if err != nil {
			rec.Failed("gates", err)
		}
		rec.AddGates(gates)
		rec.Done()
		simulate(ctx, rec)
	}
	s.Steps++
	return s
}

func jobsOf(filter *regexp.Regexp, kind string, model Model, processors, n int) []job {
	var jobs []job
	name := func(workload string) string {
		if kind == record.Simulated {
			return model.Name + "/" + workload
		}
		return workload
	}
	add := func(contestant, workload string, run func(Trial) (*Machine, error)) {
		if filter.MatchString(contestant + "/" + workload) {
			jobs = append(jobs, job{record.Key{Kind: kind, Name: name(workload), Procs: processors, Contestant: contestant}, func(seed int) (*Machine, error) {
				return run(Trial{model, processors, n, seed})
			}})
		}
	}
	if processors%2 == 0 {
		for _, q := range Queues {
			add(q.Name, QueueWorkload, func(t Trial) (*Machine, error) { return Produce(current, t, q.New) })
		}
	}
	for _, w := range Workloads {
		for _, c := range Contestants() {
			if kind == record.Transfers && c.Name == contest.Reference {
				continue // what it moves is the Go runtime's, and not seen
			}
			add(c.Name, w.Name, func(t Trial) (*Machine, error) { return w.Play(current, t, c.New) })
		}
	}
	return jobs
}

func stage(name string, jobs []job, trials int, found func(m *Machine, k record.Key, round int, rec *measure.Recorder)) measure.Stage {
	s := measure.Stage{Name: name, Steps: len(jobs)}
	for _, j := range jobs {
		s.Estimate += time.Duration((100*j.key.Procs*j.key.Procs+500_000)*trials) * stepTime
	}
	s.Run = func(ctx context.Context, rec *measure.Recorder) {
		for _, j := range jobs {
			if ctx.Err() != nil {
				return
			}
			what := fmt.Sprintf("%s/%s, %d processors", j.key.Contestant, j.key.Name, j.key.Procs)
			rec.Step(what)
			for round := range trials {
				m, err := j.run(round)
				if err != nil {
					rec.Failed(what, err)
					break
				}
				found(m, j.key, round, rec)
				rec.Round()
			}
			rec.Done()
		}
	}
	return s
}
