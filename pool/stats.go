package pool

// Stats is what a pool has done and has. Each field is right by itself; the
// fields are read one after the other while the pool works, so a sum over them
// may be off by what happened meanwhile. When the pool is at rest all are
// exact.
type Stats struct {
	Workers int // workers alive: running a task, parked, or on the way
	Idle    int // workers parked

	Spawned int64 // workers started since New
	Reaped  int64 // workers retired because nobody needed them
	Tasks   int64 // tasks ended, however: lags by under 64 for each busy worker
	Panics  int64 // tasks whose panic went to the panic handler
}

// Stats returns the pool's figures. Wait-free; it takes time in proportion to
// the number of processors.
func (p *Pool) Stats() Stats {
	return Stats{
		Workers: p.control.Workers(),
		Idle:    p.idleWorkers(),
		Spawned: p.spawned.Value(),
		Reaped:  p.reaped.Value(),
		Tasks:   p.finished.Load(),
		Panics:  p.panicked.Value(),
	}
}
