package lfpool_test

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/lfpool/lfpool"
)

// consume has two messages handled at a time and three wait. When so many wait, Go blocks.
// Then consume takes no further message, and the source keeps them. It returns when
// messages is closed and each message has been handled, or with ctx's error.
func consume(ctx context.Context, messages <-chan string, handle func(string)) error {
	p := lfpool.New(lfpool.WithLimit(2), lfpool.WithBacklog(3), lfpool.WithName("consumer"))
	for m := range messages {
		if err := p.GoContext(ctx, func(context.Context) { handle(m) }); err != nil {
			return err
		}
	}
	return p.Drain(ctx)
}

// A worker with a limit and a backlog: it takes messages from a source no faster than
// they are handled.
func Example_worker() {
	messages, started, release := make(chan string), make(chan string, 200), make(chan struct{})
	var handled atomic.Int64
	handle := func(m string) {
		started <- m
		<-release
		handled.Add(1)
	}
	ended := make(chan error)
	go func() { ended <- consume(context.Background(), messages, handle) }()

	for i := range 6 { // two are handled, three wait, and consume waits with the sixth
		messages <- fmt.Sprint("message ", i)
	}
	select {
	case messages <- "one too many":
		fmt.Println("taken")
	default:
		fmt.Println("the source keeps it")
	}
	<-started
	<-started
	fmt.Println("a third is handled:", len(started) > 0)
	close(release)
	for i := range 100 {
		messages <- fmt.Sprint("later ", i)
	}
	close(messages)
	fmt.Println(<-ended, handled.Load())
	// Output:
	// the source keeps it
	// a third is handled: false
	// <nil> 106
}
