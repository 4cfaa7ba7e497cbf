package pool

import (
	"container/list"
	"context"
	"fmt"
	"hash/maphash"
	"math/bits"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sys/cpu"

	"github.com/lfpool/lfpool/internal/atomic"
	"github.com/lfpool/lfpool/internal/binary"
)

// Keyed runs tasks in a pool, those of a key one at a time in the order in which
// they were submitted, those of different keys side by side. Make one with
// [NewKeyed]. Its methods may be called from any goroutine, its tasks included.
//
// A key needs nothing while it has no task: no goroutine, no entry. While it has
// some, one worker runs them, whichever is free, and after at most 64 of them or
// about 100 us goes on to others: the key's turn is put into the pool's queue
// again. So a slow key holds up no other key, and no key with endless tasks holds
// up other users of the pool. Under a limit of n at most n keys run at a time.
//
// The end of a task synchronizes before the start of the next one of its key. A
// panic and [runtime.Goexit] are what they are in any task of the pool, and then
// the key's next task has its turn; after a panic when the pool's handler has
// returned.
//
// A method panics if the key does not equal itself, as a NaN, or if it cannot be
// compared.
type Keyed[K comparable] struct {
	pool   *Pool
	seed   maphash.Seed
	bound  int           // for each key; 0: none
	shards []keyShard[K] // one, if there is a total bound
	free   atomic.Pool   // of *keyLine[K]
}

// keyShard has the lines of the keys that hash to it.
type keyShard[K comparable] struct {
	mu              atomic.Mutex
	lines           map[K]*keyLine[K]
	most            int           // that were in lines since it was made
	all             room          // the places of the total bound; those taken are the tasks accepted and not ended
	ever            uint64        // tasks accepted
	queued, waiting int           // tasks in lines, but for those that have their key's turn; submissions that wait
	empty           chan struct{} // made by who waits for it; closed when the shard has no line
	_               cpu.CacheLinePad
}

// keptKeys is how large a map may have been that is kept when it is empty: maps do
// not shrink.
const keptKeys = 1024

// keyLine is a key that has tasks, or submissions that wait. It stands in its
// shard's map for as long: while room.taken is positive.
//
// Its turn is the right to run its tasks. There is one turn at most, so next and
// late belong to the one goroutine that has it, the pool's queue in between.
type keyLine[K comparable] struct {
	of    *Keyed[K]
	shard *keyShard[K]
	turn  func() // takes the turn; made once

	// Guarded by the shard's lock.
	key   K
	room  room // the places of the key's bound
	tasks fifo[func()]
	taken bool       // somebody has the turn
	in    *admission // not nil: the turn waits for room in the pool, or has waited and is about to be taken

	// Of whoever has the turn.
	next  func() // what is to be run first
	late  bool   // in was set for it
	again bool   // it is not the first turn since the key had no task
}

// admission is closed when a turn has room in the pool, and before it is taken.
// It is apart from its line, which may be another key's when the pool says that
// there was room.
type admission struct {
	once sync.Once
	done chan struct{}
}

func (a *admission) close() { a.once.Do(func() { close(a.done) }) }

// open reports whether the turn still waits for room.
func (a *admission) open() bool {
	if a == nil {
		return false
	}
	select {
	case <-a.done:
		return false
	default:
		return true
	}
}

// await waits until a is closed, or ctx is done: then it returns its error, and
// the submitter's task finds the same when its turn comes. (A task that has found
// ctx not done has started after the close, so the submitter sees that.)
func (a *admission) await(ctx context.Context) error {
	if !a.open() {
		return nil
	}
	select {
	case <-a.done:
		return nil
	case <-ctx.Done():
	}
	if a.open() {
		return ctx.Err()
	}
	return nil
}

// keyWaiter is a submission that waits for a place. Whoever gives it the place
// puts its task where it belongs, so that tasks stay in the order of the line
// whichever submitter runs first.
type keyWaiter[K comparable] struct {
	line *keyLine[K]
	f    func()
	at   *list.Element // in the line of which; nil: accepted. Guarded by the shard's lock
	of   *room
	done chan struct{} // closed when accepted, after in was written
	in   *admission    // what there is to wait for then, or nil: see pass
}

// KeyedOption sets up a [Keyed].
type KeyedOption func(*keyedBounds)

type keyedBounds struct{ key, all int }

// WithKeyBound bounds how many tasks of a key are accepted and have not ended.
// While a key has n its submissions wait, in order, and hold up no other key. The
// default is no bound. It panics if n is not positive.
func WithKeyBound(n int) KeyedOption {
	checkBound("pool.WithKeyBound", n)
	return func(b *keyedBounds) { b.key = n }
}

