package pool

import (
	"cmp"
	"container/list"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/lfpool/lfpool/internal/atomic"
)

// Fair shares a pool's limit between tenants: each has a queue of its own, and
// whenever a place is free the tenant whose turn it is starts a task, so that one
// tenant's flood makes it wait for itself and the others for one of its tasks at
// most. Make one with [NewFair] and a [Tenant] for each of those who share.
//
// What is shared is the time in which tasks keep places: a tenant with twice the
// weight gets twice as much, whether by many short tasks or few long ones, as long
// as both have tasks. What one does not use the others have. Above the weights
// stand priorities; see [WithPriority].
//
// The order is that of deficit round robin (M. Shreedhar, G. Varghese, Efficient
// Fair Queueing Using Deficit Round Robin, SIGCOMM 1995, doi:10.1145/217382.217453).
// Differs from it in that the price of a task is known only when it has ended: a
// tenant starts tasks while it has credit, pays what its tasks have taken lately on
// the average, and the rest at the end, and may come into debt.
//
// A Fair has at most as many tasks in the pool as the pool's limit allows, so
// other tasks of the pool wait for a few of the tenants' and not for all that are
// queued. Without a limit there is nothing to share: each task starts. A limit that
// was raised counts from the next submission, start or end of a task on.
//
// An idle tenant costs nothing but its own memory, which is garbage when nobody
// refers to it. Start and end of a task take a lock that all tenants of a Fair
// share. A panic and [runtime.Goexit] are what they are in any task of the pool.
type Fair struct {
	pool *Pool
	age  time.Duration // 0: priorities are strict

	// Guarded by mu.
	mu     atomic.Mutex
	levels []*fairLevel // those with queued tasks, the highest priority first
	queued int          // tasks that have not started
	turns  int          // rights to run tasks, each with one worker at most: in the pool's queue or in a worker
	coming int          // of these, those in the pool's queue
	idle   []*fairTurn  // that are not among these, to be used again
	mean   time.Duration

	inFlight int           // tasks that were accepted and have not ended
	waiting  int           // submissions that wait for a place
	none     chan struct{} // made by who waits for it; closed when inFlight has come to 0
}

// fairLevel is the tenants of a priority that have queued tasks.
type fairLevel struct {
	priority int
	since    time.Time // when it last had a task start, or came to have one queued; only with ageing
	current  *Tenant   // whose turn it is, or nil; in no ring
	ring     fifo[*Tenant]
	given    time.Duration // about how much credit a tenant of weight 1 has been given that has been here all the time
}

// Tenant is one of those that share a pool by a [Fair], which has made it.
type Tenant struct {
	fair     *Fair
	weight   int
	priority int

	// Guarded by the Fair's lock.
	room   room // the places of its bound
	tasks  fifo[func()]
	credit time.Duration // to start tasks on; below 0: debt
	mean   time.Duration // that its tasks took lately; 0: it has had none
	left   *fairLevel    // where it had its last queued task, and
	owed   time.Duration // what had been given there then
}

// fairTurn is a right to run tasks, and the task that it runs. It belongs to the
// worker that has it.
type fairTurn struct {
	of     *Fair
	take   func() // takes the turn; made once
	tenant *Tenant
	task   func()
	price  time.Duration // that the tenant has paid in advance
	began  time.Time
}

// fairWaiter is a submission that waits for a place in its tenant's bound.
type fairWaiter struct {
	f    func()
	at   *list.Element // in line; nil: accepted. Guarded by the Fair's lock
	done chan struct{} // closed when accepted
}

// FairOption sets up a [Fair].
type FairOption func(*Fair)

// WithAgeing lets tenants of a low priority rise: a level of tenants none of whose
// tasks has started for d although some were queued counts as one higher, for 2 d
// as two, until one starts. Without this option priorities are strict. It panics if
// d is not positive.
func WithAgeing(d time.Duration) FairOption {
	if d <= 0 {
		panic(fmt.Sprintf("pool.WithAgeing(%v): want a positive duration", d))
	}
	return func(f *Fair) { f.age = d }
}

// TenantOption sets up a [Tenant].
type TenantOption func(*Tenant)

