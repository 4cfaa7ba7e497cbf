package multi_test

import (
	"fmt"
	"sync"

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
