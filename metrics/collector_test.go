package metrics_test

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/metrics"
	"github.com/lfpool/lfpool/pool"
)

// full returns a collector with two pools, one of which has all metrics.
func full(t *testing.T) *metrics.Collector {
	c := metrics.NewCollector()
	busy := pool.New(pool.WithName("busy"), pool.WithLimit(4), pool.WithBacklog(1), pool.WithTimes(1))
	c.Add(busy)
	c.Add(pool.New(pool.WithName("at rest")))
	release, started := make(chan struct{}), make(chan struct{})
	for range 2 {
		busy.Go(func() {
			started <- struct{}{}
			<-release
		})
		<-started
	}
	t.Cleanup(func() {
		close(release)
		require.NoError(t, busy.Drain(context.Background()))
	})
	return c
}

// scrape returns what a server with the collector answers.
func scrape(t *testing.T, c *metrics.Collector) string {
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(c)
	answer := httptest.NewRecorder()
	promhttp.HandlerFor(registry, promhttp.HandlerOpts{ErrorHandling: promhttp.HTTPErrorOnError}).
		ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	require.Equal(t, http.StatusOK, answer.Code, answer.Body)
	return answer.Body.String()
}

func TestLint(t *testing.T) {
	text := scrape(t, full(t))
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	require.NoError(t, err)
	assert.Empty(t, problems, text)
}

func TestValues(t *testing.T) {
	c := full(t)
	const want = `
# HELP lfpool_submissions_waiting Callers that are held up now, because the pool accepts no more tasks: calls of Go and GoContext.
# TYPE lfpool_submissions_waiting gauge
lfpool_submissions_waiting{pool="at rest"} 0
lfpool_submissions_waiting{pool="busy"} 0
# HELP lfpool_tasks_ended_total Tasks that have ended.
# TYPE lfpool_tasks_ended_total counter
lfpool_tasks_ended_total{pool="at rest"} 0
lfpool_tasks_ended_total{pool="busy"} 0
# HELP lfpool_tasks_capacity How many tasks the pool accepts that have not ended: those that run and those that wait, the limit and the backlog together; absent if any number.
# TYPE lfpool_tasks_capacity gauge
lfpool_tasks_capacity{pool="busy"} 5
# HELP lfpool_workers_limit How many tasks the pool runs at a time at most; absent if any number.
# TYPE lfpool_workers_limit gauge
lfpool_workers_limit{pool="busy"} 4
# HELP lfpool_workers_spawned_total Goroutines that the pool has started.
# TYPE lfpool_workers_spawned_total counter
lfpool_workers_spawned_total{pool="at rest"} 0
lfpool_workers_spawned_total{pool="busy"} 2
`
	assert.NoError(t, testutil.CollectAndCompare(c, strings.NewReader(want), "lfpool_submissions_waiting",
		"lfpool_tasks_ended_total", "lfpool_tasks_capacity", "lfpool_workers_limit", "lfpool_workers_spawned_total"))
}

// TestSameAsStats: at rest, each metric is the figure it is named for.
func TestSameAsStats(t *testing.T) {
	p := pool.New(pool.WithName("p"), pool.WithPanicHandler(func(any, []byte) {}))
	c := metrics.NewCollector()
	c.Add(p)
	ctx, cancel := context.WithCancel(t.Context())
	hold := make(chan struct{})
	p.Go(func() { panic("on purpose") })
	p.Go(runtime.Goexit)
	p.SetLimit(1) // so that the next waits until its context is done
	p.Go(func() { <-hold })
	require.NoError(t, p.GoContext(ctx, func(context.Context) {}))
	cancel()
	close(hold)
	require.NoError(t, p.Drain(t.Context()))
	p.SetLimit(pool.NoLimit)
	s := p.Stats()
	require.Equal(t, []int64{1, 1, 1, 4}, []int64{s.Panics, s.Skipped, s.Goexits, s.Ended})
	text := scrape(t, c)
	for _, line := range []string{
		fmt.Sprintf(`lfpool_workers{pool="p",state="idle"} %d`, s.Idle),
		fmt.Sprintf(`lfpool_workers{pool="p",state="running"} %d`, s.Running),
		fmt.Sprintf(`lfpool_workers_spawned_total{pool="p"} %d`, s.Spawned),
		fmt.Sprintf(`lfpool_workers_ended_total{pool="p",reason="reaped"} %d`, s.Reaped),
		fmt.Sprintf(`lfpool_workers_ended_total{pool="p",reason="replaced"} %d`, s.Replaced),
		fmt.Sprintf(`lfpool_workers_ended_total{pool="p",reason="goexit"} %d`, s.Goexits),
		fmt.Sprintf(`lfpool_tasks_ended_total{pool="p"} %d`, s.Ended),
		fmt.Sprintf(`lfpool_tasks_reused_total{pool="p"} %d`, s.Reused),
		fmt.Sprintf(`lfpool_tasks_panicked_total{pool="p"} %d`, s.Panics),
		fmt.Sprintf(`lfpool_tasks_skipped_total{pool="p"} %d`, s.Skipped),
		fmt.Sprintf(`lfpool_tasks_queued{pool="p"} %d`, s.Queued),
		fmt.Sprintf(`lfpool_submissions_refused_total{pool="p"} %d`, s.Refused),
		fmt.Sprintf(`lfpool_submissions_given_up_total{pool="p"} %d`, s.GivenUp),
	} {
		assert.Contains(t, text, line+"\n")
	}
	assert.NotContains(t, text, "lfpool_workers_limit")
}