// WithWeight gives a tenant w shares. The default is 1. It panics if w is not
// positive, or above 1 000 000.
func WithWeight(w int) TenantOption {
	if w < 1 || w > maxWeight {
		panic(fmt.Sprintf("pool.WithWeight(%d): want 1 to %d", w, maxWeight))
	}
	return func(t *Tenant) { t.weight = w }
}

const maxWeight = 1_000_000

// WithPriority gives a tenant a priority: while tenants with a higher one have
// queued tasks its own do not start; see [WithAgeing]. Tasks that run are not
// interrupted. The default is 0.
func WithPriority(p int) TenantOption {
	return func(t *Tenant) { t.priority = p }
}

// WithTenantBound bounds how many tasks of a tenant are accepted and have not
// ended. While there are n its submissions wait, in order. The default is no bound.
// It panics if n is not positive.
func WithTenantBound(n int) TenantOption {
	checkBound("pool.WithTenantBound", n)
	return func(t *Tenant) { t.room.bound = n }
}

// NewFair returns a Fair over p. It starts no goroutine, and there is nothing to
// close. It panics if p or an option is nil.
func NewFair(p *Pool, opts ...FairOption) *Fair {
	if p == nil {
		panic("pool.NewFair(nil): the pool is nil")
	}
	f := &Fair{pool: p, mean: leastPrice}
	for i, o := range opts {
		if o == nil {
			panic(fmt.Sprintf("pool.NewFair: the option at index %d is nil", i))
		}
		o(f)
	}
	register(&p.before, f, (*Fair).figures)
	return f
}

// Tenant returns a new tenant. It panics if an option is nil.
func (f *Fair) Tenant(opts ...TenantOption) *Tenant {
	t := &Tenant{fair: f, weight: 1}
	for i, o := range opts {
		if o == nil {
			panic(fmt.Sprintf("pool: Fair.Tenant: the option at index %d is nil", i))
		}
		o(t)
	}
	return t
}

// Go runs f when it is the tenant's turn, after its tasks that were accepted
// before; they may still run. It blocks only while the tenant's bound is reached:
// it does not wait for room in the pool. The call synchronizes before the start of
// f. It panics if f is nil.
func (t *Tenant) Go(f func()) {
	if f == nil {
		panic("pool: Tenant.Go(nil): the task is a nil func")
	}
	t.submit(context.Background(), t.fair.pool.accepted(f)) // no error: that context is never done
}

// TryGo is [Tenant.Go] for callers that must not wait: where Go would block it
// returns false, and f does not run. It panics if f is nil.
func (t *Tenant) TryGo(f func()) bool {
	if f == nil {
		panic("pool: Tenant.TryGo(nil): the task is a nil func")
	}
	f = t.fair.pool.accepted(f)
	t.fair.mu.Lock()
	ok := t.room.take()
	if ok {
		t.accept(f)
	} else {
		t.fair.pool.before.refused.Add(1)
	}
	t.fair.unlock()
	return ok
}

