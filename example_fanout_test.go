package lfpool_test

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/lfpool/lfpool"
)

// fetch stands for a call over the network.
func fetch(ctx context.Context, url string) error {
	if url == "bad" {
		return errors.New("no such host")
	}
	<-ctx.Done() // a slow one is ended by the error of another
	return context.Cause(ctx)
}

// Several calls at once: the first error ends the others. By WaitGroup and errors.Join
// each call runs to its end, and all errors are told.
func Example_fanOut() {
	group, ctx := lfpool.WithContext(context.Background())
	for _, url := range []string{"a", "b", "bad"} {
		group.Go(func() error { return fetch(ctx, url) })
	}
	err := group.Wait()
	fmt.Println(err, ctx.Err())

	urls := []string{"bad", "worse"}
	errs := make([]error, len(urls))
	var all sync.WaitGroup
	for i, url := range urls {
		all.Add(1)
		lfpool.Go(func() {
			defer all.Done()
			errs[i] = fmt.Errorf("%s: no such host", url)
		})
	}
	all.Wait()
	fmt.Println(errors.Join(errs...))
	// Output:
	// no such host context canceled
	// bad: no such host
	// worse: no such host
}
