package contest

import (
	"math"
	"runtime"
	"time"

	"github.com/alitto/pond/v2"
	bytedance "github.com/bytedance/gopkg/util/gopool"
	cloudwego "github.com/cloudwego/gopkg/concurrency/gopool"
	"github.com/gammazero/workerpool"
	"github.com/panjf2000/ants/v2"
	"github.com/sourcegraph/conc"
	"github.com/tiancaiamao/gp"
	"golang.org/x/sync/errgroup"

	"github.com/lfpool/lfpool/internal/baseline"
	"github.com/lfpool/lfpool/pool"
)

// peers are the pools of other modules, as their documentation sets them up
// for tasks without a bound. A module that is needed for one is required by
// this module's go.mod only, never by the library's.
var peers = []baseline.Contestant{
	{Name: "ants", Doc: "panjf2000/ants v2, unlimited", New: func() baseline.Pool { return newAnts(-1) }},
	{Name: "ants-multi", Doc: "panjf2000/ants v2 MultiPool, GOMAXPROCS unlimited pools, least tasks", New: newAntsMulti},
	{Name: "bytedance-gopool", Doc: "bytedance/gopkg gopool, its own pool, capacity as large as it goes", New: func() baseline.Pool {
		return bytedance.NewPool("bench", math.MaxInt32, bytedance.NewConfig())
	}},
	{Name: "cloudwego-gopool", Doc: "cloudwego/gopkg gopool, default options", New: func() baseline.Pool {
		return cloudwego.NewGoPool("bench", nil)
	}},
	{Name: "pond", Doc: "alitto/pond v2, unlimited", New: func() baseline.Pool {
		return pondPool{pond.NewPool(0)}
	}},
	{Name: "workerpool", Doc: "gammazero/workerpool, at most 10 000 workers (it has no unlimited form)", New: func() baseline.Pool {
		return stopped{workerpool.New(10_000)}
	}},
	{Name: "gp", Doc: "tiancaiamao/gp, keeps up to 1000 idle workers for a minute, else go", New: func() baseline.Pool {
		return gp.New(1000, time.Minute)
	}},
	{Name: "conc", Doc: "sourcegraph/conc WaitGroup, which starts a goroutine for each task", New: func() baseline.Pool {
		return concGroup{new(conc.WaitGroup)}
	}},
	{Name: "errgroup", Doc: "golang.org/x/sync/errgroup without a limit, which starts a goroutine for each task", New: func() baseline.Pool {
		return errGroup{new(errgroup.Group)}
	}},
}

// Capped lists the pools that can have a limit on workers, with that limit, and go
// without one. When all workers are busy, Go of ants waits for one; the others queue
// the task.
func Capped(limit int) []baseline.Contestant {
	return append(Named(Reference),
		baseline.Contestant{Name: Subject, Doc: "pool.WithLimit", New: func() baseline.Pool { return pool.New(pool.WithLimit(limit)) }},
		baseline.Contestant{Name: "ants", Doc: "ants.NewPool(limit)", New: func() baseline.Pool { return newAnts(limit) }},
		baseline.Contestant{Name: "bytedance-gopool", Doc: "capacity", New: func() baseline.Pool {
			return bytedance.NewPool("bench", int32(limit), bytedance.NewConfig())
		}},
		baseline.Contestant{Name: "pond", Doc: "pond.NewPool(limit)", New: func() baseline.Pool { return pondPool{pond.NewPool(limit)} }},
		baseline.Contestant{Name: "workerpool", Doc: "workerpool.New(limit)", New: func() baseline.Pool { return stopped{workerpool.New(limit)} }})
}

type antsPool struct{ *ants.Pool }

// newAnts makes a pool with a limit on workers, -1 for none.
func newAnts(limit int) baseline.Pool {
	p, err := ants.NewPool(limit)
	if err != nil {
		panic(err) // refuses only options that are not given here
	}
	return antsPool{p}
}

func (p antsPool) Go(f func()) {
	if err := p.Submit(f); err != nil {
		panic(err) // only after Release
	}
}

func (p antsPool) Close() { p.Release() }

type antsMulti struct{ *ants.MultiPool }

func newAntsMulti() baseline.Pool {
	p, err := ants.NewMultiPool(runtime.GOMAXPROCS(0), -1, ants.LeastTasks)
	if err != nil {
		panic(err) // refuses only options that are not given here
	}
	return antsMulti{p}
}

func (p antsMulti) Go(f func()) {
	if err := p.Submit(f); err != nil {
		panic(err) // only after Release
	}
}

// Close gives the workers a second to go, as far as they do.
func (p antsMulti) Close() { _ = p.ReleaseTimeout(time.Second) }

type pondPool struct{ pond.Pool }

func (p pondPool) Go(f func()) {
	if err := p.Pool.Go(f); err != nil {
		panic(err) // only after Stop
	}
}

func (p pondPool) Close() { p.StopAndWait() }

type stopped struct{ *workerpool.WorkerPool }

func (p stopped) Go(f func()) { p.Submit(f) }
func (p stopped) Close()      { p.StopWait() }

type concGroup struct{ *conc.WaitGroup }

func (g concGroup) Close() { g.Wait() }

type errGroup struct{ *errgroup.Group }

func (g errGroup) Go(f func()) {
	g.Group.Go(func() error { f(); return nil })
}

func (g errGroup) Close() { _ = g.Wait() } // no task returns an error
