package pool_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/lfpool/lfpool/pool"
)

// BenchmarkGoContext compares Go with GoContext: with a context that cannot be
// cancelled, and with ones that can, shared by all tasks or made for each. In the
// rows named "busy" the tasks wait for a worker, so GoContext watches their
// contexts.
func BenchmarkGoContext(b *testing.B) {
	const burst = 256
	never, shared := context.Background(), b.Context()
	for _, waits := range []bool{false, true} {
		submit := map[string]func(p *pool.Pool, f func(context.Context)) context.CancelFunc{
			"Go":     func(p *pool.Pool, f func(context.Context)) context.CancelFunc { p.Go(func() { f(never) }); return nil },
			"never":  func(p *pool.Pool, f func(context.Context)) context.CancelFunc { p.GoContext(never, f); return nil },
			"shared": func(p *pool.Pool, f func(context.Context)) context.CancelFunc { p.GoContext(shared, f); return nil },
			"each": func(p *pool.Pool, f func(context.Context)) context.CancelFunc {
				ctx, cancel := context.WithCancel(never)
				p.GoContext(ctx, f)
				return cancel
			},
		}
		for _, name := range []string{"Go", "never", "shared", "each"} {
			title := "unlimited"
			if waits {
				title = "busy"
			}
			b.Run(fmt.Sprintf("%s/%s", title, name), func(b *testing.B) {
				p := pool.New()
				if waits {
					p = pool.New(pool.WithLimit(1))
				}
				var cancels [burst]context.CancelFunc
				hold, done := make(chan bool), make(chan bool)
				b.ReportAllocs()
				for i := 0; i < b.N; i += burst {
					if waits {
						p.Go(func() { <-hold })
					}
					for j := range burst {
						f := func(context.Context) {}
						if j == burst-1 {
							f = func(context.Context) { done <- true }
						}
						cancels[j] = submit[name](p, f)
					}
					if waits {
						hold <- true
					}
					<-done
					for _, cancel := range cancels {
						if cancel != nil {
							cancel()
						}
					}
				}
			})
		}
	}
}
