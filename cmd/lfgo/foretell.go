package main

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/lfpool/lfpool/cmd/lfgo/internal/advice"
	"github.com/lfpool/lfpool/cmd/lfgo/internal/verdict"
)

// A forecast is what advise says of a benchmark from a profile of it as it is.
type forecast struct {
	benchmark string
	most      float64 // part of the processor time that any pool could save
	lo, hi    float64 // the parts that lfpool would save, at worst and at best
	// grown is the time that stacks grow for, on lfpool, over what it was; NaN if
	// the profile has too few samples of that to tell.
	grown float64
}

// profileTime is how long a run for a profile is to take: some hundred samples.
const profileTime = 2 * time.Second

// enoughGrowth is the least time of growing stacks in a profile that can be
// compared: ten samples.
const enoughGrowth = 0.1

// foretell profiles each benchmark, before for the forecast, and after for what
// is left of the growing.
func (b *bencher) foretell() error {
	for _, s := range b.subjects {
		for _, one := range s.benches {
			var found [2]*advice.Advice
			var err error
			for side := range found {
				if found[side], err = b.profile(s, side, one); err != nil {
					break
				}
			}
			if errors.Is(err, advice.ErrNoSamples) {
				continue // it only waits
			}
			if err != nil {
				return err
			}
			a := found[0]
			lo, hi := a.Program.Saving()
			f := forecast{b.title(s, one.name), a.Share(a.Program.Most()), a.Share(lo), a.Share(hi), math.NaN()}
			if a.Program.Grow >= enoughGrowth {
				f.grown = found[1].Program.Grow / a.Program.Grow
			}
			b.foretold = append(b.foretold, f)
		}
	}
	return nil
}

// profile repeats a benchmark as often on either side.
func (b *bencher) profile(s *subject, side int, one bench) (*advice.Advice, error) {
	file := filepath.Join(b.Temp, "cpu.pprof")
	flags := b.flags
	defer func() { b.flags = flags }()
	b.flags = append(slices.Clone(flags), "-test.cpuprofile="+file)
	n := one.n
	if one.took > 0 {
		n = max(n, int(float64(n)*float64(profileTime)/float64(one.took)))
	}
	if _, _, err := b.run(s, side, exactly(one.name), fmt.Sprintf("%dx", n)); err != nil {
		return nil, err
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	a, err := advice.FromProfile(data)
	if err != nil {
		err = fmt.Errorf("the profile of %s: %w", one.name, err)
	}
	return a, err
}

// foretoldTable has the forecasts beside the processor time that was measured.
func foretoldTable(all []forecast, rows []verdict.Row) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "processor time\ta pool could save\tlfpool/go foretold\tmeasured\tgrowing left\t")
	for _, f := range all {
		for _, r := range rows {
			if r.Benchmark != f.benchmark || r.Unit != "cpu-sec/op" {
				continue
			}
			left := "-"
			if !math.IsNaN(f.grown) {
				left = fmt.Sprintf("%.2f", f.grown)
			}
			ratio := r.Ratio()
			lo, hi := r.Range()
			measured := "-" // the benchmark is so short that go has used no processor time that is counted
			if !math.IsInf(ratio, 0) && !math.IsNaN(ratio) {
				measured = fmt.Sprintf("%.2f [%.2f, %.2f]", ratio, lo, hi)
			}
			fmt.Fprintf(w, "%s\t%.1f %%\t%.2f to %.2f\t%s\t%s\t%s\n", f.benchmark, 100*f.most, 1-f.hi, 1-f.lo, measured, left, f.judge(lo, hi))
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