// WithTotalBound bounds how many tasks of all keys together are accepted and have
// not ended. While there are n submissions wait, in order. One key may have all
// n; see [WithKeyBound]. The default is no bound. It panics if n is not positive.
func WithTotalBound(n int) KeyedOption {
	checkBound("pool.WithTotalBound", n)
	return func(b *keyedBounds) { b.all = n }
}

func checkBound(name string, n int) {
	if n < 1 {
		panic(fmt.Sprintf("%s(%d): want a positive number", name, n))
	}
}

// NewKeyed returns a Keyed whose tasks run in p. It starts no goroutine, and there
// is nothing to close. It panics if p or an option is nil.
func NewKeyed[K comparable](p *Pool, opts ...KeyedOption) *Keyed[K] {
	if p == nil {
		panic("pool.NewKeyed(nil): the pool is nil")
	}
	var b keyedBounds
	for i, o := range opts {
		if o == nil {
			panic(fmt.Sprintf("pool.NewKeyed: the option at index %d is nil", i))
		}
		o(&b)
	}
	// Several shards for each processor, so that two seldom meet in one.
	n := 1 << bits.Len(uint(8*runtime.GOMAXPROCS(0)-1))
	if binary.Race {
		n = 1 << 10 // two that meet would be ordered for the race detector
	}
	if b.all > 0 {
		n = 1 // the places are for all keys, and are served in order
	}
	k := &Keyed[K]{pool: p, seed: maphash.MakeSeed(), bound: b.key, shards: make([]keyShard[K], n)}
	k.shards[0].all.bound = b.all
	register(&p.before, k, (*Keyed[K]).figures)
	return k
}

// Go runs f after the tasks of key that were accepted before. It blocks while a
// bound is reached, and, in a pool with a backlog bound, while the key waits for
// room there. A task that calls it may wait for what only its own end would give:
// see [Keyed.TryGo]. The call synchronizes before the start of f. It panics if f
// is nil.
func (k *Keyed[K]) Go(key K, f func()) {
	if f == nil {
		panic("pool: Keyed.Go(key, nil): the task is a nil func")
	}
	k.submit(context.Background(), k.shard(key), key, k.pool.accepted(f)) // no error: that context is never done
}

// GoContext is [Keyed.Go] with a context, as [Pool.GoContext] is Pool.Go with
// one: it waits until ctx is done at most and returns ctx's error then, and f
// does not run. Nor does it if ctx is done after GoContext has returned nil and
// before f starts: ctx and f are let go at once, its place is free when its turn has
// come, and the pool's Stats.Skipped counts it. f has the pprof labels and the trace
// task of ctx. It panics if ctx or f is nil.
func (k *Keyed[K]) GoContext(ctx context.Context, key K, f func(context.Context)) error {
	if ctx == nil {
		panic("pool: Keyed.GoContext(nil, ...): the context is nil")
	}
	if f == nil {
		panic("pool: Keyed.GoContext(ctx, key, nil): the task is a nil func")
	}
	s := k.shard(key)
	if err := ctx.Err(); err != nil {
		return err
	}
	return k.pool.revocably(ctx, f, func(run func()) error { return k.submit(ctx, s, key, run) })
}

// TryGo is [Keyed.Go] for callers that must not wait: where Go would block it
// returns false, and f does not run. It panics if f is nil.
func (k *Keyed[K]) TryGo(key K, f func()) bool {
	if f == nil {
		panic("pool: Keyed.TryGo(key, nil): the task is a nil func")
	}
	ok := k.tryGo(key, k.pool.accepted(f))
	if !ok {
		k.pool.before.refused.Add(1)
	}
	return ok
}

func (k *Keyed[K]) tryGo(key K, f func()) bool {
	s := k.shard(key)
	s.mu.Lock()
	l := k.line(s, key)
	if l.in.open() || !l.room.take() {
		s.mu.Unlock()
		return false
	}
	if !s.all.take() {
		l.leave(nil) // nobody waits for the place that was free
		s.mu.Unlock()
		return false
	}
	mine, _ := l.accept(f)
	s.mu.Unlock()
	if !mine || k.pool.tryTurn(l.turn) {
		return true
	}
	if l.end() { // others have been accepted behind f meanwhile
		l.pass()
	}
	return false
}

// shard returns the shard of key.
func (k *Keyed[K]) shard(key K) *keyShard[K] {
	if key != key { // a NaN: it could be put into a map and never be found again
		panic(fmt.Sprintf("pool: Keyed: the key %v does not equal itself", key))
	}
	return &k.shards[maphash.Comparable(k.seed, key)&uint64(len(k.shards)-1)]
}

