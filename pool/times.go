package pool

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"math/bits"
	"math/rand/v2"
	"time"

	"github.com/lfpool/lfpool/internal/atomic"
	"github.com/lfpool/lfpool/lfqueue"
	"github.com/lfpool/lfpool/padded"
)

// How long tasks wait and run.
//
// To read the clock costs as much as half a task, so it is read for a sample of
// the tasks. Which ones is drawn at random: by a count, tasks that come in a
// pattern would be measured at one place of the pattern only. A task of the sample
// is wrapped by its submitter, and the wrapper has the stamp. So the queue, the
// workers and all other tasks know nothing of it, and a pool without WithTimes has
// not an instruction more for it: a pool with it submits as one that has a backlog
// does (goAside).
//
// A task that is to be queued needs no random number of its own, which would cost as
// much as a quarter of the task. Its place in the queue is another for each task, and a
// hash of that draws it. A task that wakes a worker has no place, and gets a random
// number: the wake-up costs many times that.

// WithTimes has the pool measure how long tasks wait and how long they run, of
// about one task in n, which is drawn at random: see Stats.QueueTime and
// Stats.RunTime. 1 measures all. The draw costs a queued task less than a nanosecond,
// and others six; a task of the sample three looks at the clock and an allocation, 250
// ns in all (BenchmarkTimes). The default is to measure none. It panics if n is not
// positive.
func WithTimes(n int) Option {
	if n < 1 {
		panic(fmt.Sprintf("pool.WithTimes(%d): want a positive number", n))
	}
	return Option{set: func(p *Pool) {
		p.times = &times{one: uint64(n), below: math.MaxUint64 / uint64(n), seed: rand.Uint64()}
	}}
}

// times is what a pool has measured.
type times struct {
	one             uint64 // task in so many is measured
	below           uint64 // a hash is below it as often
	seed            uint64 // so that it is not the same tasks in each pool
	queued, running histogram
}

// drawsByPlace reports whether tasks that are queued are drawn by their places: not if
// all are measured, or if they may wait before.
func (p *Pool) drawsByPlace() bool {
	return p.times != nil && p.times.one > 1 && p.gate == nil && p.newTasks == nil && !p.handOff && !p.apart
}

// submitDrawn is submit for a pool that draws by places. The fork is that of submitIn.
func (p *Pool) submitDrawn(f func()) {
	l := p.homeLane()
	if l.search.Load() == none {
		p.submitIn(l, p.measured(f))
		return
	}
	q := l.tasks.(*lfqueue.Seg[func()])
	if p.times.drawPlace(q.End()) {
		f = p.times.stamped(f)
	}
	q.Enqueue(f)      // by its type, and so 1 ns sooner than in enqueue
	p.wakeOne(l, nil) // needs store-load: enqueue, then look at the word
}

// drawPlace draws, or not, a task that will have that place in a queue. (Or the next:
// another submitter may be there first, and two tasks may then be drawn by one number.
// The part that is drawn is the same.) The hash is SplitMix64's (Steele, Lea and Flood
// 2014, doi:10.1145/2660193.2660195): one that mixes less draws some places of a pattern
// twice as often as others.
func (t *times) drawPlace(place uint64) bool {
	h := place + t.seed
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h^h>>31 < t.below
}

// stamped returns f as a task that is measured.
func (t *times) stamped(f func()) func() {
	called := clock()
	return func() { t.run(called, f) }
}

// measured returns f, which is about to be submitted, as a task that is measured
// if it is drawn.
func (p *Pool) measured(f func()) func() {
	t := p.times
	if t == nil || !t.draw() {
		return f
	}
	return t.stamped(f)
}

// measuredContext is measured for a task with a context, of which those that are
// skipped are not measured.
func (p *Pool) measuredContext(f func(context.Context)) func(context.Context) {
	t := p.times
	if t == nil || !t.draw() {
		return f
	}
	called := clock()
	return func(ctx context.Context) { t.run(called, func() { f(ctx) }) }
}

func (t *times) draw() bool { return t.one == 1 || rand.Uint64N(t.one) == 0 }

