package check

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/util/annotations"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	scrapeEvery = 15 * time.Second
	evalEvery   = time.Minute // interval in rules.yml
)

// database keeps samples in memory.
type database struct {
	storage.LabelQuerier // nil: expressions do not ask for it
	series               map[string]*series
}

type series struct {
	labels  labels.Labels
	samples []chunks.Sample
}

type sample struct {
	chunks.Sample // nil: no histograms
	at            int64
	value         float64
}

func (s sample) T() int64                 { return s.at }
func (s sample) ST() int64                { return 0 }
func (s sample) F() float64               { return s.value }
func (s sample) Type() chunkenc.ValueType { return chunkenc.ValFloat }

func (d *database) add(l labels.Labels, at time.Duration, value float64) {
	s := d.series[l.String()]
	if s == nil {
		s = &series{labels: l}
		d.series[l.String()] = s
	}
	s.samples = append(s.samples, sample{at: at.Milliseconds(), value: value})
}

func (d *database) Querier(_, _ int64) (storage.Querier, error) { return d, nil }
func (d *database) Close() error                                { return nil }

func (d *database) Select(_ context.Context, _ bool, _ *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
	var found []storage.Series
	for _, s := range d.series {
		if !slices.ContainsFunc(matchers, func(m *labels.Matcher) bool { return !m.Matches(s.labels.Get(m.Name)) }) {
			found = append(found, storage.NewListSeries(s.labels, s.samples))
		}
	}
	slices.SortFunc(found, func(a, b storage.Series) int { return labels.Compare(a.Labels(), b.Labels()) })
	return &seriesSet{left: found}
}

type seriesSet struct {
	at   storage.Series
	left []storage.Series
}

func (s *seriesSet) Next() bool {
	if len(s.left) == 0 {
		return false
	}
	s.at, s.left = s.left[0], s.left[1:]
	return true
}
func (s *seriesSet) At() storage.Series                { return s.at }
func (s *seriesSet) Err() error                        { return nil }
func (s *seriesSet) Warnings() annotations.Annotations { return nil }

// stretch is a time of steady load on a pool.
type stretch struct {
	length         time.Duration
	tasksPerSecond float64
	reuse          float64 // the part of the tasks that needs no new goroutine
}

// pressure is what a pool with a limit of limit shows of tasks that it has no
// room for.
type pressure struct {
	refused, shed, givenUp, queued, waiting float64
	wait, run                               float64 // seconds, of a task; 0: not measured
}

const limit = 8

// firing plays the load, with what under says of each instant, if it is not nil,
// and returns for how long each alert fired, counted in evaluations.
func firing(t *testing.T, load []stretch, under func(now time.Duration) pressure) map[string]time.Duration {
	engine := promql.NewEngine(promql.EngineOpts{MaxSamples: 1e6, Timeout: time.Minute, Parser: parser.NewParser(parser.Options{})})
	t.Cleanup(func() { assert.NoError(t, engine.Close()) })
	db := &database{series: map[string]*series{}}
	named := func(name string) labels.Labels {
		return labels.FromStrings("__name__", name, "job", "j", "instance", "i", "pool", "p")
	}
	active, fired := map[string]time.Duration{}, map[string]time.Duration{}
	var now, end time.Duration
	var tasks, reused, spawned, waited, ran float64
	for _, l := range load {
		for end += l.length; now < end; now += scrapeEvery {
			db.add(named("lfpool_tasks_ended_total"), now, tasks)
			db.add(named("lfpool_tasks_reused_total"), now, reused)
			db.add(named("lfpool_workers_spawned_total"), now, spawned)
			if under != nil {
				is := under(now)
				db.add(named("lfpool_submissions_refused_total"), now, is.refused)
				db.add(named("lfpool_submissions_given_up_total"), now, is.givenUp)
				db.add(named("lfpool_submissions_shed_total"), now, is.shed)
				db.add(named("lfpool_submissions_waiting"), now, is.waiting)
				db.add(named("lfpool_tasks_queued"), now, is.queued)
				db.add(named("lfpool_workers_limit"), now, limit)
				if is.run > 0 {
					db.add(named("lfpool_task_queue_seconds_sum"), now, waited)
					db.add(named("lfpool_task_queue_seconds_count"), now, tasks)
					db.add(named("lfpool_task_run_seconds_sum"), now, ran)
					db.add(named("lfpool_task_run_seconds_count"), now, tasks)
					n := l.tasksPerSecond * scrapeEvery.Seconds()
					waited, ran = waited+n*is.wait, ran+n*is.run
				}
			}
			n := l.tasksPerSecond * scrapeEvery.Seconds()
			tasks, reused, spawned = tasks+n, reused+n*l.reuse, spawned+n*(1-l.reuse)
			if now%evalEvery != 0 {
				continue
			}
			for _, r := range rules(t) {
				query, err := engine.NewInstantQuery(t.Context(), db, nil, r.Expr, time.UnixMilli(now.Milliseconds()))
				require.NoError(t, err)
				result := query.Exec(t.Context())
				require.NoError(t, result.Err)
				values, err := result.Vector()
				require.NoError(t, err)
				if r.Record != "" {
					for _, v := range values {
						db.add(labels.NewBuilder(v.Metric).Set("__name__", r.Record).Labels(), now, v.F)
					}
				} else if len(values) == 0 {
					delete(active, r.Alert)
				} else {
					require.Equal(t, "p", values[0].Metric.Get("pool"), "for the annotations")
					require.Equal(t, "i", values[0].Metric.Get("instance"), "for the annotations")
					if active[r.Alert] += evalEvery; active[r.Alert] > time.Duration(r.For) {
						fired[r.Alert] += evalEvery
					}
				}
				query.Close()
			}
		}
	}
	return fired
}

