// Stuck is a program all of whose goroutines wait for each other, in the way that
// its argument names.
package main

import (
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/lfpool/lfpool/idle"
	"github.com/lfpool/lfpool/pool"
)

func main() {
	if len(os.Args) == 2 && ways[os.Args[1]] != nil {
		ways[os.Args[1]]()
	}
	for way := range ways {
		fmt.Println(way)
	}
}

// ways are ways to be stuck, with pools that have an idle timeout of 20 ms
// where a worker is parked.
var ways = map[string]func(){
	"the go statement": func() {
		go func() { select {} }()
		select {}
	},
	"a task waits for ever": func() {
		p := pool.New()
		p.Go(func() { select {} })
		select {}
	},
	"a task waits for one that is queued under the limit": func() {
		p := pool.New(pool.WithLimit(1))
		p.Go(func() {
			done := make(chan struct{})
			p.Go(func() { close(done) })
			<-done
		})
		select {}
	},
	"a task waits for room that only its end makes": func() {
		p := pool.New(pool.WithLimit(1), pool.WithBacklog(0))
		p.Go(func() { p.Go(func() {}) })
		select {}
	},
	"a task drains its pool": func() {
		p := pool.New()
		p.Go(func() { _ = p.Drain(never{}) })
		select {}
	},
	"a worker is parked": func() {
		p := pool.New(pool.WithIdleTimeout(20 * time.Millisecond))
		p.Go(func() {})
		select {}
	},
	"a worker is parked and one is busy": func() {
		p := pool.New(pool.WithIdleTimeout(20 * time.Millisecond))
		p.Go(func() { select {} })
		p.Go(func() {})
		select {}
	},
	"by age": func() {
		p := pool.New(pool.WithIdleTimeout(20*time.Millisecond), pool.WithRetention(idle.ByAge))
		p.Go(func() { select {} })
		p.Go(func() {})
		select {}
	},
	"adaptive": func() {
		p := pool.New(pool.WithIdleTimeout(20*time.Millisecond), pool.WithRetention(idle.Adaptive))
		for range 3 {
			p.Go(func() { select {} })
		}
		p.Go(func() {})
		select {}
	},
	"never": func() {
		p := pool.New(pool.WithRetention(idle.Never))
		p.Go(func() {})
		p.Go(func() { select {} })
		select {}
	},
	"hand-off": func() {
		p := pool.New(pool.WithHandOff(), pool.WithIdleTimeout(20*time.Millisecond))
		p.Go(func() { select {} })
		p.Go(func() {})
		select {}
	},
	"the last worker has ended by Goexit": func() {
		p := pool.New()
		p.Go(runtime.Goexit)
		select {}
	},
	"drained": func() {
		p := pool.New()
		p.Go(func() {})
		_ = p.Drain(never{})
		select {}
	},
}

// never is a context that is never done and has no goroutine.
type never struct{}

func (never) Deadline() (time.Time, bool) { return time.Time{}, false }
func (never) Done() <-chan struct{}       { return nil }
func (never) Err() error                  { return nil }
func (never) Value(any) any               { return nil }