// run runs f, for which the pool was called at that time.
func (t *times) run(called time.Duration, f func()) {
	began := clock()
	t.queued.add(began - called)
	defer func() { t.running.add(clock() - began) }() // a Goexit and a panic end a task too
	f()
}

// Histogram counts durations in buckets, each of which is twice as wide as the one
// before it. So a quantile is known within a factor of two.
type Histogram struct {
	Count int64         // durations
	Sum   time.Duration // of them
	// Buckets has in element i those above Bound(i-1), up to and including Bound(i);
	// in the first also all shorter ones, and in the last also all longer ones.
	Buckets [HistogramBuckets]int64
}

const (
	// HistogramBuckets is how many buckets a [Histogram] has: the first goes to 2^-20
	// s, about a microsecond, and the last but one to 2^7 s, about two minutes.
	HistogramBuckets = 29
	firstExponent    = -20 // of 2, in seconds, the first bound
)

// Bound returns the upper bound of bucket i in seconds, a power of two; that of the
// last one is infinite. It panics if there is no bucket i.
func (Histogram) Bound(i int) float64 {
	switch {
	case i < 0 || i >= HistogramBuckets:
		panic(fmt.Sprintf("pool: Histogram.Bound(%d): want 0 to %d", i, HistogramBuckets-1))
	case i == HistogramBuckets-1:
		return math.Inf(1)
	}
	return math.Ldexp(1, firstExponent+i)
}

// Mean returns the mean of the durations, or 0 if there are none.
func (h Histogram) Mean() time.Duration {
	if h.Count == 0 {
		return 0
	}
	return h.Sum / time.Duration(h.Count)
}

// Quantile returns a duration that about the part q of the durations do not exceed:
// the bound of the bucket that has it, so at most twice as much; 0 if there are
// none, and the longest Duration if it is in the last bucket. It panics unless q is
// from 0 to 1.
func (h Histogram) Quantile(q float64) time.Duration {
	if !(q >= 0 && q <= 1) {
		panic(fmt.Sprintf("pool: Histogram.Quantile(%v): want 0 to 1", q))
	}
	rank := max(int64(math.Ceil(q*float64(h.Count))), 1)
	for i, n := range h.Buckets {
		if rank -= n; rank <= 0 {
			if i == HistogramBuckets-1 {
				return math.MaxInt64
			}
			return time.Duration(h.Bound(i) * float64(time.Second))
		}
	}
	return 0
}

// LogValue makes a group of what there is to know at a glance, for package
// log/slog.
func (h Histogram) LogValue() slog.Value {
	return slog.GroupValue(slog.Int64("count", h.Count), slog.Duration("mean", h.Mean()),
		slog.Duration("p50", h.Quantile(0.5)), slog.Duration("p99", h.Quantile(0.99)))
}

// plus returns h and g together.
func (h Histogram) plus(g Histogram) Histogram {
	h.Count += g.Count
	h.Sum += g.Sum
	for i, n := range g.Buckets {
		h.Buckets[i] += n
	}
	return h
}

// bucket returns the index of the bucket for d.
func bucket(d time.Duration) int {
	const first = -firstExponent // a unit is 2^-first s, the first bound
	if d <= 0 {
		return 0
	}
	units := (uint64(min(d, time.Hour))<<first - 1) / uint64(time.Second) // rounded down, and a bound is in the bucket that it bounds
	return min(bits.Len64(units), HistogramBuckets-1)
}

// histogram is a Histogram that any number of goroutines add to at a time.
type histogram struct {
	sum     padded.Int64 // apart from what submitters read
	buckets [HistogramBuckets]atomic.Int64
}

func (h *histogram) add(d time.Duration) {
	h.sum.Add(int64(d))
	h.buckets[bucket(d)].Add(1)
}

// load returns what was added. Count is the sum of the buckets, so that the three
// agree; Sum may be ahead or behind by what is being added.
func (h *histogram) load() (now Histogram) {
	now.Sum = time.Duration(h.sum.Load())
	for i := range h.buckets {
		now.Buckets[i] = h.buckets[i].Load()
		now.Count += now.Buckets[i]
	}
	return now
}