// line returns the line of key, which may be a new one. The caller has the lock of
// s, and takes a place or is refused one because others have all of them.
func (k *Keyed[K]) line(s *keyShard[K], key K) *keyLine[K] {
	l := s.lines[key]
	if l != nil {
		return l
	}
	l, _ = k.free.Get().(*keyLine[K])
	if l == nil {
		l = &keyLine[K]{of: k}
		l.room.bound = k.bound
		l.turn = k.pool.Then(l.run, l.over)
	}
	if s.lines == nil {
		s.lines = make(map[K]*keyLine[K])
	}
	l.key, l.shard, s.lines[key] = key, s, l
	s.most = max(s.most, len(s.lines))
	return l
}

// submit waits for the places, queues f, and sees to it that somebody has the
// turn.
func (k *Keyed[K]) submit(ctx context.Context, s *keyShard[K], key K, f func()) error {
	s.mu.Lock()
	l := k.line(s, key)
	full := &l.room
	if l.room.take() {
		full = &s.all
		if s.all.take() {
			mine, in := l.accept(f)
			s.mu.Unlock()
			if mine {
				in = l.pass() // from here on the line may be another key's
			}
			return in.await(ctx)
		}
	}
	w := &keyWaiter[K]{line: l, f: f, done: make(chan struct{})}
	w.wait(full)
	s.waiting++
	s.mu.Unlock()
	select {
	case <-w.done:
		return w.in.await(ctx)
	case <-ctx.Done():
	}
	s.mu.Lock()
	if w.at == nil { // accepted at the same time
		s.mu.Unlock()
		<-w.done
		return w.in.await(ctx)
	}
	w.of.line.Remove(w.at)
	s.waiting--
	var given []*keyWaiter[K]
	if w.of == &s.all {
		given, _ = l.leave(nil)
	}
	s.mu.Unlock()
	tell(given)
	return ctx.Err()
}

// wait puts w into the line of r. The caller has the shard's lock.
func (w *keyWaiter[K]) wait(r *room) { w.at, w.of = r.wait(w), r }

// accept queues f, which has its places. It returns true if the caller has the
// turn now, and is to pass it on; if not, in is what the submitter waits for, or
// nil. The caller has the lock.
func (l *keyLine[K]) accept(f func()) (mine bool, in *admission) {
	l.shard.ever++
	if l.taken {
		l.shard.queued++
		l.tasks.push(f)
		return false, l.in
	}
	l.taken, l.next = true, f
	return true, nil
}

// leave gives back a place of the key. If a submission waits for it, it has its
// place and then goes for one of all. leave returns given and, if that comes off,
// the submission; the caller, which has the lock, gives it back and then calls
// tell. gone says that the place was the last one taken: then the line is nobody's.
func (l *keyLine[K]) leave(given []*keyWaiter[K]) (_ []*keyWaiter[K], gone bool) {
	s := l.shard
	if w, ok := l.room.leave().(*keyWaiter[K]); ok {
		if s.all.take() {
			return w.accept(given), false
		}
		w.wait(&s.all)
		return given, false
	}
	if l.room.taken > 0 {
		return given, false
	}
	delete(s.lines, l.key)
	if len(s.lines) == 0 {
		if s.most > keptKeys {
			s.lines, s.most = nil, 0
		}
		if s.empty != nil {
			close(s.empty)
			s.empty = nil
		}
	}
	var none K
	l.key, l.taken, l.next, l.again = none, false, nil, false
	if !binary.Race { // to use it again would order the one key's tasks after the other's
		l.of.free.Put(l)
	}
	return given, true
}

// leaveAll is leave for a place of all.
func (s *keyShard[K]) leaveAll(given []*keyWaiter[K]) []*keyWaiter[K] {
	if w, ok := s.all.leave().(*keyWaiter[K]); ok {
		given = w.accept(given)
	}
	return given
}

// accept accepts the task of w, which has its places, and adds w to given if its
// turn must be passed on before w is told. The caller has the lock.
func (w *keyWaiter[K]) accept(given []*keyWaiter[K]) []*keyWaiter[K] {
	var mine bool
	w.at = nil
	w.line.shard.waiting--
	if mine, w.in = w.line.accept(w.f); mine {
		return append(given, w)
	}
	close(w.done)
	return given
}

// tell passes on the turns of the lines of given, which the caller has, and tells
// the submitters.
func tell[K comparable](given []*keyWaiter[K]) {
	for _, w := range given {
		w.in = w.line.pass()
		close(w.done)
	}
}

// pass passes the turn, which the caller has, on through the pool. If the pool has
// no room now the turn waits for it in line with all others, in a goroutine of
// its own: a worker that waited would hold the place that it waits for. Then pass
// returns what the submitter of its first task waits for, or else nil.
func (l *keyLine[K]) pass() *admission {
	if l.of.pool.tryTurn(l.turn) {
		return nil
	}
	return l.passLate()
}

