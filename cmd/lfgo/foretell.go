package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/lfpool/lfpool/cmd/lfgo/internal/advice"
	"github.com/lfpool/lfpool/cmd/lfgo/internal/verdict"
)

// A forecast is what advise says of a benchmark from a profile of it as it is.
type forecast struct {
	benchmark string
	most      float64 // part of the processor time that any pool could save
	lo, hi    float64 // the parts that lfpool would save, at worst and at best
}

// profileTime is the benchtime of a profile: some hundred samples.
const profileTime = "2s"

// foretell profiles each benchmark, before.
func (b *bencher) foretell() error {
	for _, s := range b.subjects {
		for _, one := range s.benches {
			file := filepath.Join(b.Temp, "cpu.pprof")
			kept := b.flags
			b.flags = append(kept[:len(kept):len(kept)], "-test.cpuprofile="+file)
			_, _, err := b.run(s, 0, exactly(one.name), profileTime)
			b.flags = kept
			if err != nil {
				return err
			}
			data, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			a, err := advice.FromProfile(data)
			if err != nil {
				return fmt.Errorf("the profile of %s: %w", one.name, err)
			}
			lo, hi := a.Program.Saving()
			b.foretold = append(b.foretold, forecast{b.title(s, one.name), a.Share(a.Program.Most()), a.Share(lo), a.Share(hi)})
		}
	}
	return nil
}

// foretoldTable has the forecasts beside the processor time that was measured.
func foretoldTable(all []forecast, rows []verdict.Row) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "processor time\ta pool could save\tlfpool/go foretold\tmeasured\t")
	for _, f := range all {
		for _, r := range rows {
			if r.Benchmark != f.benchmark || r.Unit != "cpu-sec/op" {
				continue
			}
			lo, hi := r.Range()
			fmt.Fprintf(w, "%s\t%.1f %%\t%.2f to %.2f\t%.2f [%.2f, %.2f]\t%s\n", f.benchmark, 100*f.most, 1-f.hi, 1-f.lo, r.Ratio(), lo, hi, f.judge(lo, hi))
		}
	}
	w.Flush() // to memory
	return b.String()
}

// judge says whether what was foretold and what was measured meet.
func (f forecast) judge(lo, hi float64) string {
	switch {
	case math.IsNaN(lo + hi):
		return "no interval"
	case hi < 1-f.hi:
		return "better than foretold"
	case lo > 1-f.lo:
		return "worse than foretold"
	}
	return "as foretold"
}
