package metrics

import (
	"math"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/lfpool/lfpool/pool"
)

// metric is one time series for each pool. Ratios are for PromQL to make: of a
// rate of one counter and a rate of another, over the time that the question is
// about.
type metric struct {
	desc   *prometheus.Desc
	kind   prometheus.ValueType
	labels []string // values of the labels after pool
	value  func(pool.Stats) float64
}

// none says that a pool does not have the metric.
var none = math.NaN()

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("lfpool_"+name, help, append([]string{"pool"}, labels...), nil)
}

var (
	workers  = describe("workers", "Goroutines of the pool that are alive, by state: idle (waiting for a task) or running (a task, or about to).", "state")
	ended    = describe("workers_ended_total", "Goroutines of the pool that have ended, by reason: reaped (by the pool: not needed, above a lowered limit, or drained), replaced (after as many tasks as one may run) or goexit (with a task that called it).", "reason")
	spawned  = describe("workers_spawned_total", "Goroutines that the pool has started.")
	limit    = describe("workers_limit", "How many tasks the pool runs at a time at most; absent if any number.")
	tasks    = describe("tasks_ended_total", "Tasks that have ended.")
	reused   = describe("tasks_reused_total", "Tasks that have ended on a goroutine that had run a task before.")
	panicked = describe("tasks_panicked_total", "Tasks whose panic the pool's panic handler has taken.")
	skipped  = describe("tasks_skipped_total", "Tasks that did not run because their context had ended before their turn came.")
	queued   = describe("tasks_queued", "Tasks that the pool has accepted and that wait for a goroutine; absent if the pool's task queue cannot tell.")
	capacity = describe("tasks_capacity", "How many tasks the pool accepts that have not ended: those that run and those that wait, the limit and the backlog together; absent if any number.")
	waiting  = describe("submissions_waiting", "Callers that are held up now, because the pool accepts no more tasks: calls of Go and GoContext.")
	refused  = describe("submissions_refused_total", "Tasks that were turned away at once because the pool accepted no more: calls of TryGo that returned false.")
	shed     = describe("submissions_shed_total", "Tasks that were turned away because they would have waited too long: calls of GoContext that a pool with WithShedding refused.")
	givenUp  = describe("submissions_given_up_total", "Tasks that were turned away after a wait, because their context ended before the pool accepted them: calls of GoContext that returned an error.")
)

// table is every metric, in the order of README.md.
var table = []metric{
	{workers, prometheus.GaugeValue, []string{"idle"}, func(s pool.Stats) float64 { return float64(s.Idle) }},
	{workers, prometheus.GaugeValue, []string{"running"}, func(s pool.Stats) float64 { return float64(s.Running) }},
	{limit, prometheus.GaugeValue, nil, func(s pool.Stats) float64 { return known(s.Limit > 0, s.Limit) }},
	{spawned, prometheus.CounterValue, nil, func(s pool.Stats) float64 { return float64(s.Spawned) }},
	{ended, prometheus.CounterValue, []string{"reaped"}, func(s pool.Stats) float64 { return float64(s.Reaped) }},
	{ended, prometheus.CounterValue, []string{"replaced"}, func(s pool.Stats) float64 { return float64(s.Replaced) }},
	{ended, prometheus.CounterValue, []string{"goexit"}, func(s pool.Stats) float64 { return float64(s.Goexits) }},
	{tasks, prometheus.CounterValue, nil, func(s pool.Stats) float64 { return float64(s.Ended) }},
	{reused, prometheus.CounterValue, nil, func(s pool.Stats) float64 { return float64(s.Reused) }},
	{panicked, prometheus.CounterValue, nil, func(s pool.Stats) float64 { return float64(s.Panics) }},
	{skipped, prometheus.CounterValue, nil, func(s pool.Stats) float64 { return float64(s.Skipped) }},
	{queued, prometheus.GaugeValue, nil, func(s pool.Stats) float64 { return known(s.Queued >= 0, s.Queued) }},
	{capacity, prometheus.GaugeValue, nil, func(s pool.Stats) float64 { return known(s.Capacity > 0, s.Capacity) }},
	{waiting, prometheus.GaugeValue, nil, func(s pool.Stats) float64 { return float64(s.Waiting) }},
	{refused, prometheus.CounterValue, nil, func(s pool.Stats) float64 { return float64(s.Refused) }},
	{shed, prometheus.CounterValue, nil, func(s pool.Stats) float64 { return float64(s.Shed) }},
	{givenUp, prometheus.CounterValue, nil, func(s pool.Stats) float64 { return float64(s.GivenUp) }},
}

func known(ok bool, n int) float64 {
	if !ok {
		return none
	}
	return float64(n)
}
