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

// Add shows p under its name, the one of [pool.WithName], so that metrics, profile
// labels and traces call it the same. The collector keeps p from being collected as
// garbage until [Collector.Remove]. Add panics if p is nil or has no name, or if the
// name is not UTF-8 or that of a pool that is shown.
func (c *Collector) Add(p *pool.Pool) {
	if p == nil {
		panic("metrics: Collector.Add(nil): the pool is nil")
	}
	name := p.Name()
	if name == "" {
		panic("metrics: Collector.Add: the pool has no name: give it one with pool.WithName")
	}
	if !utf8.ValidString(name) {
		panic(fmt.Sprintf("metrics: Collector.Add: the pool's name, %q, is not UTF-8", name))
	}
	s := &source{name: name, pool: p}
	c.mu.Lock()
	defer c.mu.Unlock()
	at, taken := c.find(name)
	if taken {
		panic(fmt.Sprintf("metrics: Collector.Add(%q): there is a pool of this name already", name))
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
	for _, d := range distributions {
		ch <- d.desc
	}
}

// Collect is for Prometheus.
func (c *Collector) Collect(ch chan<- prometheus.Metric) {
	c.mu.Lock()
	pools := slices.Clone(c.pools) // so that a slow scraper keeps nobody from Add
	c.mu.Unlock()
	for _, s := range pools {
		s.collect(ch)
	}
}

// source is one pool that is shown.
type source struct {
	name string
	pool *pool.Pool

	mu     sync.Mutex
	reused int64 // guarded by mu: the highest that was shown
}

func (s *source) collect(ch chan<- prometheus.Metric) {
	stats := s.read()
	for _, m := range table {
		if v := m.value(stats); !math.IsNaN(v) {
			ch <- prometheus.MustNewConstMetric(m.desc, m.kind, v, append([]string{s.name}, m.labels...)...)
		}
	}
	if stats.QueueTime.Count > 0 { // the pool measures
		for _, d := range distributions {
			ch <- histogram{d.desc, []string{s.name}, d.value(stats)}
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
