package lfpool_test

import (
	"fmt"
	"sync"

	"github.com/lfpool/lfpool"
)

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
