package pool_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/pool"
)

var profiled = regexp.MustCompile(`(?m)^(\d+) @.*\n(?:# labels: (.*)\n)?((?:#\t.*\n)+)`)

// labelled counts goroutines with the given function on their stacks by their
// labels, as a profile has them.
func labelled(t *testing.T, function string) map[string]int {
	count := map[string]int{}
	for _, g := range profiled.FindAllStringSubmatch(labelsNow(t), -1) {
		if strings.Contains(g[3], function+"+0x") {
			n, err := strconv.Atoi(g[1])
			require.NoError(t, err)
			count[g[2]] += n
		}
	}
	return count
}

const (
	reaping = "idle.(*Reaper).Run"
	serving = "pool.(*runner).serve"
	parked  = "pool.(*Worker).park"
)

func TestNames(t *testing.T) {
	assert.Equal(t, "ingest", pool.New(pool.WithName("ingest")).Name())
	assert.Empty(t, pool.New().Name())
	assert.PanicsWithValue(t, `pool.WithName(""): the name is empty`, func() { pool.WithName("") })
}

// TestProfilesTellPoolsApart: by labels, and their goroutines by functions,
// whoever submits.
func TestProfilesTellPoolsApart(t *testing.T) {
	eachDispatch(t, func(t *testing.T, opts ...pool.Option) {
		named, other, unnamed := pool.New(with(opts, pool.WithName("ingest"))...), pool.New(with(opts, pool.WithName(`"odd`))...), pool.New(opts...)
		short, long := make(chan struct{}), make(chan struct{})
		pprof.Do(t.Context(), pprof.Labels("submitter", "first"), func(context.Context) {
			for range 3 {
				named.Go(func() {
					unnamed.Go(func() { waitFor(long) }) // from a labelled worker
					other.Go(func() { <-long })
					<-short
				})
				named.Go(func() { <-long })
			}
		})
		synctest.Wait()
		close(short)
		synctest.Wait()
		workers := labelled(t, serving)
		delete(workers, "") // those of other tests too
		assert.Equal(t, map[string]int{`{"pool":"ingest"}`: 6, `{"pool":"\"odd"}`: 3}, workers)
		assert.Equal(t, map[string]int{"": 3}, labelled(t, "pool_test.waitFor"))
		assert.Equal(t, 3, labelled(t, parked)[`{"pool":"ingest"}`])
		assert.Zero(t, labelled(t, parked)[`{"pool":"\"odd"}`])
		synctest.Wait()
		synctest.Wait()
		reapers := labelled(t, reaping)
		assert.Equal(t, 1, reapers[`{"lfpool":"reaper", "pool":"ingest"}`], "%v", reapers)
		assert.Equal(t, 1, reapers[`{"lfpool":"reaper", "pool":"\"odd"}`], "%v", reapers)
		assert.NotContains(t, labelsNow(t), "submitter")
		close(long)
	})
}

//go:noinline
func waitFor(c chan struct{}) { <-c }

// TestGoContextGivesTheWorkersLabelsBack, in whatever way the task ends.
func TestGoContextGivesTheWorkersLabelsBack(t *testing.T) {
	eachDispatch(t, func(t *testing.T, opts ...pool.Option) {
		const own, request = `{"pool":"ingest"}`, `{"request":"seventeen"}`
		var inHandler map[string]int
		// One lane: the submitter's own may change as its stack grows, and then a worker
		// is started although one is parked.
		p := pool.New(with(opts, pool.WithLanes(1), pool.WithName("ingest"), pool.WithPanicHandler(func(any, []byte) {
			inHandler = labelled(t, serving)
		}))...)
		ctx := pprof.WithLabels(t.Context(), pprof.Labels("request", "seventeen"))
		for _, end := range []struct {
			how  string
			do   func()
			left int
		}{{"return", func() {}, 1}, {"panic", func() { panic("handled") }, 1}, {"Goexit", runtime.Goexit, 0}} {
			release := make(chan struct{})
			require.NoError(t, p.GoContext(ctx, func(context.Context) {
				<-release
				end.do()
			}))
			synctest.Wait()
			now := labelled(t, serving)
			assert.Equal(t, 1, now[request], end.how)
			assert.Zero(t, now[own], "the labels of the context take the place of the pool's")
			close(release)
			synctest.Wait()
			now = labelled(t, serving)
			assert.Zero(t, now[request], "after a %s", end.how)
			assert.Equal(t, end.left, now[own], "after a %s", end.how)
		}
		assert.Equal(t, 1, inHandler[own], "%v", inHandler)
		assert.Zero(t, inHandler[request])

		both := pprof.WithLabels(ctx, pprof.Labels("pool", p.Name())) // as GoContext's comment has it
		release := make(chan struct{})
		require.NoError(t, p.GoContext(both, func(context.Context) { <-release }))
		synctest.Wait()
		assert.Equal(t, 1, labelled(t, serving)[`{"pool":"ingest", "request":"seventeen"}`])
		close(release)
	})
}

var regionEvent = regexp.MustCompile(`G=(\d+) Region(Begin|End) .*Task=(\d+) Type="([^"]*)"`)

// TestGoContextIsARegionOfTheTask: in an execution trace a worker is in the
// context's task while it runs f, and not afterwards, in whatever way f ends.
func TestGoContextIsARegionOfTheTask(t *testing.T) {
	if runtime.GOARCH == "wasm" {
		t.Skip("go tool trace reads the trace, and there are no processes here")
	}
	file := filepath.Join(t.TempDir(), "trace")
	out, err := os.Create(file)
	require.NoError(t, err)
	handler := pool.WithPanicHandler(func(any, []byte) {})
	const rounds = 5
	require.NoError(t, trace.Start(out))
	for _, p := range []*pool.Pool{pool.New(handler, pool.WithName("ingest")), pool.New(handler)} {
		for range rounds {
			for _, end := range []func(){func() {}, func() { panic("handled") }, runtime.Goexit} {
				ctx, task := trace.NewTask(t.Context(), "request")
				require.NoError(t, p.GoContext(ctx, func(context.Context) { end() }))
				require.NoError(t, p.Drain(t.Context()))
				task.End()
			}
		}
		require.NoError(t, p.GoContext(t.Context(), func(context.Context) {})) // no task
		require.NoError(t, p.Drain(t.Context()))
	}
	trace.Stop()
	require.NoError(t, out.Close())
	require.NoError(t, pool.New().GoContext(t.Context(), func(context.Context) {})) // no trace

	dump, err := exec.CommandContext(t.Context(), "go", "tool", "trace", "-d=parsed", file).CombinedOutput()
	require.NoError(t, err, "%s", dump)
	open, begun := map[string]int{}, map[string]map[string]int{}
	for _, e := range regionEvent.FindAllStringSubmatch(string(dump), -1) {
		goroutine, what, task, kind := e[1], e[2], e[3], e[4]
		key := fmt.Sprint(goroutine, " ", task, " ", kind)
		if what == "End" {
			open[key]--
			continue
		}
		open[key]++
		if begun[kind] == nil {
			begun[kind] = map[string]int{}
		}
		begun[kind][task]++
	}
	for key, n := range open {
		assert.Zero(t, n, "region of goroutine, task, type: %s", key)
	}
	require.Len(t, begun, 2)
	for _, kind := range []string{"ingest", "lfpool"} {
		assert.Len(t, begun[kind], 3*rounds+1, "one for each task, and one for none")
		for task, n := range begun[kind] {
			assert.Equal(t, 1, n, "task %s", task)
		}
	}
}
