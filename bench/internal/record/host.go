package record

import (
	"cmp"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/klauspost/cpuid/v2"
	"github.com/prometheus/procfs"
)

// A Host is what a number needs beside it: without, it cannot be compared.
type Host struct {
	CPU      string    `json:"cpu"`
	Cores    int       `json:"cores"`
	GOOS     string    `json:"goos"`
	GOARCH   string    `json:"goarch"`
	Go       string    `json:"go"`
	GoDebug  string    `json:"godebug,omitempty"`
	Governor string    `json:"governor"` // of the first core, "unknown" where the system does not say
	Load     float64   `json:"load"`     // one-minute load average at the start, 0 where unknown
	Commit   string    `json:"commit"`
	Started  time.Time `json:"started"`

	begun usage   // the system's at the start
	got   float64 // processors that goroutines got at the start
}

// ThisHost describes this machine, and starts the clock.
func ThisHost() (h Host) {
	h = Host{
		CPU:      cmp.Or(cpuid.CPU.BrandName, unknown),
		Cores:    runtime.NumCPU(),
		GOOS:     runtime.GOOS,
		GOARCH:   runtime.GOARCH,
		Go:       runtime.Version(),
		GoDebug:  os.Getenv("GODEBUG"),
		Governor: unknown,
		Commit:   SourceCommit(),
	}
	if text, err := os.ReadFile("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"); err == nil {
		h.Governor = strings.TrimSpace(string(text))
	}
	h.Start()
	return h
}

// Start starts the clock anew.
func (h *Host) Start() {
	h.Started = time.Now().UTC()
	h.begun = usageNow()
	h.Load = h.begun.load
	h.got = processors()
}

// A usage is what Linux knows of its processors' time since it started, in seconds, and
// the load average of the last minute: all zero on other systems.
type usage struct {
	stolen float64 // that the hypervisor gave to others
	busy   float64 // in processes other than this one
	all    float64
	load   float64
}

func usageNow() usage {
	proc, err := procfs.NewDefaultFS()
	if err != nil {
		return usage{}
	}
	stat, err := proc.Stat()
	load, err2 := proc.LoadAvg()
	if err != nil || err2 != nil {
		return usage{}
	}
	c := stat.CPUTotal // guests' time is in the user's already
	busy := c.User + c.Nice + c.System + c.IRQ + c.SoftIRQ
	return usage{c.Steal, busy - ProcessorTime().Seconds(), busy + c.Idle + c.Iowait + c.Steal, load.Load1}
}

// parts are what of the time from then to now the hypervisor gave to others, and what
// other processes used; 0 if the system does not say.
func (u usage) parts() (stolen, busy float64) {
	now := usageNow()
	passed := now.all - u.all
	if passed <= 0 {
		return 0, 0
	}
	return (now.stolen - u.stolen) / passed, (now.busy - u.busy) / passed
}

// Date is when the run started.
func (h Host) Date() string { return h.Started.Format("2006-01-02 15:04 MST") }

// Line says in one line of what machine, program and time figures are.
func (h Host) Line() string {
	return fmt.Sprintf("%s, %d cores, %s, commit %s, %s", h.CPU, h.Cores, h.Go, h.Commit, h.Date())
}

// atCommit reports whether what was measured is what a commit has.
func (h Host) atCommit() bool {
	return h.Commit != "" && h.Commit != unknown && !strings.HasSuffix(h.Commit, dirty)
}
