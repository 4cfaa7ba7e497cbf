package main

import (
	"cmp"
	"fmt"
	"io"
	"runtime"
	"time"

	"github.com/klauspost/cpuid/v2"
)

// A host is the record that a number needs: without it, it cannot be compared.
type host struct {
	cpu     string
	commit  string
	started time.Time
}

func thisHost() host {
	return host{
		cpu:     cmp.Or(cpuid.CPU.BrandName, "unknown"),
		commit:  sourceCommit(),
		started: time.Now().UTC(),
	}
}

func (h host) date() string { return h.started.Format("2006-01-02 15:04 MST") }

// printHost says where and when the measurement was made.
func printHost(w io.Writer, h host) {
	fmt.Fprintf(w, "lfpool bench, %s, commit %s\n", h.date(), h.commit)
	fmt.Fprintf(w, "%s %s/%s, %s, %d cores\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, h.cpu, runtime.NumCPU())
}

// printHeader says what was measured where, and what the columns mean.
func printHeader(w io.Writer, h host, p plan) {
	printHost(w, h)
	fmt.Fprintf(w, "Rounds: %d, each contestant once a round in random order. All figures are medians.\n", p.count)
	fmt.Fprintf(w, "± is the bound of the median's %.0f %% confidence interval. x go is the median of the rounds' ratios.\n", 100*confidence)
}
