package parallel_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/lfpool/lfpool/parallel"
	"github.com/lfpool/lfpool/pool"
)

func ExampleForEach() {
	words := []string{"one", "three", "eleven"}
	lengths := make([]int, len(words))
	err := parallel.ForEach(context.Background(), words, func(_ context.Context, i int, word string) error {
		lengths[i] = len(word)
		return nil
	})
	fmt.Println(lengths, err)
	// Output: [3 5 6] <nil>
}

func ExampleMap() {
	upper, err := parallel.Map(context.Background(), []string{"a", "b", "c"}, func(_ context.Context, s string) (string, error) {
		return strings.ToUpper(s), nil
	})
	fmt.Println(upper, err)
	_, err = parallel.Map(context.Background(), []string{"a", "b", "c"}, func(_ context.Context, s string) (string, error) {
		if s == "b" {
			return "", errors.New("no b")
		}
		return s, nil
	}, parallel.WithLimit(1))
	fmt.Println(err)
	// Output:
	// [A B C] <nil>
	// no b
}

func ExampleForEachSeq() {
	var sum atomic.Int64
	lines := strings.Lines("1\n22\n333\n") // read as they are wanted
	err := parallel.ForEachSeq(context.Background(), lines, func(_ context.Context, line string) error {
		sum.Add(int64(len(line)))
		return nil
	})
	fmt.Println(sum.Load(), err)
	// Output: 9 <nil>
}

func ExampleMapSeq() {
	squares := parallel.MapSeq(context.Background(), slices.Values([]int{1, 2, 3, 4, 5}), func(_ context.Context, v int) (int, error) {
		return v * v, nil
	})
	for square, err := range squares {
		if err != nil || square > 9 {
			break // no call runs after that
		}
		fmt.Println(square)
	}
	// Output:
	// 1
	// 4
	// 9
}

// A loop for functions that wait for others, and are many at a time.
func ExampleWithLimit() {
	replies, err := parallel.Map(context.Background(), []string{"a", "b"}, func(ctx context.Context, url string) (string, error) {
		return "reply of " + url, ctx.Err() // say, a request
	}, parallel.WithLimit(64))
	fmt.Println(replies, err)
	// Output: [reply of a reply of b] <nil>
}

// A loop in a loop in a task, in a pool that has one place, which is taken.
func ExampleWithPool() {
	p := pool.New(pool.WithLimit(1))
	sum, err := pool.Call(context.Background(), p, func(ctx context.Context) (int64, error) {
		var sum atomic.Int64
		err := parallel.ForEach(ctx, []int{1, 2, 3}, func(ctx context.Context, _, a int) error {
			return parallel.ForEach(ctx, []int{10, 20}, func(_ context.Context, _, b int) error {
				sum.Add(int64(a * b))
				return nil
			}, parallel.WithPool(p))
		}, parallel.WithPool(p))
		return sum.Load(), err
	})
	fmt.Println(sum, err)
	// Output: 180 <nil>
}

// Fork-join: a task that splits its work, and does what nobody else has begun.
func ExampleGroup() {
	var sort func(s []int) error
	sort = func(s []int) error {
		if len(s) < 2 {
			return nil
		}
		pivot, at := s[0], 0
		for i := 1; i < len(s); i++ {
			if s[i] < pivot {
				at++
				s[i], s[at] = s[at], s[i]
			}
		}
		s[0], s[at] = s[at], s[0]
		var g parallel.Group
		g.Go(func() error { return sort(s[:at]) })
		g.Go(func() error { return sort(s[at+1:]) })
		return g.Wait()
	}
	s := []int{3, 1, 4, 1, 5, 9, 2, 6}
	fmt.Println(sort(s), s)
	// Output: <nil> [1 1 2 3 4 5 6 9]
}

func ExampleNewGroup() {
	g := parallel.NewGroup(pool.New(pool.WithLimit(2)))
	g.Go(func() error { fmt.Println("in a worker, or in Wait"); return nil })
	fmt.Println(g.Wait())
	// Output:
	// in a worker, or in Wait
	// <nil>
}

func ExampleNewGroupContext() {
	g, ctx := parallel.NewGroupContext(context.Background(), pool.New())
	g.Go(func() error { return errors.New("no such file") })
	g.Go(func() error { <-ctx.Done(); return ctx.Err() })
	fmt.Println(g.Wait())
	// Output: no such file
}

// A task that waits for another one of its own pool, which has one place: Wait runs
// what no worker has begun.
func ExampleAsync() {
	p := pool.New(pool.WithLimit(1))
	total, err := pool.Call(context.Background(), p, func(ctx context.Context) (int, error) {
		tax := parallel.Async(p, func() (int, error) { return 19, nil })
		price := 100
		t, err := tax.Wait(ctx)
		return price + t, err
	})
	fmt.Println(total, err)
	// Output: 119 <nil>
}

// Done says that the result is there, for a select.
func ExampleFuture_Done() {
	r := parallel.Async(pool.New(), func() (string, error) { return "reply", nil })
	select {
	case <-r.Done():
		fmt.Println(r.Wait(context.Background()))
	case <-time.After(time.Minute):
		fmt.Println("too late")
	}
	// Output: reply <nil>
}
