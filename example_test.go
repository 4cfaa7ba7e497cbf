package lfpool_test

import (
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/lfpool/lfpool"
)

// Example is the one in README.md.
func Example() {
	var wg sync.WaitGroup
	results := make([]int, 3)
	for i := range results {
		wg.Add(1)
		lfpool.Go(func() {
			defer wg.Done()
			results[i] = i * i
		})
	}
	wg.Wait()
	fmt.Println(results)
	// Output: [0 1 4]
}

func ExampleGo() {
	var wg sync.WaitGroup
	wg.Add(2)
	var a, b int
	lfpool.Go(func() { defer wg.Done(); a = 1 })
	lfpool.Go(func() { defer wg.Done(); b = 2 })
	wg.Wait()
	fmt.Println(a + b)
	// Output: 3
}

func ExampleDefault() {
	done := make(chan struct{})
	lfpool.Default().Go(func() { close(done) }) // the same as lfpool.Go
	<-done
	fmt.Println(lfpool.Default().Stats().Spawned > 0)
	// Output: true
}

// A goroutine per item, at most ten at a time, and then wait for all.
func Example_wait() {
	items := []int{1, 2, 3, 4}
	limited := lfpool.New(lfpool.WithLimit(10))
	var all sync.WaitGroup
	var sum atomic.Int64
	for _, item := range items {
		all.Add(1)
		limited.Go(func() {
			defer all.Done()
			sum.Add(int64(item))
		})
	}
	all.Wait()
	fmt.Println(sum.Load())
	// Output: 10
}
