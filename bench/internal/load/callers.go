package load

import (
	"fmt"
	"sync"
	"time"

	"github.com/lfpool/lfpool/internal/baseline"
)

// callers has so many goroutines a processor that each submit one task and wait
// for it before the next, as a call with a timeout does. No caller waits for
// another.
func callers(perProc int, work func()) func(baseline.Pool, int) Load {
	return produce(producers(perProc, 1, work))
}

// call has one goroutine a processor that makes its calls with ask.
func call(ask func(p baseline.Pool, question int) (answer int)) func(baseline.Pool, int) Load {
	return func(p baseline.Pool, procs int) Load {
		return Load{Tasks: procs, Run: func(n int) {
			var calling sync.WaitGroup
			for range procs {
				calling.Go(func() {
					for question := range n {
						if answer := ask(p, question); answer != question {
							panic(fmt.Sprintf("call %d got the answer to %d", question, answer))
						}
					}
				})
			}
			calling.Wait()
		}}
	}
}

// fresh makes a channel and a func for each call: what the task captures and what
// it answers through is new each time.
func fresh(p baseline.Pool, question int) int {
	answers := make(chan int, 1)
	p.Go(func() { answers <- question })
	return <-answers
}

// patience is how long a call waits for its answer at first.
const patience = time.Second

// A wait is what a call with a timeout needs, to be used again.
type wait struct {
	answers chan int // capacity 1: a task that is late does not block
	timer   *time.Timer
}

var waits = sync.Pool{New: func() any {
	timer := time.NewTimer(patience)
	timer.Stop()
	return &wait{make(chan int, 1), timer}
}}

// timed is the shape of fasthttp's client with a timeout: the caller takes a
// timer, submits a task that sends its answer on a channel of capacity 1, and
// selects. Differs in that a call whose time is over still waits for its answer, so
// that a lost task shows.
//
// Source: https://github.com/valyala/fasthttp, client.go, clientGetURLDeadline.
func timed(p baseline.Pool, question int) (answer int) {
	w := waits.Get().(*wait)
	w.timer.Reset(patience)
	p.Go(func() { w.answers <- question })
	select {
	case answer = <-w.answers:
	case <-w.timer.C:
		answer = <-w.answers
	}
	w.timer.Stop() // from Go 1.23 on nothing stale is received after Stop
	waits.Put(w)
	return answer
}
