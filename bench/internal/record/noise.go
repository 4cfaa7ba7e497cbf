package record

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Noise tells whether the machine was doing other things.
type Noise struct {
	Reasons []string `json:"reasons,omitempty"` // why the run counts as noisy; none if it does not
	// GoSpread is how far the go statement's samples lie apart: the middle half
	// of them, as a part of their median; of that the median over workloads. 0 if
	// unknown.
	GoSpread float64 `json:"goSpread"`
	Stolen   float64 `json:"stolen"` // part of the time that a hypervisor gave to others
	// Got is how many processors as many goroutines as there are cores got while
	// they computed: the less of the start and the end; 0 if unknown.
	Got float64 `json:"got"`
}

// Beyond these a run says that it was noisy. The go statement does the same
// work in every round, so what spreads its samples is the machine.
const (
	reference    = "go"
	noisySpread  = 0.10
	noisyStolen  = 0.02
	noisyLoad    = 0.5 // processes that wanted to run at the start, per core
	noisyGot     = 0.9 // of the cores
	leastSamples = 6
)

func (r *Record) noise() Noise {
	var n Noise
	var spreads []float64
	for _, c := range r.Cells {
		if v := c.Values[NsOp]; c.Contestant == reference && len(v) >= leastSamples {
			spreads = append(spreads, spread(v))
		}
	}
	if m, ok := median(spreads); ok {
		n.GoSpread = fiveDigits(m.Center)
	}
	stolen, _ := r.Host.begun.parts()
	n.Stolen = fiveDigits(stolen)
	if n.GoSpread > noisySpread {
		n.Reasons = append(n.Reasons, fmt.Sprintf("the samples of go spread by %.0f %% at the median workload (over %.0f %%)", 100*n.GoSpread, 100*noisySpread))
	}
	if n.Stolen > noisyStolen {
		n.Reasons = append(n.Reasons, stolenWords(n.Stolen))
	}
	if n.Got = fiveDigits(min(r.Host.got, processors())); n.Got > 0 && n.Got < noisyGot*float64(r.Host.Cores) {
		n.Reasons = append(n.Reasons, gotWords(n.Got, r.Host.Cores))
	}
	if load := r.Host.Load; load > noisyLoad*float64(r.Host.Cores) {
		n.Reasons = append(n.Reasons, fmt.Sprintf("the load average was %.2f at the start (over %.1f a core)", load, noisyLoad))
	}
	return n
}

func stolenWords(part float64) string {
	return fmt.Sprintf("%.0f %% of the time went to other machines on the host (over %.0f %%)", 100*part, 100*noisyStolen)
}

func gotWords(got float64, cores int) string {
	return fmt.Sprintf("goroutines that compute got %.1f of %d processors (under %.0f %%)", got, cores, 100*noisyGot)
}

// String is a sentence for the head of a report.
func (n Noise) String() string {
	if len(n.Reasons) > 0 {
		return "NOISY MACHINE: " + strings.Join(n.Reasons, "; ") + "."
	}
	if n.GoSpread == 0 {
		return fmt.Sprintf("Nothing shows noise, %.1f %% of the time stolen, but how far the samples of go spread is not known: no workload has %d of its times.", 100*n.Stolen, leastSamples)
	}
	return fmt.Sprintf("Quiet machine: the samples of go spread by %.0f %% at the median workload, %.1f %% of the time stolen.", 100*n.GoSpread, 100*n.Stolen)
}

// processors has a goroutine for each core compute for a while and returns how
// many processors they got.
func processors() float64 {
	const long = 50 * time.Millisecond
	used, begun := ProcessorTime(), time.Now()
	var computing sync.WaitGroup
	for range runtime.NumCPU() {
		computing.Go(func() {
			for time.Since(begun) < long {
			}
		})
	}
	computing.Wait()
	return float64(ProcessorTime()-used) / float64(time.Since(begun))
}

// ProcessorTime is what the process has used so far, 0 if the system does not
// say.
func ProcessorTime() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
