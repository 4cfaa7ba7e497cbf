package pool

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/puzpuzpuz/xsync/v3"

	"github.com/lfpool/lfpool/idle"
	"github.com/lfpool/lfpool/internal/atomic"
	"github.com/lfpool/lfpool/internal/binary"
	"github.com/lfpool/lfpool/internal/goroutine"
	"github.com/lfpool/lfpool/lfqueue"
	"github.com/lfpool/lfpool/padded"
)

// Pool is a set of workers and a queue of tasks. Make one with [New]: the methods
// panic if the Pool is a zero one, and say so. All methods may be called from any goroutine, tasks of the pool included.
type Pool struct {
	lanes            // tasks that wait for a worker, and who is looking for them
	parked IdleQueue // workers waiting for a task

	linger  lingering
	control idle.Control // how many workers, and whether the reaper is up
	gauge   idle.Gauge   // how many workers are parked, and the low-water mark

	notices       padded.Uint32                 // how often workers were told to look up: see notify
	nudge         atomic.Pointer[chan struct{}] // to the reaper, made with it, with room for one
	generation    padded.Pointer[generation]    // the current one: see drain.go
	asleep        padded.Uint32                 // whether the reaper sleeps: see reap.go
	handOff       bool                          // dispatch without the wake chain
	apart         bool                          // without a limit each task gets a worker of its own: see once.go
	keepNone      bool                          // a worker that finds no task ends
	aside         bool                          // a task is looked at before it is submitted: see goAside
	byPlace       bool                          // drawsByPlace
	quota         int64                         // how many tasks a worker runs before it is replaced; negative: any number
	idleTimeout   time.Duration
	retention     func() idle.Retention
	reserveFrames int                       // how much of its stack a worker keeps in use: see reserve.go
	onPanic       func(v any, stack []byte) // nil: a panic ends the program

	gate     *gate    // nil: any number of tasks is accepted
	shedder  *shedder // nil: none are refused
	times    *times   // nil: none are measured
	perProc  perProc
	backlog  uint32
	settings atomic.Mutex // held to change the limit, the gate and the number of lanes
	marks    marks        // of Drain, in the task queue: see mark.go

	spawned  *xsync.Counter // workers started
	inTurns  padded.Int64   // tasks of turns, less one for each turn
	before   before
	once     atomic.Int64 // workers started for one task each
	reaped   atomic.Int64 // workers that the pool has ended
	replaced atomic.Int64 // workers that ended when their quota was done
	exited   atomic.Int64 // workers that ended amid a task
	veterans atomic.Int64 // workers that have ended a task
	panicked atomic.Int64 // tasks that the panic handler had to see to
	skipped  atomic.Int64 // tasks that did not start because their context was done

	name   string          // "": none
	region string          // the type of its trace regions
	labels context.Context // has the pprof labels of its workers: see label.go

	// For bubbles of testing/synctest: see bubble.go.
	home    int      // where the pool was made
	options []Option // to make twins
	twins   *twins   // nil: at home everywhere
	twin
}

// New returns a pool without workers. It starts no goroutine. It panics if an
// option is nil or gives it no queue.
func New(opts ...Option) *Pool {
	p := &Pool{
		quota:   -1,
		spawned: xsync.NewCounter(),
		region:  noName,
		labels:  context.Background(),
	}
	p.generation.Store(newGeneration(1))
	WithIdleQueue(func() IdleQueue { return lfqueue.NewSeg[*Worker]() }).set(p)
	for i, o := range opts {
		if o.set == nil {
			panic(fmt.Sprintf("pool.New: the option at index %d is a zero Option", i))
		}
		o.set(p)
	}
	if p.parked == nil {
		panic("pool.New: the constructor given to WithIdleQueue returned no queue")
	}
	if p.gate != nil && !slices.ContainsFunc(opts, func(o Option) bool { return o.limits }) {
		panic(fmt.Sprintf("pool.New: WithBacklog(%d) without WithLimit: without a limit there is no backlog to bound; if SetLimit sets it later, say WithLimit(NoLimit)", p.backlog))
	}
	p.armShedding()
	p.openGate()
	p.follow(opts)
	if p.apart {
		p.lane(0)
	}
	p.setSpread()
	return p
}

// follow has p follow the rules for the binary that it is in, and the defaults.
func (p *Pool) follow(opts []Option) {
	timeout := DefaultIdleTimeout
	if binary.Test {
		p.home, p.options, p.twins = goroutine.Bubble(), slices.Clone(opts), &twins{of: map[int]*Pool{}}
		timeout = testIdleTimeout
		if p.home != 0 && p.idleTimeout == 0 && p.retention == nil {
			p.keepsNone()
		}
	}
	p.apart = p.apart || binary.Race
	if p.idleTimeout == 0 {
		p.idleTimeout = timeout
	}
	if p.retention == nil {
		p.retention = idle.LowWater
	}
	p.byPlace = p.drawsByPlace()
	p.aside = p.gate != nil || p.times != nil || binary.Test || enforced
}

