package main

import (
	"regexp"
	"time"

	"github.com/lfpool/lfpool/internal/baseline"
)

var syntheticHost = host{
	cpu:     "Example CPU",
	commit:  "0123456789ab",
	started: time.Date(2026, 1, 2, 3, 4, 0, 0, time.UTC),
}

func syntheticSelection() selection {
	return choose(regexp.MustCompile("^(go|lfpool|other)/|^late/wait-deep$"),
		[]baseline.Contestant{{Name: "go"}, {Name: "lfpool"}, {Name: "other"}, {Name: "late"}},
		[]workload{{name: "wait", doc: "one at a time"}, {name: "wait-deep", doc: "one, deep"}})
}

// syntheticResults has one sample of 1000 tasks for each time per task.
func syntheticResults() results {
	res := results{}
	add := func(workload, contestant string, bytes uint64, ns ...int) {
		at := cell{2, workload, contestant}
		for round, v := range ns {
			res[at] = append(res[at], sample{
				cell:    at,
				round:   round,
				tasks:   1000,
				elapsed: time.Duration(v * 1000),
				bytes:   1000 * bytes,
				allocs:  1000 * bytes / 16,
			})
		}
	}
	// In odd rounds the machine is at half its speed.
	add("wait", "go", 0, 300, 600, 300, 600, 300, 600)
	add("wait", "lfpool", 16, 360, 720, 360, 720, 360, 720)
	add("wait", "other", 8, 450, 900, 450, 900, 450, 900)
	add("wait-deep", "go", 0, 5000, 5000, 5000, 5000, 5000, 5000)
	add("wait-deep", "lfpool", 16, 510, 490, 510, 490, 510, 500)
	add("wait-deep", "other", 0, 500, 500, 500, 500, 500, 500)
	add("wait-deep", "late", 0, 2500) // interrupted
	return res
}