// TestTurnedAway: what an overload does to the figures.
func TestTurnedAway(t *testing.T) {
	p := pool.New(pool.WithName("narrow"), pool.WithLimit(1), pool.WithBacklog(0))
	c := metrics.NewCollector()
	c.Add(p)
	release := make(chan struct{})
	require.True(t, p.TryGo(func() { <-release }))
	for range 3 {
		require.False(t, p.TryGo(func() {}))
	}
	ctx, cancel := context.WithCancel(t.Context())
	end := make(chan error)
	go func() { end <- p.GoContext(ctx, func(context.Context) {}) }()
	require.Eventually(t, func() bool { return p.Stats().Waiting == 1 }, time.Minute, time.Millisecond)
	assert.Contains(t, scrape(t, c), "lfpool_submissions_waiting{pool=\"narrow\"} 1\n")
	cancel()
	require.ErrorIs(t, <-end, context.Canceled)
	close(release)
	require.NoError(t, p.Drain(t.Context()))
	text := scrape(t, c)
	for _, line := range []string{
		`lfpool_submissions_refused_total{pool="narrow"} 3`,
		`lfpool_submissions_given_up_total{pool="narrow"} 1`,
		`lfpool_submissions_waiting{pool="narrow"} 0`,
		`lfpool_tasks_capacity{pool="narrow"} 1`,
	} {
		assert.Contains(t, text, line+"\n")
	}
}

// TestTimes: the classic buckets and the native ones have the same counts, and
// the bounds are those of the pool.
func TestTimes(t *testing.T) {
	p := pool.New(pool.WithTimes(1), pool.WithName("timed"))
	c := metrics.NewCollector()
	c.Add(p)
	assert.NotContains(t, scrape(t, c), "_seconds", "nothing has been measured")
	for i := range 40 {
		p.Go(func() { time.Sleep(time.Duration(i) * time.Millisecond / 4) })
	}
	require.NoError(t, p.Drain(t.Context()))
	s := p.Stats()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(c)
	families, err := registry.Gather()
	require.NoError(t, err)
	for name, want := range map[string]pool.Histogram{"lfpool_task_queue_seconds": s.QueueTime, "lfpool_task_run_seconds": s.RunTime} {
		i := slices.IndexFunc(families, func(f *dto.MetricFamily) bool { return f.GetName() == name })
		require.GreaterOrEqual(t, i, 0, name)
		h := families[i].Metric[0].Histogram
		assert.Equal(t, uint64(40), h.GetSampleCount())
		assert.Equal(t, want.Sum.Seconds(), h.GetSampleSum())
		below := int64(0)
		for i, b := range h.Bucket {
			below += want.Buckets[i]
			assert.Equal(t, uint64(below), b.GetCumulativeCount(), "%s, bucket %d", name, i)
			assert.Equal(t, want.Bound(i), b.GetUpperBound(), "%s, bucket %d", name, i)
		}
		assert.Len(t, h.Bucket, pool.HistogramBuckets-1, "the last has no bound")

		require.Zero(t, h.GetSchema(), "bucket i goes to 2^i")
		assert.Equal(t, uint64(want.Buckets[0]), h.GetZeroCount())
		assert.Equal(t, want.Bound(0), h.GetZeroThreshold())
		require.Len(t, h.PositiveSpan, 1)
		at, n := int(h.PositiveSpan[0].GetOffset()), int64(0)
		require.Len(t, h.PositiveDelta, int(h.PositiveSpan[0].GetLength()))
		for i, delta := range h.PositiveDelta {
			n += delta
			assert.Equal(t, want.Buckets[i+1], n, "%s, native bucket %d", name, at+i)
			if i+1 < pool.HistogramBuckets-1 {
				assert.Equal(t, want.Bound(i+1), math.Ldexp(1, at+i), "%s, native bucket %d", name, at+i)
			}
		}
	}
}

