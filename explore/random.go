package explore

import (
	"math"
	"math/bits"
	"math/rand/v2"
)

// never is in strategies that have no use for races.
type never struct{}

func (never) race(*Run, int, int, *thread, clock) {}

func (never) bounded() bool { return false }

func (never) reduces() bool { return false }

// walk takes a random branch in each state.
type walk struct {
	never
	rand      *rand.Rand
	bound     int
	length    int // of a run, about
	spent     int
	logWeight float64 // of the inverse of the walk's probability
}

func newWalk(seed uint64, bound, length int) *walk {
	return &walk{rand: rand.New(rand.NewPCG(seed, 0)), bound: bound, length: length}
}

func (w *walk) choose(r *Run, enabled uint64) *thread {
	n := r.node(enabled)
	options := enabled
	free := uint64(0)
	for set := enabled; set != 0; set &= set - 1 {
		if n.cost(bits.TrailingZeros64(set)) == 0 {
			free |= set & -set
		}
	}
	if costly := enabled &^ free; w.bound >= 0 && free != 0 && costly != 0 {
		// With a bound, one that is used up at once would be the rule if all
		// branches were alike.
		preempt := float64(w.bound) / float64(max(w.length, w.bound+1))
		switch {
		case w.spent == w.bound:
			options = free
		case w.rand.Float64() < preempt:
			options = costly
			w.logWeight -= math.Log(preempt)
		default:
			options = free
			w.logWeight -= math.Log1p(-preempt)
		}
	}
	count := bits.OnesCount64(options)
	w.logWeight += math.Log(float64(count))
	for range w.rand.IntN(count) {
		options &= options - 1
	}
	id := bits.TrailingZeros64(options)
	w.spent += n.cost(id)
	return r.threads[id]
}

// pct gives the turn to the goroutine with the highest priority (Burckhardt and
// others 2010, "A randomized scheduler with probabilistic guarantees of finding
// bugs").
type pct struct {
	never
	rand     *rand.Rand
	priority []int       // by goroutine; those that have not fallen are above depth
	falls    map[int]int // step: the priority that the one which has the turn falls to
	depth    int
}

// newPCT returns a strategy for one run of about length steps.
func newPCT(seed, run uint64, depth, length int) *pct {
	p := &pct{rand: rand.New(rand.NewPCG(seed, run)), depth: depth, falls: map[int]int{}}
	for d := 1; d < depth; d++ {
		p.falls[p.rand.IntN(max(length, 1))] = depth - d
	}
	return p
}

func (p *pct) choose(r *Run, enabled uint64) *thread {
	for len(p.priority) < len(r.threads) {
		// A newcomer's priority is at random among those of the others.
		p.priority = append(p.priority, p.depth+p.rand.IntN(1<<30))
	}
	if fall, ok := p.falls[len(r.trace)]; ok {
		p.priority[p.highest(enabled)] = fall
	}
	return r.threads[p.highest(enabled)]
}

func (p *pct) highest(enabled uint64) int {
	best := -1
	for ; enabled != 0; enabled &= enabled - 1 {
		if id := bits.TrailingZeros64(enabled); best < 0 || p.priority[id] > p.priority[best] {
			best = id
		}
	}
	return best
}

// random runs PCT's schedules. The length of the first ones is a guess from
// the runs before; those that turn out longer are not counted.
func (x *explorer) random() {
	x.result.Depth = x.depth
	first := x.run(newPCT(x.seed, 0, 1, 1), false)
	length, threads := len(first.trace), len(first.threads)
	if first.err != nil {
		x.result.Schedules = 1
		x.failed(first)
		return
	}
	missed := 0.0 // logarithm
	for run := 1; run <= x.runs; run++ {
		r := x.run(newPCT(x.seed, uint64(run), x.depth, length), false)
		x.result.Schedules++
		if x.end != nil {
			x.end(r)
		}
		if r.err != nil {
			x.failed(r)
			return
		}
		if len(r.trace) <= length && len(r.threads) <= threads {
			missed += math.Log1p(-1 / (float64(threads) * math.Pow(float64(length), float64(x.depth-1))))
		}
		length, threads = max(length, len(r.trace)), max(threads, len(r.threads))
	}
	x.result.Missed = math.Exp(missed)
	x.estimate()
}