func TestAlerts(t *testing.T) {
	const fell, low = "LfpoolReuseFell", "LfpoolReuseLow"
	for name, c := range map[string]struct {
		load   []stretch
		alerts []string
	}{
		"steady":                     {[]stretch{{2 * time.Hour, 1000, 0.99}}, nil},
		"fell by a tenth":            {[]stretch{{90 * time.Minute, 1000, 0.99}, {30 * time.Minute, 1000, 0.89}}, nil},
		"fell by a fifth":            {[]stretch{{90 * time.Minute, 1000, 0.99}, {30 * time.Minute, 1000, 0.79}}, []string{fell}},
		"none for a minute":          {[]stretch{{90 * time.Minute, 1000, 0.65}, {time.Minute, 1000, 0}, {30 * time.Minute, 1000, 0.65}}, nil},
		"fell to a half":             {[]stretch{{90 * time.Minute, 1000, 0.99}, {30 * time.Minute, 1000, 0.5}}, []string{fell, low}},
		"low all the time":           {[]stretch{{2 * time.Hour, 1000, 0.55}}, []string{low}},
		"not low":                    {[]stretch{{2 * time.Hour, 1000, 0.65}}, nil},
		"low, with few tasks":        {[]stretch{{90 * time.Minute, 1000, 0.99}, {30 * time.Minute, 5, 0}}, nil},
		"no tasks":                   {[]stretch{{time.Hour, 1000, 0.99}, {time.Hour, 0, 0}}, nil},
		"fell long ago, and is even": {[]stretch{{30 * time.Minute, 1000, 0.99}, {3 * time.Hour, 1000, 0.7}}, []string{fell}},
	} {
		t.Run(name, func(t *testing.T) {
			var alerts []string
			for alert := range firing(t, c.load, nil) {
				alerts = append(alerts, alert)
			}
			assert.ElementsMatch(t, c.alerts, alerts)
		})
	}
}

// TestAFallIsNewsForAnHour: what was before the last hour does not count.
func TestAFallIsNewsForAnHour(t *testing.T) {
	fired := firing(t, []stretch{{90 * time.Minute, 1000, 0.99}, {3 * time.Hour, 1000, 0.7}}, nil)["LfpoolReuseFell"]
	assert.Greater(t, fired, 40*time.Minute)
	assert.Less(t, fired, time.Hour)
}

