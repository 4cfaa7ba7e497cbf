package main

import (
	"slices"

	"github.com/lfpool/lfpool/internal/alter"
)

// A part is something that the library can be built without, as long as nobody
// uses what it is for: the measured workloads have no limit, do not drain, and
// read no figures.
type part struct {
	name, doc string
	changes   []alter.Change
}

var features = []part{
	{"figures", "tasks ended are not counted: no Tasks, no Reused, no WithMaxTasksPerWorker, and with them no look at the clock", []alter.Change{
		{File: "pool/count.go", Old: "	w.left--\n	if w.left == 0 {\n		w.endBatch()\n	}\n", New: ""},
		{File: "pool/count.go", Old: "; finished > 0 {\n", New: "; finished > 0 && false {\n"},
		{File: "pool/worker.go", Old: "return w.share == 0 || ", New: "return "},
	}},
	{"notices", "busy workers do not look whether they must go, before each task: SetLimit and Drain do not reach them", []alter.Change{
		{File: "pool/worker.go", Old: "if w.due() && !w.checkIn(f, mine) {", New: "if false {"},
		{File: "pool/linger.go", Old: "if w.due() {", New: "if false {"},
	}},
	{"backlog", "no look for a gate: no WithBacklog", []alter.Change{
		{File: "pool/worker.go", Old: "			if gate != nil {\n", New: "			if false {\n"},
		{File: "pool/pool.go", Old: "	if p.aside {\n		p.goAside(f)", New: "	if false {\n		p.goAside(f)"},
	}},
	{"passing", "a worker that finds task after task does not pass the scheduler, and does not look at the clock for it", []alter.Change{
		{File: "pool/count.go", Old: "	if !full {\n		return // its share is done\n	}\n", New: "	if full || !full {\n		w.next = maxBatch\n		return\n	}\n"},
	}},
	{"faults", "what a task sets with debug.SetPanicOnFault stays", []alter.Change{
		{File: "pool/worker.go", Old: "			debug.SetPanicOnFault(false) // the task", New: "			_ = debug.SetPanicOnFault // the task"},
	}},
	{"labels", "the pprof labels that a task sets stay", []alter.Change{
		{File: "pool/count.go", Old: "		pprof.SetGoroutineLabels(w.pool.labels)\n", New: "		_ = pprof.SetGoroutineLabels\n"},
	}},
	{"threads", "a worker that parks does not look whether its thread is locked", []alter.Change{
		{File: "pool/worker.go", Old: "p.keepNone || w.maybeLocked()", New: "p.keepNone"},
	}},
	{"culls", "nobody looks whether a worker that parks, or is woken, must go: no SetLimit, no Drain for those", []alter.Change{
		{File: "pool/cull.go", Old: "return w.era != p.era.Load() || p.control.Over()", New: "return false"},
		{File: "pool/dispatch.go", Old: "			if p.leave(w.era) {", New: "			if false {"},
		{File: "pool/dispatch.go", Old: "	if p.leave(w.era) {\n		p.discard(w)\n		return false", New: "	if false {\n		return false"},
		{File: "pool/limit.go", Old: "if p.control.Limit() > 0 { // edge", New: "if false { // edge"},
	}},
}

var parts = slices.Concat(
	[]part{{"nothing", "the control: the same text once more, so what it seems to cost is the error of the others", nil}},
	features,
	[]part{
		{"features", "those above together", together(features)},
		{"batches", "each task is added to the pool's counter at once, not 64 together", []alter.Change{
			{File: "pool/count.go", Old: "	maxBatch = 64\n", New: "	maxBatch = 1\n"},
		}},
		{"chain", "each submitter wakes a worker for its task, not only where nobody looks for tasks: hand-off with the same queues", []alter.Change{
			{File: "pool/pool.go", Old: "		share:   -1,\n", New: "		share:   -1,\n		handOff: true,\n"},
		}},
		{"linger", "a worker that finds no task parks at once", []alter.Change{
			{File: "pool/linger.go", Old: "if p.handOff || ", New: "if true || "},
		}},
		{"slot", "the worker that parked last waits in the queue like the others", []alter.Change{
			{File: "pool/park.go", Old: "	if p.handOff || !worked {\n		p.queueUp(w)", New: "	if true {\n		p.queueUp(w)"},
			{File: "pool/park.go", Old: "	if l.last.Load() == nil {\n		return nil", New: "	if true {\n		return nil"},
			{File: "pool/park.go", Old: "		if l.last.Load() != nil {\n			n++", New: "		if l == nil {\n			n++"},
			{File: "pool/park.go", Old: "	for _, other := range p.all() {\n", New: "	for _, other := range p.all()[:0] {\n"},
		}},
		{"lanes", "one wake chain and one task queue for all submitters, as with WithLanes(1)", []alter.Change{
			{File: "pool/lane.go", Old: "	n := p.wanted\n", New: "	n := 1\n"},
			{File: "pool/lane.go", Old: "; n == 0 && procs > 1 {", New: "; n == 0 && procs > 1 && p.wanted < 0 {"},
		}},
		{"handover", "no submitter hands a task to the worker that parked last without the searcher's duty", []alter.Change{
			{File: "pool/dispatch.go", Old: "calls != w.lane.calls.Load() {", New: "calls != w.lane.calls.Load() && false {"},
		}},
		{"test", "submitters try to take the searcher's duty by a CAS without a load before it", []alter.Change{
			{File: "pool/dispatch.go", Old: "	if !p.handOff && l.lookout.Load() != none {", New: "	if false {"},
			{File: "pool/dispatch.go", Old: "	return l.lookout.Load() == none && l.trySearch()", New: "	return l.trySearch()"},
		}},
		{"reuse", "segments of the queues are allocated anew, not used again", []alter.Change{
			{File: "lfqueue/seg.go", Old: "if old, _ := q.spares.Get().(*segment[T]); old != nil", New: "if old := (*segment[T])(nil); old != nil"},
		}},
		{"padding", "no word stands on a cache line of its own", []alter.Change{
			{File: "padded/padded.go", Old: "	_ [line]byte\n	atomic.Uint32\n	_ [line - unsafe.Sizeof(atomic.Uint32{})]byte\n", New: "	atomic.Uint32\n"},
			{File: "padded/padded.go", Old: "	_ [line]byte\n	atomic.Uint64\n	_ [line - unsafe.Sizeof(atomic.Uint64{})]byte\n", New: "	atomic.Uint64\n"},
			{File: "padded/padded.go", Old: "	_ [line]byte\n	atomic.Int64\n	_ [line - unsafe.Sizeof(atomic.Int64{})]byte\n", New: "	atomic.Int64\n"},
			{File: "padded/padded.go", Old: "	_ [line]byte\n	atomic.Pointer[T]\n	_ [line - unsafe.Sizeof(uintptr(0))]byte\n", New: "	atomic.Pointer[T]\n"},
		}},
	},
)

func together(ps []part) (all []alter.Change) {
	for _, p := range ps {
		all = append(all, p.changes...)
	}
	return all
}