// GoContext is [Tenant.Go] with a context, as [Pool.GoContext] is Pool.Go with
// one: it waits until ctx is done at most and returns ctx's error then, and f
// does not run. Nor does it if ctx is done after GoContext has returned nil and
// before f starts: ctx and f are let go at once, its place is free when its turn has
// come, and the pool's Stats.Skipped counts it. f has the pprof labels and the trace
// task of ctx. It panics if ctx or f is nil.
func (t *Tenant) GoContext(ctx context.Context, f func(context.Context)) error {
	if ctx == nil {
		panic("pool: Tenant.GoContext(nil, ...): the context is nil")
	}
	if f == nil {
		panic("pool: Tenant.GoContext(ctx, nil): the task is a nil func")
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return t.fair.pool.revocably(ctx, f, func(run func()) error { return t.submit(ctx, run) })
}

// InFlight returns how many of the tenant's tasks were accepted and have not ended.
func (t *Tenant) InFlight() int {
	t.fair.mu.Lock()
	defer t.fair.mu.Unlock()
	return t.room.taken
}

func (t *Tenant) submit(ctx context.Context, f func()) error {
	t.fair.mu.Lock()
	if t.room.take() {
		t.accept(f)
		t.fair.unlock()
		return nil
	}
	w := &fairWaiter{f: f, done: make(chan struct{})}
	w.at = t.room.wait(w)
	t.fair.waiting++
	t.fair.mu.Unlock()
	select {
	case <-w.done:
		return nil
	case <-ctx.Done():
	}
	t.fair.mu.Lock()
	defer t.fair.mu.Unlock()
	if w.at == nil {
		return nil // at the same time: f finds its context done
	}
	t.room.line.Remove(w.at)
	t.fair.waiting--
	return ctx.Err()
}

// accept queues f, which has a place. The caller has the lock.
func (t *Tenant) accept(f func()) {
	s := t.fair
	if t.tasks.len() == 0 {
		s.activate(t)
	}
	s.inFlight++
	t.tasks.push(f)
	s.queued++
}

// activate puts t into the ring of its level, at the end. The caller has the lock.
func (f *Fair) activate(t *Tenant) {
	i, found := slices.BinarySearchFunc(f.levels, t.priority, func(l *fairLevel, p int) int { return cmp.Compare(p, l.priority) })
	if !found {
		l := &fairLevel{priority: t.priority}
		if f.age > 0 {
			l.since = time.Now()
		}
		f.levels = slices.Insert(f.levels, i, l)
	}
	l := f.levels[i]
	if t.left == l {
		// What others have been given meanwhile pays its debt, and no more: credit
		// is not saved.
		t.credit = min(t.credit+time.Duration(t.weight)*(l.given-t.owed), 0)
	} else {
		t.credit = 0 // there was a time when nobody waited
	}
	l.ring.push(t)
}

// unlock gives the lock back, and puts as many turns into the pool as there is use
// for, one by one: there may be as many as the pool's limit says, and each is to
// find a task.
func (f *Fair) unlock() {
	limit := f.pool.Limit()
	for f.coming < f.queued && (limit == NoLimit || f.turns < limit) {
		var t *fairTurn
		if n := len(f.idle); n > 0 {
			t, f.idle[n-1], f.idle = f.idle[n-1], nil, f.idle[:n-1]
		} else {
			t = &fairTurn{of: f}
			t.take = f.pool.Then(t.run, t.over)
		}
		f.turns++
		f.coming++
		f.mu.Unlock()
		t.pass()
		f.mu.Lock()
	}
	f.mu.Unlock()
}

// pass puts the turn into the pool. If the pool has no room now the turn waits for it
// in line with all others, in a goroutine of its own: a worker that waited would
// hold the place that it waits for. There are no more of these than the limit.
func (t *fairTurn) pass() {
	if !t.of.pool.tryTurn(t.take) {
		t.of.pool.waitWithTurn(t.take, nil)
	}
}

// level returns the index of the level whose turn it is at the time now, which
// is not needed without ageing. There is one, and the caller has the lock.
func (f *Fair) level(now time.Time) (best int) {
	if f.age == 0 {
		return 0
	}
	rank := func(l *fairLevel) int { return l.priority + int(now.Sub(l.since)/f.age) }
	for i, l := range f.levels {
		if rank(l) > rank(f.levels[best]) {
			best = i
		}
	}
	f.levels[best].since = now
	return best
}

// leastPrice is what a task is taken to cost at least, so that those of no time at
// all count, too.
const leastPrice = time.Microsecond

// next takes out the task that is to start, and its tenant, which pays price in
// advance. There is one, and the caller has the lock.
func (f *Fair) next(now time.Time) (t *Tenant, task func(), price time.Duration) {
	i := f.level(now)
	l := f.levels[i]
	for visits := 0; ; visits++ {
		if t = l.current; t == nil {
			if visits == l.ring.len() {
				l.skip(f.mean) // all are in debt
			}
			l.given += f.mean / time.Duration(l.ring.len())
			t, _ = l.ring.pop()
			t.credit += time.Duration(t.weight) * f.mean
			l.current = t
		}
		if t.credit > 0 {
			break
		}
		l.ring.push(t)
		l.current = nil
	}
	if price = t.mean; price == 0 {
		price = f.mean
	}
	t.credit -= price
	task, _ = t.tasks.pop()
	f.queued--
	if t.tasks.len() == 0 {
		t.left, t.owed = l, l.given
		l.current = nil
		if l.ring.len() == 0 {
			f.levels = slices.Delete(f.levels, i, i+1)
		}
	}
	return t, task, price
}

// skip does at once the rounds in which none of the level would come out of debt.
func (l *fairLevel) skip(quantum time.Duration) {
	tenants := l.ring.buf[l.ring.head:]
	rounds := time.Duration(math.MaxInt64)
	for _, t := range tenants {
		rounds = min(rounds, max(-t.credit, 0)/(time.Duration(t.weight)*quantum))
	}
	for _, t := range tenants {
		t.credit += rounds * time.Duration(t.weight) * quantum
	}
	l.given += rounds * quantum
}

// end has the turn's tenant pay for its task, which has ended at the time now, and
// frees its place. The caller has the lock.
func (t *fairTurn) end(now time.Time) {
	f, tenant := t.of, t.tenant
	d := max(now.Sub(t.began), leastPrice)
	tenant.credit -= d - t.price
	f.mean += (d - f.mean) / 8
	if tenant.mean == 0 {
		tenant.mean = d
	} else {
		tenant.mean += (d - tenant.mean) / 8
	}
	if w, ok := tenant.room.leave().(*fairWaiter); ok {
		w.at = nil
		f.waiting--
		tenant.accept(w.f)
		close(w.done)
	}
	if f.inFlight--; f.inFlight == 0 && f.none != nil {
		close(f.none)
		f.none = nil
	}
	t.tenant, t.task = nil, nil
}

// leave takes the turn back. The caller has the lock.
func (t *fairTurn) leave() {
	t.of.turns--
	if len(t.of.idle) < keptTurns {
		t.of.idle = append(t.of.idle, t)
	}
}

// keptTurns is how many turns are kept to be used again.
const keptTurns = 64

// run takes a turn: it runs one task after the other, and is put into the pool's
// queue again as the turn of a key is, see turnTime.
func (t *fairTurn) run() {
	f := t.of
	f.mu.Lock()
	f.coming--
	began := time.Now()
	now := began
	n, told := 0, f.pool.told()
	defer func() { f.pool.endTurn(n) }()
	for {
		if limit := f.pool.Limit(); f.queued == 0 || limit != NoLimit && f.turns > limit {
			t.leave()
			f.unlock()
			return
		}
		if n == turnTasks || n > 0 && (now.Sub(began) >= turnTime || f.pool.told() != told) {
			f.coming++
			f.unlock()
			t.pass()
			return
		}
		if n > 0 {
			f.pool.nextTask()
		}
		n++
		t.tenant, t.task, t.price = f.next(now)
		t.began = now
		f.unlock()
		t.task()
		now = time.Now()
		f.mu.Lock()
		t.end(now)
	}
}

// over is called when run is. A task that panicked or exited has not been ended by
// it.
func (t *fairTurn) over(e End) {
	if e == Returned {
		return
	}
	f, now := t.of, time.Now()
	f.mu.Lock()
	t.end(now)
	t.leave() // unlock puts one into the pool, if there is use for it
	f.unlock()
}

// Drain returns at an instant at which no tenant has a task: also what the tasks submit
// to tenants has ended then. Or it returns, with ctx's error, when ctx is done: so it
// does if it is called by a task of a tenant, or beside tasks without an end. The end of
// each task synchronizes before the return. It panics if ctx is nil.
//
// [Pool.Drain] does not wait for what the tenants have queued. So drain f first.
func (f *Fair) Drain(ctx context.Context) error {
	if ctx == nil {
		panic("pool: Fair.Drain(nil): the context is nil")
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	f.mu.Lock()
	if f.inFlight == 0 {
		f.mu.Unlock()
		return nil
	}
	if f.none == nil {
		f.none = make(chan struct{})
	}
	none := f.none
	f.mu.Unlock()
	select {
	case <-none:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (f *Fair) figures() beforeFigures {
	f.mu.Lock()
	defer f.mu.Unlock()
	return beforeFigures{max(f.queued-f.coming, 0), f.waiting}
}
