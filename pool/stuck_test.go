package pool_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/idle"
	"github.com/lfpool/lfpool/pool"
)

// A program that is stuck is told so: "all goroutines are asleep", as with the go
// statement, by the runtime, which does not say so while a timer is pending.

// TestStuckProgramIsTold builds a program without cgo, with which the runtime does
// not look, and has it be stuck in each of its ways.
func TestStuckProgramIsTold(t *testing.T) {
	if runtime.GOOS == "js" || runtime.GOOS == "wasip1" {
		t.Skip("no processes there")
	}
	program := filepath.Join(t.TempDir(), "stuck")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./testdata/stuck")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	ways, err := exec.CommandContext(t.Context(), program).Output()
	require.NoError(t, err)
	for way := range strings.Lines(string(ways)) {
		way = strings.TrimSpace(way)
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			out, err := exec.CommandContext(t.Context(), program, way).CombinedOutput()
			assert.Error(t, err)
			assert.Contains(t, string(out), "all goroutines are asleep - deadlock!")
		})
	}
}

// TestSleepingReaperIsToldOfParkedWorkers: it wakes for a worker that parks after
// it fell asleep, over and over, and the shrink bound holds from then.
func TestSleepingReaperIsToldOfParkedWorkers(t *testing.T) {
	eachDispatch(t, func(t *testing.T, opts ...pool.Option) {
		const timeout = time.Second
		for _, workers := range []int{1, 2, 7} {
			p := pool.New(with(opts, pool.WithIdleTimeout(timeout))...)
			for range 3 {
				release := make(chan struct{})
				for range workers {
					p.Go(func() { <-release })
				}
				time.Sleep(100 * timeout) // the reaper sleeps
				close(release)
				synctest.Wait()
				assert.Equal(t, workers, p.Stats().Idle)
				time.Sleep(idle.ShrinkBound(timeout))
				synctest.Wait()
				assert.Zero(t, p.Stats().Workers)
			}
		}
	})
}