// TestSaturation: half an hour in, something happens to a pool with a limit.
func TestSaturation(t *testing.T) {
	const away, standing = "LfpoolTurnsAway", "LfpoolStandingQueue"
	const begin = 30 * time.Minute
	// ramp is a counter that grows by a second for length.
	ramp := func(now, length time.Duration, perSecond float64) float64 {
		return perSecond * min(max(now-begin, 0), length).Seconds()
	}
	for name, c := range map[string]struct {
		under  func(now time.Duration) pressure
		alerts []string
	}{
		"nothing":                   {func(time.Duration) pressure { return pressure{} }, nil},
		"231 000 refusals in 15 s":  {func(now time.Duration) pressure { return pressure{refused: ramp(now, 15*time.Second, 15400)} }, []string{away}},
		"one in a hundred gives up": {func(now time.Duration) pressure { return pressure{givenUp: ramp(now, time.Hour, 12)} }, []string{away}},
		"one in a hundred is shed":  {func(now time.Duration) pressure { return pressure{shed: ramp(now, time.Hour, 12)} }, []string{away}},
		"fewer are turned away":     {func(now time.Duration) pressure { return pressure{refused: ramp(now, time.Hour, 5)} }, nil},
		"a few refusals long ago":   {func(now time.Duration) pressure { return pressure{refused: 10 + ramp(now, 15*time.Second, 10)} }, nil},
		"bursts that the queue absorbs": {func(now time.Duration) pressure {
			return pressure{queued: map[bool]float64{true: 1000}[now%time.Minute == 0]}
		}, nil},
		"a queue as long as the limit": {func(now time.Duration) pressure { return pressure{queued: limit} }, nil},
		"a queue that stands":          {func(now time.Duration) pressure { return pressure{queued: limit + 1} }, []string{standing}},
		"callers that are held up":     {func(now time.Duration) pressure { return pressure{queued: 1, waiting: limit} }, []string{standing}},
		"a queue that stood for five minutes": {func(now time.Duration) pressure {
			return pressure{queued: ramp(now, 5*time.Minute, 1) - ramp(now-5*time.Minute, 5*time.Minute, 1)}
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var alerts []string
			for alert := range firing(t, []stretch{{time.Hour, 1000, 0.99}}, c.under) {
				alerts = append(alerts, alert)
			}
			assert.ElementsMatch(t, c.alerts, alerts)
		})
	}
}

// TestWaiting: an hour and a half in, tasks begin to wait or to run for longer.
func TestWaiting(t *testing.T) {
	const grows = "LfpoolWaitGrows"
	const began = 0.02 // seconds that tasks ran for before
	from := func(before, wait, run float64) func(now time.Duration) pressure {
		return func(now time.Duration) pressure {
			if now < 90*time.Minute {
				return pressure{wait: 0.01, run: before}
			}
			return pressure{wait: wait, run: run}
		}
	}
	after := func(wait, run float64) func(now time.Duration) pressure { return from(began, wait, run) }
	for name, c := range map[string]struct {
		under  func(now time.Duration) pressure
		alerts []string
	}{
		"as ever":                        {after(0.01, began), nil},
		"longer in queue":                {after(0.05, began), []string{grows}},
		"a little longer in queue":       {after(0.019, began), nil},
		"longer, but less than they run": {from(0.05, 0.03, 0.05), nil},
		"tasks have become slower":       {after(0.05, 0.03), nil},
		"not measured":                   {func(time.Duration) pressure { return pressure{} }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var alerts []string
			for alert := range firing(t, []stretch{{2 * time.Hour, 1000, 0.99}}, c.under) {
				alerts = append(alerts, alert)
			}
			assert.ElementsMatch(t, c.alerts, alerts)
		})
	}
}

// TestBusySeconds: 100 tasks a second, of which one in ten is measured and takes 20 ms,
// keep two places.
func TestBusySeconds(t *testing.T) {
	engine := promql.NewEngine(promql.EngineOpts{MaxSamples: 1e6, Timeout: time.Minute, Parser: parser.NewParser(parser.Options{})})
	t.Cleanup(func() { assert.NoError(t, engine.Close()) })
	db := &database{series: map[string]*series{}}
	named := func(name string) labels.Labels {
		return labels.FromStrings("__name__", name, "job", "j", "instance", "i", "pool", "p")
	}
	const length = 10 * time.Minute
	for now := time.Duration(0); now <= length; now += scrapeEvery {
		tasks := 100 * now.Seconds()
		db.add(named("lfpool_tasks_ended_total"), now, tasks)
		db.add(named("lfpool_task_run_seconds_count"), now, tasks/10)
		db.add(named("lfpool_task_run_seconds_sum"), now, tasks/10*0.02)
	}
	for _, r := range rules(t) {
		if !slices.Contains([]string{"instance_pool:lfpool_task_run_seconds:mean5m", "instance_pool:lfpool_busy_seconds:rate5m"}, r.Record) {
			continue
		}
		query, err := engine.NewInstantQuery(t.Context(), db, nil, r.Expr, time.UnixMilli(length.Milliseconds()))
		require.NoError(t, err)
		values, err := query.Exec(t.Context()).Vector()
		require.NoError(t, err)
		require.Len(t, values, 1, r.Record)
		db.add(named(r.Record), length, values[0].F)
		if r.Record == "instance_pool:lfpool_busy_seconds:rate5m" {
			assert.InDelta(t, 2, values[0].F, 0.01)
			query.Close()
			return
		}
		query.Close()
	}
	t.Fatal("no rule records it")
}