// TestOneName: a pool is shown under its name, as in profiles.
func TestOneName(t *testing.T) {
	c := metrics.NewCollector()
	c.Add(pool.New(pool.WithName("jobs")))
	c.Add(pool.New(pool.WithName("mail")))
	text := scrape(t, c)
	assert.Contains(t, text, `lfpool_tasks_ended_total{pool="jobs"} 0`)
	assert.Contains(t, text, `lfpool_tasks_ended_total{pool="mail"} 0`)
	assert.True(t, c.Remove("jobs"))
}

func TestAddAndRemove(t *testing.T) {
	c := metrics.NewCollector()
	for _, name := range []string{"b", "a", "c"} {
		c.Add(pool.New(pool.WithName(name)))
	}
	assert.Equal(t, 3, testutil.CollectAndCount(c, "lfpool_tasks_ended_total"))
	assert.True(t, c.Remove("b"))
	assert.False(t, c.Remove("b"))
	assert.Equal(t, 2, testutil.CollectAndCount(c, "lfpool_tasks_ended_total"))
	b := pool.New(pool.WithName("b"))
	c.Add(b)
	for want, call := range map[string]func(){
		`metrics: Collector.Add("b"): there is a pool of this name already`:            func() { c.Add(b) },
		`metrics: Collector.Add(nil): the pool is nil`:                                 func() { c.Add(nil) },
		`metrics: Collector.Add: the pool has no name: give it one with pool.WithName`: func() { c.Add(pool.New()) },
		`metrics: Collector.Add: the pool's name, "\xff", is not UTF-8`:                func() { c.Add(pool.New(pool.WithName("\xff"))) },
	} {
		assert.PanicsWithValue(t, want, call)
	}
	assert.Equal(t, 3, testutil.CollectAndCount(c, "lfpool_tasks_ended_total"))
}

// TestScrapesAtTheSameTime is for the race detector, and for counters that two
// scrapers look at.
func TestScrapesAtTheSameTime(t *testing.T) {
	p := pool.New(pool.WithName("p"))
	c := metrics.NewCollector()
	c.Add(p)
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(c)
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			last := map[string]float64{}
			for range 100 {
				p.Go(func() {})
				families, err := registry.Gather()
				if !assert.NoError(t, err) {
					return
				}
				for _, f := range families {
					if f.GetType() != dto.MetricType_COUNTER {
						continue
					}
					for _, m := range f.Metric {
						key := f.GetName() + fmt.Sprint(m.Label)
						assert.GreaterOrEqual(t, m.Counter.GetValue(), last[key], key)
						last[key] = m.Counter.GetValue()
					}
				}
			}
			assert.GreaterOrEqual(t, len(last), 8)
		})
	}
	for range 100 {
		c.Add(pool.New(pool.WithName("q")))
		require.True(t, c.Remove("q"))
	}
	all.Wait()
	require.NoError(t, p.Drain(t.Context()))
	assert.Contains(t, scrape(t, c), "lfpool_tasks_ended_total{pool=\"p\"} 200\n")
}

// TestReadme: its table is that of the collector.
func TestReadme(t *testing.T) {
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(full(t))
	families, err := registry.Gather()
	require.NoError(t, err)
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	var rows []string
	for line := range strings.Lines(string(readme)) {
		if strings.HasPrefix(line, "| `lfpool_") {
			rows = append(rows, strings.TrimSpace(line))
		}
	}
	var want []string
	for _, f := range families {
		var labels []string
		for _, l := range f.Metric[0].Label {
			labels = append(labels, l.GetName())
		}
		want = append(want, fmt.Sprintf("| `%s` | %s | %s | %s |", f.GetName(), strings.Join(labels, ", "), strings.ToLower(f.GetType().String()), f.GetHelp()))
	}
	assert.ElementsMatch(t, want, rows)

	described := make(chan *prometheus.Desc, 100)
	metrics.NewCollector().Describe(described)
	close(described)
	names := map[string]bool{}
	for d := range described {
		names[d.String()] = true
	}
	assert.Len(t, names, len(families), "all are described, and the pool busy has all")
}