// mustBeMade panics in the name of the exported function that the user has called if p
// is a zero Pool. The methods that submit do not call it: a zero Pool has no lane, and
// makeLane does, so that a task pays nothing for that.
func (p *Pool) mustBeMade() {
	if p.parked == nil {
		panic("lfpool: " + entered() + " of a zero pool.Pool: make one with pool.New")
	}
}

// entered returns the name of the function by which the caller's goroutine has entered
// this package.
func entered() (name string) {
	var pcs [16]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs[:])])
	here, _ := frames.Next()
	of := strings.TrimSuffix(here.Function, "entered")
	for f, more := frames.Next(); more && strings.HasPrefix(f.Function, of); f, more = frames.Next() {
		name = strings.TrimSuffix(f.Function, "[...]") // of a generic function
	}
	return name[strings.LastIndexByte(name, '.')+1:]
}

// Go runs f in a goroutine of the pool, as the statement go f() would in a new
// one: f starts whatever other tasks do, and whatever they wait for.
//
// Go never blocks, but for pools with [WithBacklog], and is lock-free until it
// must start or wake a worker, which takes locks of the Go runtime. The call
// synchronizes before the start of f. If f panics the program crashes with f's
// stack, unless the pool has a panic handler; f may call [runtime.Goexit]. Go
// panics if f is nil.
func (p *Pool) Go(f func()) {
	if f == nil {
		panic("lfpool: Go(nil): the task is a nil func")
	}
	if p.aside {
		p.goAside(f)
		return
	}
	p.submit(f)
}

// goAside is Go for a pool that looks at tasks first: it may have a bound on them,
// measure them, or have a twin where the caller is, or the caller's exemption to hand on.
func (p *Pool) goAside(f func()) {
	q := p.here()
	if q.byPlace {
		q.submitDrawn(inherit(f))
		q.away()
		return
	}
	defer q.away()
	f = q.measured(f)
	_ = q.enter(context.Background(), true) // no error: that context is never done
	q.submit(inherit(f))
}

// tryEnter enters the gate, if there is one, and reports whether there was room.
func (p *Pool) tryEnter() bool {
	if p.gate == nil {
		return true
	}
	p.ignoreSync()
	defer p.heedSync()
	return p.gate.tryEnter()
}

// enter waits for room until ctx is done. It is refused by none that sheds load if
// it is firm.
func (p *Pool) enter(ctx context.Context, firm bool) error {
	if p.tryEnter() {
		return nil
	}
	p.followProcs()
	return p.gate.enter(ctx, firm)
}

// TryGo is [Pool.Go] for callers that must not wait: where Go would block it
// returns false, and f will not run. It always accepts f in a pool without
// [WithBacklog]. Lock-free as Go is. It panics if f is nil.
func (p *Pool) TryGo(f func()) bool {
	if f == nil {
		panic("lfpool: TryGo(nil): the task is a nil func")
	}
	return p.tryGo(f, true)
}

// countRefused counts a submitter that found no room and would not wait.
func (p *Pool) countRefused() {
	p.ignoreSync()
	defer p.heedSync()
	p.gate.refused.Add(1)
}

// tryGo is TryGo; counted says whether a refusal is one of those in Stats.
func (p *Pool) tryGo(f func(), counted bool) bool {
	if p.aside {
		q := p.here()
		defer q.away()
		if q.byPlace {
			q.submitDrawn(inherit(f))
			return true
		}
		f = q.measured(f)
		if !q.tryEnter() {
			if counted {
				q.countRefused()
			}
			return false
		}
		p, f = q, inherit(f)
	}
	p.submit(f)
	return true
}

// GoContext is [Pool.Go] with a context: it waits for room only until ctx is
// done and returns ctx's error if it is, and f then does not run; with
// [WithShedding] it may return an [*OverloadError]. If ctx is done
// after GoContext has returned nil and before f starts, f is skipped, and
// Stats.Skipped counts it; to be told of it, use context.AfterFunc. A task that
// has to wait for others lets go of ctx and f as soon as ctx is done, and keeps
// only its places in the task queue and in the backlog until its turn comes. (A
// task that was submitted while there was no limit keeps both.) It panics if ctx
// or f is nil.
//
// While f runs the worker has the pprof labels of ctx, in place of those that
// [WithName] gives. To have both, make ctx, once for many tasks, with
// pprof.WithLabels(ctx, pprof.Labels("pool", p.Name())). An execution trace
// shows f as a region of the trace task of ctx; its type is the pool's name, or
// "lfpool". Both end with f, also if it panics or calls [runtime.Goexit].
func (p *Pool) GoContext(ctx context.Context, f func(context.Context)) error {
	if ctx == nil {
		panic("lfpool: GoContext(nil, ...): the context is nil")
	}
	if f == nil {
		panic("lfpool: GoContext(ctx, nil): the task is a nil func")
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if p.aside {
		q := p.here()
		defer q.away()
		f = q.measuredContext(f)
		if err := q.enter(ctx, false); err != nil {
			return err
		}
		p = q
	}
	p.submitContext(ctx, f)
	return nil
}
