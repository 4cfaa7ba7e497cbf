// Package metrics shows pools to Prometheus.
//
// One [Collector] shows any number of pools, told apart by the label pool. It
// reads a pool's [pool.Stats] when it is scraped and costs nothing otherwise.
// README.md has the table of metrics; rules.yml and dashboard.json, beside it,
// are rules for Prometheus and a dashboard for Grafana.
package metrics

import (
	"fmt"
	"math"
	"slices"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/lfpool/lfpool/pool"
)

// Collector is a [prometheus.Collector] of the pools that were added to it.
// Make one with [NewCollector] and register it once. Its methods may be called
// from any goroutine.
type Collector struct {
	mu    sync.Mutex
	pools []*source // by name
}

// NewCollector returns a collector without pools.
func NewCollector() *Collector { return new(Collector) }

// Option is one of the functions With...
type Option func(*source)

// WithLoad gives the pool a metric for the tasks in progress for each request
// in progress: see lfpool_tasks_per_request in README.md. load returns how many
// requests arrive in a second and how long one takes on average, both of late;
// it is called at each scrape. While one of them is not positive and finite
// there is no such metric. It panics if load is nil.
func WithLoad(load func() (perSecond float64, latency time.Duration)) Option {
	if load == nil {
		panic("metrics.WithLoad(nil): the function is nil")
	}
	return func(s *source) { s.load = load }
}

// WithName has the label pool show that name, and not the pool's own: for pools that
// have none, or share one. It panics if name is empty or not UTF-8.
func WithName(name string) Option {
	switch {
	case name == "":
		panic(`metrics.WithName(""): the name is empty`)
	case !utf8.ValidString(name):
		panic(fmt.Sprintf("metrics.WithName(%q): the name is not UTF-8", name))
	}
	return func(s *source) { s.name = name }
}

// Add shows p, under its own name ([pool.WithName]) or that of [WithName]. The collector
// keeps p from being collected as garbage until [Collector.Remove]. It panics if p is
// nil, or has no name, or one that is not UTF-8 or that of a pool which is shown.
func (c *Collector) Add(p *pool.Pool, opts ...Option) {
	if p == nil {
		panic("metrics: Collector.Add(nil): the pool is nil")
	}
	s := &source{name: p.Name(), pool: p}
	for i, o := range opts {
		if o == nil {
			panic(fmt.Sprintf("metrics: Collector.Add: the option at index %d is nil", i))
		}
		o(s)
	}
	switch {
	case s.name == "":
		panic("metrics: Collector.Add: the pool has no name: give it one by pool.WithName, or say metrics.WithName")
	case !utf8.ValidString(s.name):
		panic(fmt.Sprintf("metrics: Collector.Add: the pool's name %q is not UTF-8: say metrics.WithName", s.name))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	at, taken := c.find(s.name)
	if taken {
		panic(fmt.Sprintf("metrics: Collector.Add: a pool is shown as %q already: say metrics.WithName", s.name))
	}
	c.pools = slices.Insert(c.pools, at, s)
}

// Remove shows the pool of that name no longer, and reports whether it was
// shown. To Prometheus, adding another pool under the name is a reset.
func (c *Collector) Remove(name string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	at, shown := c.find(name)
	if shown {
		c.pools = slices.Delete(c.pools, at, at+1)
	}
	return shown
}

// find returns where the pool of that name stands, or would. The caller has the
// lock.
func (c *Collector) find(name string) (at int, found bool) {
	return slices.BinarySearchFunc(c.pools, name, func(s *source, name string) int {
		switch {
		case s.name < name:
			return -1
		case s.name > name:
			return 1
		}
		return 0
	})
}

// Describe is for Prometheus.
func (c *Collector) Describe(ch chan<- *prometheus.Desc) {
	for _, m := range table {
		ch <- m.desc
	}
}

// Collect is for Prometheus.
func (c *Collector) Collect(ch chan<- prometheus.Metric) {
	c.mu.Lock()
	pools := slices.Clone(c.pools) // so that a slow load function or scraper keeps nobody from Add
	c.mu.Unlock()
	for _, s := range pools {
		s.collect(ch)
	}
}

// source is one pool that is shown.
type source struct {
	name string
	pool *pool.Pool
	load func() (perSecond float64, latency time.Duration) // or nil

	mu     sync.Mutex
	reused int64 // guarded by mu: the highest that was shown
}

func (s *source) collect(ch chan<- prometheus.Metric) {
	r := reading{stats: s.read()}
	if s.load != nil {
		perSecond, latency := s.load()
		r.requests = perSecond * latency.Seconds()
	}
	for _, m := range table {
		if v := m.value(r); !math.IsNaN(v) {
			ch <- prometheus.MustNewConstMetric(m.desc, m.kind, v, append([]string{s.name}, m.labels...)...)
		}
	}
}

// read returns the pool's figures, none of its counts lower than before. The
// pool's own Reused may fall for an instant, since it is a difference of two
// counts. Prometheus would take that for a restart and add the whole count once
// more.
func (s *source) read() pool.Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.pool.Stats()
	now.Reused = max(now.Reused, s.reused)
	s.reused = now.Reused
	return now
}