func (l *keyLine[K]) passLate() *admission {
	in := &admission{done: make(chan struct{})}
	l.shard.mu.Lock()
	l.in, l.late = in, true
	l.shard.mu.Unlock()
	l.of.pool.waitWithTurn(l.turn, in.close)
	return in
}

// A turn ends after turnTasks, or with the task in which it has taken turnTime:
// so often that others do not wait for long, and so seldom that what it costs to
// pass it on, about a tenth of a microsecond, does not count. The clock is read
// once there is a second task, for many keys have only one at a time; so the first
// turn's first task is not counted.
const (
	turnTasks = 64
	turnTime  = 100 * time.Microsecond
)

// run takes the turn.
func (l *keyLine[K]) run() {
	if l.late {
		l.shard.mu.Lock()
		l.in.close()
		l.in, l.late = nil, false
		l.shard.mu.Unlock()
	}
	var began time.Time
	if l.again {
		began = time.Now()
	}
	p, n := l.of.pool, 0
	told := p.told()
	defer func() { p.endTurn(n) }()
	for {
		f := l.next
		l.next = nil
		n++
		f()
		if !l.end() {
			return // from here on l is not ours
		}
		if began.IsZero() {
			began = time.Now()
		}
		if n == turnTasks || p.told() != told || time.Since(began) >= turnTime {
			l.again = true
			l.pass()
			return
		}
		p.nextTask()
	}
}

// over is called when a turn is over. A task that panicked or exited has not been
// ended by run.
func (l *keyLine[K]) over(e End) {
	if e != Returned && l.end() {
		l.pass()
	}
}

// end ends a task of the one that has the turn, and takes out the next. If there
// is none the turn is over, and end returns false.
func (l *keyLine[K]) end() (more bool) {
	s := l.shard
	s.mu.Lock()
	given, gone := l.leave(s.leaveAll(nil)) // l.taken still: a task that is accepted here is queued
	if !gone {
		if l.next, more = l.tasks.pop(); more {
			s.queued--
		}
		l.taken = more
	}
	s.mu.Unlock()
	tell(given)
	return more
}

// Drain returns at an instant at which k has no task, accepted or waiting: also what its
// tasks submit to it has ended then. Or it returns, with ctx's error, when ctx is done:
// so it does if it is called by a task of k, or beside tasks without an end. The end of
// each task synchronizes before the return. It panics if ctx is nil.
//
// [Pool.Drain] waits for what has a place in the pool: for the turns of keys and
// not for all that is queued behind them. So drain k first.
func (k *Keyed[K]) Drain(ctx context.Context) error {
	if ctx == nil {
		panic("pool: Keyed.Drain(nil): the context is nil")
	}
	seen := make([]uint64, len(k.shards))
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		for i := range k.shards {
			if err := k.shards[i].drain(ctx, &seen[i]); err != nil {
				return err
			}
		}
		if k.idleSince(seen) {
			return nil
		}
	}
}

// drain waits until the shard has no line, and then sets seen to the number of tasks
// that it has ever accepted.
func (s *keyShard[K]) drain(ctx context.Context, seen *uint64) error {
	s.mu.Lock()
	for len(s.lines) > 0 {
		if s.empty == nil {
			s.empty = make(chan struct{})
		}
		empty := s.empty
		s.mu.Unlock()
		select {
		case <-empty:
		case <-ctx.Done():
			return ctx.Err()
		}
		s.mu.Lock()
	}
	*seen = s.ever
	s.mu.Unlock()
	return nil
}

// idleSince reports whether no shard has a line, or has accepted a task since it had seen
// as many. Then each had none from that look to this one, and so all had none when the
// last of those looks was over.
func (k *Keyed[K]) idleSince(seen []uint64) bool {
	for i := range k.shards {
		s := &k.shards[i]
		s.mu.Lock()
		idle := len(s.lines) == 0 && s.ever == seen[i]
		s.mu.Unlock()
		if !idle {
			return false
		}
	}
	return true
}

func (k *Keyed[K]) figures() (f beforeFigures) {
	for i := range k.shards {
		s := &k.shards[i]
		s.mu.Lock()
		f.queued += s.queued
		f.waiting += s.waiting
		s.mu.Unlock()
	}
	return f
}

// Keys returns how many keys have tasks that have not ended.
func (k *Keyed[K]) Keys() (n int) {
	for i := range k.shards {
		s := &k.shards[i]
		s.mu.Lock()
		n += len(s.lines)
		s.mu.Unlock()
	}
	return n
}

// InFlight returns how many tasks were accepted and have not ended.
func (k *Keyed[K]) InFlight() (n int) {
	for i := range k.shards {
		s := &k.shards[i]
		s.mu.Lock()
		n += s.all.taken
		s.mu.Unlock()
	}
	return n
}
