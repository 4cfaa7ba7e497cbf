package metrics_test

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
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
	busy := pool.New(pool.WithLimit(4), pool.WithBacklog(1))
	c.Add(busy, metrics.WithName("busy"), metrics.WithLoad(func() (float64, time.Duration) { return 10, 50 * time.Millisecond }))
	c.Add(pool.New(), metrics.WithName("at rest"))
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
# HELP lfpool_submissions_waiting Calls of Go and GoContext that wait for room in the backlog.
# TYPE lfpool_submissions_waiting gauge
lfpool_submissions_waiting{pool="at rest"} 0
lfpool_submissions_waiting{pool="busy"} 0
# HELP lfpool_tasks_per_request g = G / (requests per second x latency): running goroutines for each request in progress; absent unless the program tells its load.
# TYPE lfpool_tasks_per_request gauge
lfpool_tasks_per_request{pool="busy"} 4
# HELP lfpool_tasks_total Tasks that have ended.
# TYPE lfpool_tasks_total counter
lfpool_tasks_total{pool="at rest"} 0
lfpool_tasks_total{pool="busy"} 0
# HELP lfpool_reuse_ratio R = reused / (reused + created), of the tasks on used goroutines and the goroutines started, since the pool was made; absent until there is one.
# TYPE lfpool_reuse_ratio gauge
lfpool_reuse_ratio{pool="busy"} 0
# HELP lfpool_workers_limit How many goroutines the pool may have; absent if any number.
# TYPE lfpool_workers_limit gauge
lfpool_workers_limit{pool="busy"} 4
# HELP lfpool_workers_spawned_total Goroutines that the pool has started.
# TYPE lfpool_workers_spawned_total counter
lfpool_workers_spawned_total{pool="at rest"} 0
lfpool_workers_spawned_total{pool="busy"} 2
`
	assert.NoError(t, testutil.CollectAndCompare(c, strings.NewReader(want), "lfpool_submissions_waiting", "lfpool_tasks_per_request",
		"lfpool_tasks_total", "lfpool_reuse_ratio", "lfpool_workers_limit", "lfpool_workers_spawned_total"))
}

// TestSameAsStats: at rest, each metric is the figure it is named for.
func TestSameAsStats(t *testing.T) {
	p := pool.New(pool.WithPanicHandler(func(any, []byte) {}))
	c := metrics.NewCollector()
	c.Add(p, metrics.WithName("p"))
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
	require.Equal(t, []int64{1, 1, 1, 4}, []int64{s.Panics, s.Skipped, s.Exited, s.Tasks})
	text := scrape(t, c)
	for _, line := range []string{
		fmt.Sprintf(`lfpool_workers{pool="p",state="idle"} %d`, s.Idle),
		fmt.Sprintf(`lfpool_workers{pool="p",state="running"} %d`, s.Running),
		fmt.Sprintf(`lfpool_workers_spawned_total{pool="p"} %d`, s.Spawned),
		fmt.Sprintf(`lfpool_workers_ended_total{pool="p",reason="reaped"} %d`, s.Reaped),
		fmt.Sprintf(`lfpool_workers_ended_total{pool="p",reason="replaced"} %d`, s.Replaced),
		fmt.Sprintf(`lfpool_workers_ended_total{pool="p",reason="exited"} %d`, s.Exited),
		fmt.Sprintf(`lfpool_tasks_total{pool="p"} %d`, s.Tasks),
		fmt.Sprintf(`lfpool_tasks_reused_total{pool="p"} %d`, s.Reused),
		fmt.Sprintf(`lfpool_tasks_panicked_total{pool="p"} %d`, s.Panics),
		fmt.Sprintf(`lfpool_tasks_skipped_total{pool="p"} %d`, s.Skipped),
		fmt.Sprintf(`lfpool_tasks_queued{pool="p"} %d`, s.Queued),
		fmt.Sprintf(`lfpool_reuse_ratio{pool="p"} %v`, float64(s.Reused)/float64(s.Reused+s.Spawned)),
	} {
		assert.Contains(t, text, line+"\n")
	}
	assert.NotContains(t, text, "lfpool_workers_limit")
}

func TestTasksPerRequestNeedsALoad(t *testing.T) {
	for _, c := range []struct {
		perSecond float64
		latency   time.Duration
		want      int
	}{
		{100, time.Second, 1}, {0, time.Second, 0}, {100, 0, 0}, {-1, time.Second, 0},
		{math.NaN(), time.Second, 0}, {math.Inf(1), time.Second, 0},
	} {
		collector := metrics.NewCollector()
		collector.Add(pool.New(), metrics.WithName("p"), metrics.WithLoad(func() (float64, time.Duration) { return c.perSecond, c.latency }))
		assert.Equal(t, c.want, testutil.CollectAndCount(collector, "lfpool_tasks_per_request"), "%v", c)
	}
}

func TestAddAndRemove(t *testing.T) {
	c := metrics.NewCollector()
	for _, name := range []string{"b", "a", "c"} {
		c.Add(pool.New(pool.WithName(name)))
	}
	assert.Equal(t, 3, testutil.CollectAndCount(c, "lfpool_tasks_total"))
	assert.True(t, c.Remove("b"))
	assert.False(t, c.Remove("b"))
	assert.Equal(t, 2, testutil.CollectAndCount(c, "lfpool_tasks_total"))
	c.Add(pool.New(), metrics.WithName("b"))
	for want, call := range map[string]func(){
		`metrics: Collector.Add: a pool is shown as "b" already: say metrics.WithName`:                        func() { c.Add(pool.New(pool.WithName("b"))) },
		"metrics: Collector.Add(nil): the pool is nil":                                                        func() { c.Add(nil) },
		"metrics: Collector.Add: the pool has no name: give it one by pool.WithName, or say metrics.WithName": func() { c.Add(pool.New()) },
		`metrics: Collector.Add: the pool's name "\xff" is not UTF-8: say metrics.WithName`:                   func() { c.Add(pool.New(pool.WithName("\xff"))) },
		`metrics.WithName(""): the name is empty`:                                                             func() { metrics.WithName("") },
		`metrics.WithName("\xff"): the name is not UTF-8`:                                                     func() { metrics.WithName("\xff") },
		"metrics: Collector.Add: the option at index 0 is nil":                                                func() { c.Add(pool.New(), nil) },
		`metrics.WithLoad(nil): the function is nil`:                                                          func() { metrics.WithLoad(nil) },
	} {
		assert.PanicsWithValue(t, want, call)
	}
	assert.Equal(t, 3, testutil.CollectAndCount(c, "lfpool_tasks_total"))
}

// TestScrapesAtTheSameTime is for the race detector, and for counters that two
// scrapers look at.
func TestScrapesAtTheSameTime(t *testing.T) {
	p := pool.New()
	c := metrics.NewCollector()
	c.Add(p, metrics.WithName("p"))
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
		c.Add(pool.New(), metrics.WithName("q"))
		require.True(t, c.Remove("q"))
	}
	all.Wait()
	require.NoError(t, p.Drain(t.Context()))
	assert.Contains(t, scrape(t, c), "lfpool_tasks_total{pool=\"p\"} 200\n")
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
