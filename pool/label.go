package pool

import (
	"context"
	"runtime/pprof"
	"runtime/trace"
)

// What profiles show of a pool.
//
// Its workers set the pprof labels of the pool once, when they start: a new
// goroutine inherits its creator's, here those of some submitter. Afterwards
// only GoContext changes a worker's labels, and changes them back.
//
// Whether a worker is parked stands in no label. Its stack tells, and to set
// labels when it parks and again when it wakes takes 45 ns ± 41 % (one of 2
// shared AMD EPYC cores under load, Go 1.26.8, 10 samples), of the 500 or so
// that it takes to submit a task and wait for it.
const (
	nameLabel = "pool"   // the name
	roleLabel = "lfpool" // "reaper", or none: a worker
)

// noName is the type of the trace regions of a pool without a name.
const noName = "lfpool"

// WithName gives the pool a name, by which profiles and traces show what is the
// pool's. Pools may share a name. The default is none. It panics if name is
// empty.
//
//   - The workers have the pprof label pool=name. Like any label, goroutines that
//     a task starts inherit it. A pool without a name sets no labels.
//   - The reaper, the goroutine that ends workers nobody needs, has pool=name and
//     lfpool=reaper.
//   - [Pool.GoContext] names its trace regions so.
//
// In a goroutine profile a parked worker has the function (*Worker).park on its
// stack, and a busy one has (*runner).serve and the task above it; package leak
// counts them so. For the busy ones of one pool:
//
//	go tool pprof -tagfocus 'pool=name$' -tagignore reaper -ignore 'Worker..park$' http://HOST/debug/pprof/goroutine
func WithName(name string) Option {
	if name == "" {
		panic(`pool.WithName(""): the name is empty`)
	}
	return Option{set: func(p *Pool) {
		p.name, p.region = name, name
		p.labels = pprof.WithLabels(context.Background(), pprof.Labels(nameLabel, name))
	}}
}

// Name returns what [WithName] has set, or "".
func (p *Pool) Name() string {
	p.mustBeMade()
	return p.name
}

// within runs f with the pprof labels of ctx, and as part of its trace task.
// Then, however f ends, the worker has its own labels again.
//
// The labels of ctx take the place of the pool's and are not merged with them:
// that would cost each task five allocations more.
func (p *Pool) within(ctx context.Context, f func(context.Context)) {
	pprof.SetGoroutineLabels(ctx)
	defer pprof.SetGoroutineLabels(p.labels)
	if trace.IsEnabled() {
		defer trace.StartRegion(ctx, p.region).End()
	}
	f(ctx)
}

// reaperLabels returns what Reaper.Labels is to be.
func (p *Pool) reaperLabels() context.Context {
	if p.name == "" {
		return nil
	}
	return pprof.WithLabels(p.labels, pprof.Labels(roleLabel, "reaper"))
}
