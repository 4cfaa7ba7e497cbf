package measure

import (
	"context"
	"errors"
	"io"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lfpool/lfpool/bench/internal/record"
	"github.com/lfpool/lfpool/bench/internal/stat"
	"github.com/lfpool/lfpool/internal/baseline"
)

// Lateness is how much longer than asked a goroutine sleeps that has nothing to do
// with the pool, while the pool is busy. A worker that runs task after task without
// passing the scheduler makes every timer of the program late.

// TaskRate is how many tasks the neighbour had run meanwhile: a neighbour that does
// less leaves more room for others.
const TaskRate = "tasks/s"

// asked is how long the goroutine sleeps at a time.
const asked = time.Millisecond

// LatenessProcs are the values of GOMAXPROCS at which lateness is measured unless
// others are asked for.
var LatenessProcs = []int{1, 2, 4}

// A Neighbour is what keeps a pool busy.
type Neighbour struct {
	Name, Doc string
	// begin starts it. end returns when all of its tasks have ended, and says how
	// many they were.
	begin func(p baseline.Pool, procs int) (end func() (tasks int, err error), err error)
}

// Neighbours lists what lateness is measured beside.
var Neighbours = []Neighbour{
	{"beside-chains", "4 endless chains a processor: each task submits the next and ends", endlessChains},
	{"beside-producers", "2 producers a processor, each submits 32 tasks and waits for them, over and over", endlessProducers},
	{"beside-echo", "4 connections a processor to an echo server on loopback: each request is answered by one task", echo},
}

func endlessChains(p baseline.Pool, procs int) (func() (int, error), error) {
	const perProc = 4
	var ended atomic.Bool
	var running sync.WaitGroup
	lengths := make([]*int, perProc*procs) // each written by the chain's tasks, one after the other
	running.Add(len(lengths))
	for i := range lengths {
		length := new(int)
		lengths[i] = length
		var link func()
		link = func() {
			*length++
			if ended.Load() {
				running.Done()
				return
			}
			p.Go(link)
		}
		p.Go(link)
	}
	return func() (tasks int, err error) {
		ended.Store(true)
		running.Wait()
		for _, length := range lengths {
			tasks += *length
		}
		return tasks, nil
	}, nil
}

func endlessProducers(p baseline.Pool, procs int) (func() (int, error), error) {
	const (
		perProc = 2
		batch   = 32
	)
	var ended atomic.Bool
	var producing sync.WaitGroup
	var batches atomic.Int64
	for range perProc * procs {
		producing.Go(func() {
			var running sync.WaitGroup
			task := running.Done
			for !ended.Load() {
				running.Add(batch)
				for range batch {
					p.Go(task)
				}
				running.Wait()
				batches.Add(1)
			}
		})
	}
	return func() (int, error) {
		ended.Store(true)
		producing.Wait()
		return batch * int(batches.Load()), nil
	}, nil
}

// echo has clients that ask again as soon as they have the answer. The server's
// goroutine of each connection reads a request and submits the task that writes the
// answer. It ends when its client does, which reports what it misses.
func echo(p baseline.Pool, procs int) (func() (int, error), error) {
	const (
		perProc = 4
		size    = 64 // bytes
	)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	defer listener.Close()
	var (
		ended    atomic.Bool
		requests atomic.Int64
		running  sync.WaitGroup
		errs     = make([]error, perProc*procs)
	)
	serve := func(c net.Conn) {
		defer c.Close()
		frame, answered := make([]byte, size), make(chan error, 1)
		answer := func() {
			_, err := c.Write(frame)
			answered <- err
		}
		for {
			if _, err := io.ReadFull(c, frame); err != nil {
				return
			}
			p.Go(answer)
			if <-answered != nil {
				return
			}
			requests.Add(1)
		}
	}
	ask := func(c net.Conn) (err error) {
		defer c.Close()
		frame := make([]byte, size)
		for !ended.Load() && err == nil {
			if _, err = c.Write(frame); err == nil {
				_, err = io.ReadFull(c, frame)
			}
		}
		return err
	}
	end := func() (int, error) {
		ended.Store(true)
		running.Wait()
		return int(requests.Load()), errors.Join(errs...)
	}
	for i := range errs {
		client, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			_, ended := end()
			return nil, errors.Join(err, ended)
		}
		running.Go(func() { errs[i] = ask(client) })
		server, err := listener.Accept()
		if err != nil {
			client.Close() // so that its asker ends
			_, ended := end()
			return nil, errors.Join(err, ended)
		}
		running.Go(func() { serve(server) })
	}
	return end, nil
}

// lateness sleeps over and over for about d, once at least, and returns by how much
// longer than asked each sleep was, in nanoseconds.
func lateness(d time.Duration) (late []float64) {
	for begun := time.Now(); len(late) == 0 || time.Since(begun) < d; {
		from := time.Now()
		time.Sleep(asked)
		late = append(late, float64(time.Since(from)-asked))
	}
	return late
}

// Beside is a row for each neighbour: how late a goroutine is beside it. Processor time
// is that of the neighbour with its tasks, and of the goroutine that sleeps.
func Beside(cs []baseline.Contestant, neighbours ...Neighbour) (rows []Row) {
	for _, n := range neighbours {
		rows = append(rows, Row{
			Kind: record.Lateness, Name: n.Name, Doc: n.Doc, Warm: 1,
			Entrants: onPools(cs, func(p baseline.Pool, length time.Duration) Sampler {
				return func(context.Context, int) (int, map[string]float64, error) {
					used, begun := record.ProcessorTime(), time.Now()
					end, err := n.begin(p, runtime.GOMAXPROCS(0))
					if err != nil {
						return 0, nil, err
					}
					late := lateness(length)
					tasks, err := end()
					used, elapsed := record.ProcessorTime()-used, time.Since(begun)
					q := stat.Quantiles(late, 0.5, 0.99)
					return tasks, map[string]float64{
						record.P50: q[0], record.P99: q[1],
						record.CPUOp: float64(used) / float64(max(1, tasks)),
						TaskRate:     float64(tasks) / elapsed.Seconds(),
					}, err
				}
			}),
		})
	}
	return rows
}
