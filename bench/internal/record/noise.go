package record

import (
	"fmt"
	"strings"

	"github.com/lfpool/lfpool/bench/internal/stat"
)

// Noise tells whether the machine was doing other things.
type Noise struct {
	Reasons []string `json:"reasons,omitempty"` // why the run counts as noisy; none if it does not
	// GoSpread is how far the go statement's samples lie apart: the middle half
	// of them, as a part of their median; of that the median over workloads.
	GoSpread float64 `json:"goSpread"`
	Stolen   float64 `json:"stolen"` // part of the time that a hypervisor gave to others
}

// Beyond these a run says that it was noisy. The go statement does the same
// work in every round, so what spreads its samples is the machine.
const (
	reference    = "go"
	noisySpread  = 0.10
	noisyStolen  = 0.02
	noisyLoad    = 0.5 // processes that wanted to run at the start, per core
	leastSamples = 6
)

func (r *Record) noise() Noise {
	var n Noise
	var spreads []float64
	for _, c := range r.Cells {
		if v := c.Values[NsOp]; c.Kind == Tasks && c.Contestant == reference && len(v) >= leastSamples {
			spreads = append(spreads, stat.Spread(v))
		}
	}
	if len(spreads) > 0 {
		n.GoSpread = fiveDigits(stat.Median(spreads).Center)
	}
	if stolen, passed := ticks(); passed > r.Host.passed {
		n.Stolen = fiveDigits((stolen - r.Host.stolen) / (passed - r.Host.passed))
	}
	if n.GoSpread > noisySpread {
		n.Reasons = append(n.Reasons, fmt.Sprintf("the samples of go spread by %.0f %% at the median workload (over %.0f %%)", 100*n.GoSpread, 100*noisySpread))
	}
	if n.Stolen > noisyStolen {
		n.Reasons = append(n.Reasons, fmt.Sprintf("%.0f %% of the time went to other machines on the host (over %.0f %%)", 100*n.Stolen, 100*noisyStolen))
	}
	if load := r.Host.Load; load > noisyLoad*float64(r.Host.Cores) {
		n.Reasons = append(n.Reasons, fmt.Sprintf("the load average was %.2f at the start (over %.1f a core)", load, noisyLoad))
	}
	return n
}

// String is a sentence for the head of a report.
func (n Noise) String() string {
	if len(n.Reasons) > 0 {
		return "NOISY MACHINE: " + strings.Join(n.Reasons, "; ") + "."
	}
	return fmt.Sprintf("Quiet machine: the samples of go spread by %.0f %% at the median workload, %.1f %% of the time stolen.", 100*n.GoSpread, 100*n.Stolen)
}
