package leak_test

import (
	"bytes"
	"context"
	"reflect"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/pprof/profile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/pool"
)

// The work of each kind of request has a function of its own, so that a sample
// tells by its stack what its label should be.

//go:noinline
func checkout() uint32 { return burn() }

//go:noinline
func search() uint32 { return burn() }

//go:noinline
func upload() uint32 { return burn() }

//go:noinline
func unlabelled() uint32 { return burn() }

// burn keeps a processor busy for some 50 us.
func burn() uint32 {
	x := uint32(1)
	for range 50_000 {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
	}
	return x
}

// TestCPUProfileOfALabelledLoad: short tasks with labels, with others and with
// none follow each other on the same workers and end in every way; over 99 % of
// the samples in their functions have the request's label and no other's.
func TestCPUProfileOfALabelledLoad(t *testing.T) {
	kinds := map[string]func() uint32{"checkout": checkout, "search": search, "upload": upload}
	ends := []func(){func() {}, func() {}, func() { panic("handled") }, runtime.Goexit}
	p := pool.New(pool.WithName("load"), pool.WithPanicHandler(func(any, []byte) {}))

	total, wrong := map[string]int64{}, map[string]int64{}                // samples
	for least(total, "checkout", "search", "upload", "unlabelled") < 50 { // the test's timeout is the failure
		var out bytes.Buffer
		require.NoError(t, pprof.StartCPUProfile(&out))
		for round, begin := 0, time.Now(); time.Since(begin) < time.Second; round++ {
			var tasks sync.WaitGroup
			for kind, work := range kinds {
				ctx := pprof.WithLabels(t.Context(), pprof.Labels("request", kind))
				for i := range 20 {
					tasks.Add(2)
					require.NoError(t, p.GoContext(ctx, func(context.Context) {
						defer tasks.Done()
						work()
						ends[(round+i)%len(ends)]()
					}))
					p.Go(func() {
						defer tasks.Done()
						if i%3 == 0 { // as much as each kind
							runtime.KeepAlive(unlabelled())
						}
					})
				}
			}
			tasks.Wait()
		}
		pprof.StopCPUProfile()
		prof, err := profile.Parse(&out)
		require.NoError(t, err)
		for _, s := range prof.Sample {
			kind := requestOf(s)
			if kind == "" {
				continue // not in the load
			}
			want := map[string][]string{"request": {kind}}
			if kind == "unlabelled" {
				want = map[string][]string{"pool": {"load"}} // the worker's own
			}
			total[kind] += s.Value[0]
			if !reflect.DeepEqual(want, s.Label) {
				wrong[kind] += s.Value[0]
			}
		}
	}
	t.Logf("samples: %v, wrong: %v", total, wrong)
	sum := func(counts map[string]int64) (n int64) {
		for _, k := range counts {
			n += k
		}
		return n
	}
	assert.Less(t, float64(sum(wrong)), 0.01*float64(sum(total)))
}

// least returns the smallest of the counts.
func least(counts map[string]int64, keys ...string) int64 {
	n := counts[keys[0]]
	for _, k := range keys {
		n = min(n, counts[k])
	}
	return n
}

// requestOf returns the function of the load that the sample is in, or "".
func requestOf(s *profile.Sample) string {
	for _, l := range s.Location {
		for _, line := range l.Line {
			if f, ours := strings.CutPrefix(line.Function.Name, "github.com/lfpool/lfpool/leak_test."); ours {
				switch f {
				case "checkout", "search", "upload", "unlabelled":
					return f
				}
			}
		}
	}
	return ""
}
