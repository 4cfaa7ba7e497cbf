package multi_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/lfpool/lfpool/pool"
	"github.com/lfpool/lfpool/pool/multi"
)

func ExamplePool() {
	p := multi.New(4, multi.TwoChoices, pool.WithLimit(100))
	var wg sync.WaitGroup
	for range 1000 {
		wg.Add(1)
		p.Go(wg.Done)
	}
	wg.Wait()
	fmt.Println(p.Stats().Limit)
	// Output: 400
}

// tasksOfEach waits for the tasks and returns how many each pool has run.
func tasksOfEach(p *multi.Pool) (n []int64) {
	_ = p.Drain(context.Background()) // fails only with its context
	for _, q := range p.Pools() {
		n = append(n, q.Stats().Ended)
	}
	return n
}

func ExampleStrategy_roundRobin() {
	p := multi.New(3, multi.RoundRobin)
	for range 6 {
		p.Go(func() {})
	}
	fmt.Println(tasksOfEach(p))
	// Output: [2 2 2]
}

func ExampleStrategy_leastLoaded() {
	p := multi.New(2, multi.LeastLoaded)
	release := make(chan struct{})
	p.Pools()[0].Go(func() { <-release })
	p.Go(func() {}) // not behind that one
	close(release)
	fmt.Println(tasksOfEach(p))
	// Output: [1 1]
}

// Looking at two pools, however many there are, is enough for a spread that is
// nearly even.
func ExampleStrategy_twoChoices() {
	p := multi.New(2, multi.TwoChoices)
	release := make(chan struct{})
	for range 1000 {
		p.Go(func() { <-release })
	}
	close(release)
	n := tasksOfEach(p)
	fmt.Println(n[0]+n[1], max(n[0], n[1])-min(n[0], n[1]) < 100)
	// Output: 1000 true
}

// A pool that is full is passed over.
func ExampleStrategy_roundRobinThenLeast() {
	p := multi.New(3, multi.RoundRobinThenLeast, pool.WithLimit(1))
	release := make(chan struct{})
	p.Pools()[0].Go(func() { <-release })
	p.Go(func() {}) // the turn of the first pool
	close(release)
	fmt.Println(tasksOfEach(p))
	// Output: [1 1 0]
}

// As long as one pool has room, none is refused.
func ExamplePool_TryGo() {
	p := multi.New(2, multi.TwoChoices, pool.WithLimit(1), pool.WithBacklog(0))
	release := make(chan struct{})
	for range 3 {
		fmt.Println(p.TryGo(func() { <-release }))
	}
	close(release)
	// Output:
	// true
	// true
	// false
}

// The limit is one for each pool.
func ExamplePool_SetLimit() {
	p := multi.New(2, multi.RoundRobin, pool.WithLimit(1))
	var four sync.WaitGroup
	four.Add(4)
	for range 4 {
		p.Go(func() { four.Done(); four.Wait() }) // all four need a worker at the same time
	}
	fmt.Println(p.Stats().Limit)
	p.SetLimit(2)
	four.Wait()
	fmt.Println(p.Stats().Limit)
	// Output:
	// 2
	// 4
}

func ExamplePool_Drain() {
	p := multi.New(3, multi.RoundRobin, pool.WithLimit(2))
	var ended atomic.Int32
	for range 100 {
		p.Go(func() { ended.Add(1) })
	}
	if err := p.Drain(context.Background()); err != nil {
		fmt.Println(err)
	}
	fmt.Println(ended.Load())
	p.Go(func() {}) // it may be used as before
	// Output: 100
}
