package metrics

import (
	"math"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/lfpool/lfpool/pool"
)

// reading is what the metrics are made of.
type reading struct {
	stats    pool.Stats
	requests float64 // in progress, by Little's law; 0: not known
}

// metric is one time series for each pool.
type metric struct {
	desc   *prometheus.Desc
	kind   prometheus.ValueType
	labels []string // values of the labels after pool
	value  func(reading) float64
}

// none says that a pool does not have the metric now.
var none = math.NaN()

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("lfpool_"+name, help, append([]string{"pool"}, labels...), nil)
}

var (
	workers    = describe("workers", "Goroutines of the pool that are alive, by state: idle (parked) or running (a task, or on the way).", "state")
	ended      = describe("workers_ended_total", "Goroutines of the pool that have ended, by reason: reaped (by the pool: unneeded, above a lowered limit, or drained), replaced (after the most tasks a worker may run) or exited (with a task that called Goexit).", "reason")
	spawned    = describe("workers_spawned_total", "Goroutines that the pool has started.")
	limit      = describe("workers_limit", "How many goroutines the pool may have; absent if any number.")
	tasks      = describe("tasks_total", "Tasks that have ended.")
	reused     = describe("tasks_reused_total", "Tasks that have ended on a goroutine that had run a task before.")
	panicked   = describe("tasks_panicked_total", "Tasks whose panic the pool's panic handler has taken.")
	skipped    = describe("tasks_skipped_total", "Tasks that did not run because their context was done.")
	queued     = describe("tasks_queued", "Tasks that wait for a worker; absent if the pool's task queue cannot tell.")
	waiting    = describe("submissions_waiting", "Calls of Go and GoContext that wait for room in the backlog.")
	reuse      = describe("reuse_ratio", "R = reused / (reused + created), of the tasks on used goroutines and the goroutines started, since the pool was made; absent until there is one.")
	perRequest = describe("tasks_per_request", "g = G / (requests per second x latency): running goroutines for each request in progress; absent unless the program tells its load.")
)

// table is every metric, in the order of README.md.
var table = []metric{
	{workers, prometheus.GaugeValue, []string{"idle"}, func(r reading) float64 { return float64(r.stats.Idle) }},
	{workers, prometheus.GaugeValue, []string{"running"}, func(r reading) float64 { return float64(r.stats.Running) }},
	{limit, prometheus.GaugeValue, nil, func(r reading) float64 { return known(r.stats.Limit > 0, r.stats.Limit) }},
	{spawned, prometheus.CounterValue, nil, func(r reading) float64 { return float64(r.stats.Spawned) }},
	{ended, prometheus.CounterValue, []string{"reaped"}, func(r reading) float64 { return float64(r.stats.Reaped) }},
	{ended, prometheus.CounterValue, []string{"replaced"}, func(r reading) float64 { return float64(r.stats.Replaced) }},
	{ended, prometheus.CounterValue, []string{"exited"}, func(r reading) float64 { return float64(r.stats.Exited) }},
	{tasks, prometheus.CounterValue, nil, func(r reading) float64 { return float64(r.stats.Tasks) }},
	{reused, prometheus.CounterValue, nil, func(r reading) float64 { return float64(r.stats.Reused) }},
	{panicked, prometheus.CounterValue, nil, func(r reading) float64 { return float64(r.stats.Panics) }},
	{skipped, prometheus.CounterValue, nil, func(r reading) float64 { return float64(r.stats.Skipped) }},
	{queued, prometheus.GaugeValue, nil, func(r reading) float64 { return known(r.stats.Queued >= 0, r.stats.Queued) }},
	{waiting, prometheus.GaugeValue, nil, func(r reading) float64 { return float64(r.stats.Waiting) }},
	{reuse, prometheus.GaugeValue, nil, func(r reading) float64 { return reuseRatio(r.stats) }},
	{perRequest, prometheus.GaugeValue, nil, func(r reading) float64 { return tasksPerRequest(r) }},
}

func known(ok bool, n int) float64 {
	if !ok {
		return none
	}
	return float64(n)
}

// reuseRatio is none before the first worker.
func reuseRatio(s pool.Stats) float64 {
	if s.Spawned == 0 {
		return none
	}
	return s.ReuseRate()
}

func tasksPerRequest(r reading) float64 {
	if !(r.requests > 0) || math.IsInf(r.requests, 1) {
		return none
	}
	return float64(r.stats.Running) / r.requests
}
