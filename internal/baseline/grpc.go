package baseline

import "sync"

const (
	grpcWorkers  = 64      // the figure used for the peers' table; gRPC-Go lets the user choose
	grpcLifetime = 1 << 16 // tasks until a worker is replaced, as in gRPC-Go's server.go
)

// grpcStyle is the pool of gRPC-Go's stream workers: a fixed number of workers
// receive from an unbuffered channel; a task that finds none waiting gets a
// goroutine of its own. A worker is replaced after grpcLifetime tasks, to shed
// its grown stack.
type grpcStyle struct {
	tasks chan func()
	once  sync.Once
}

func newGRPCStyle() Pool {
	p := &grpcStyle{tasks: make(chan func())}
	for range grpcWorkers {
		go p.work()
	}
	return p
}

func (p *grpcStyle) Go(f func()) {
	select {
	case p.tasks <- f:
	default:
		go f()
	}
}

func (p *grpcStyle) work() {
	closed := false
	defer func() {
		// The worker's term is over, or a task has called Goexit, which gRPC-Go
		// does not expect and which must not cost the pool a worker.
		if !closed {
			go p.work()
		}
	}()
	for range grpcLifetime {
		f, ok := <-p.tasks
		if !ok {
			closed = true
			return
		}
		f()
	}
}

// Close ends the workers. Go must not be called afterwards.
func (p *grpcStyle) Close() { p.once.Do(func() { close(p.tasks) }) }
