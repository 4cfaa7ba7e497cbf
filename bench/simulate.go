package main

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"

	"github.com/lfpool/lfpool/bench/internal/machine"
	"github.com/lfpool/lfpool/bench/internal/measure"
	"github.com/lfpool/lfpool/bench/internal/record"
)

// Simulated processors, unless told.
var (
	transferProcs = []int{2, 4, 8, 16, 64}
	machineProcs  = []int{1, 2, 4, 8, 16, 32, 64, 128}
)

// paperProcs are the most for the paper's workload unless told: on 128 it takes minutes.
const paperProcs = 64

// trials is how often each is simulated, with other seeds. Transfers are counted once.
const trials = 3

// swift are those that machine simulates when it is not told otherwise: some of the
// others take minutes on 64 processors.
var swift = []string{"go", "lfpool", "lanes-1", "lanes-1-sharded", "multi-rr"}

// watchedTag has the library's atomics reported.
const watchedTag = "lfpoolhooks"

// again runs the program built with watchedTag.
func again(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	build := []string{"run", "-tags", watchedTag, "-buildvcs=true", record.ModulePath + "/bench"}
	cmd := exec.CommandContext(ctx, "go", append(build, args...)...)
	cmd.Stdout, cmd.Stderr = stdout, stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("the program built with the tag %s: %w", watchedTag, err)
	}
	return ctx.Err()
}

// simulable says what is wrong with the model, which has no name where transfers are
// counted, and the numbers of processors.
func (s settings) simulable() error {
	m, known := machine.Named(s.file)
	if !known {
		return fmt.Errorf("no model %q: want one of %s", s.file, strings.Join(machine.Names(), ", "))
	}
	for _, n := range s.procs {
		if n > m.Processors() {
			return fmt.Errorf("-procs %d: want at most %d", n, m.Processors())
		}
	}
	return nil
}

func transferStages(s settings) []measure.Stage {
	return s.simulated(machine.Uniform, 1, transferProcs, func(string) bool { return true })
}

func machineStages(s settings) []measure.Stage {
	m, _ := machine.Named(s.file)
	procs := slices.DeleteFunc(slices.Clone(machineProcs), func(n int) bool { return n > m.Processors() })
	gates := measure.Stage{Rows: machine.GateRows(), Procs: []int{1}, Count: 1}
	stages := append([]measure.Stage{gates}, s.simulated(m, trials, procs, func(contestant string) bool {
		return s.filtered() || slices.Contains(swift, contestant)
	})...)
	paper := stages[1]
	paper.Rows = m.PaperRows(s.operations() / 2)
	if s.procs == nil {
		paper.Procs = slices.DeleteFunc(slices.Clone(procs), func(n int) bool { return n > paperProcs })
	}
	return append(stages, paper)
}

// operations are simulated at least.
func (s settings) operations() int {
	if s.quick {
		return 1000
	}
	return 8000
}

// simulated is queues on the even numbers of processors, and pools on all.
func (s settings) simulated(m machine.Model, trials int, procs []int, keep func(string) bool) []measure.Stage {
	operations := s.operations()
	if s.procs != nil {
		procs = s.procs
	}
	even := slices.DeleteFunc(slices.Clone(procs), func(n int) bool { return n%2 != 0 })
	b := budget{samples: trials}
	return append(s.stage(b, procs, m.PoolRows(operations, keep)...), s.stage(b, even, m.QueueRow(operations))...)
}
