package pool_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/pool"
)

const shutdownEnv = "LFPOOL_TEST_SHUTDOWN"

// shutdownPools are pools for the service of the example.
var shutdownPools = map[string][]pool.Option{
	"default":   nil,
	"a limit":   {pool.WithLimit(2)},
	"one place": {pool.WithLimit(1)},
	"hand-off":  {pool.WithHandOff()},
	"replaced":  {pool.WithMaxTasksPerWorker(3)},
}

// serveUntilSIGTERM is the child process: the service of the example, which writes
// a line for each acknowledgement and for each job that is done.
func serveUntilSIGTERM(t *testing.T, opts ...pool.Option) {
	told, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	s := &service{pool: pool.New(opts...), jobs: map[string][]func(){}}
	for client := range 8 {
		go func() {
			for n := 0; ; n++ {
				id := fmt.Sprintf("%d.%d", client, n)
				job := func() { time.Sleep(time.Millisecond); tell("done", id) }
				if s.accept(fmt.Sprint(client%4), job) != nil {
					return
				}
				tell("acknowledged", id)
				time.Sleep(100 * time.Microsecond)
			}
		}()
	}
	<-told.Done()
	tell("told", "")
	require.NoError(t, s.shutDown(t.Context()))
	tell("end", "")
	os.Exit(0) // whatever is under way
}

// tell writes one line with one call, so that lines do not mix and none is lost in
// a buffer.
func tell(what, id string) { _, _ = os.Stdout.WriteString(what + " " + id + "\n") }

// TestShutdownLosesNothing has a real process do the example's work, sends it
// SIGTERM amid it, and compares what it has acknowledged with what it has done.
func TestShutdownLosesNothing(t *testing.T) {
	if opts, child := shutdownPools[os.Getenv(shutdownEnv)]; child {
		serveUntilSIGTERM(t, opts...)
	}
	switch runtime.GOOS {
	case "js", "wasip1", "windows", "plan9":
		t.Skip("no processes or no SIGTERM there")
	}
	for name := range shutdownPools {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestShutdownLosesNothing$")
			cmd.Env = append(os.Environ(), shutdownEnv+"="+name)
			cmd.Stderr = os.Stderr
			out, err := cmd.StdoutPipe()
			require.NoError(t, err)
			require.NoError(t, cmd.Start())
			acknowledged, done := map[string]bool{}, map[string]bool{}
			told, end, behind := false, false, 0
			for lines := bufio.NewScanner(out); lines.Scan(); {
				what, id, _ := strings.Cut(lines.Text(), " ")
				switch what {
				case "acknowledged":
					acknowledged[id] = true
					if len(acknowledged) == 400 {
						require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
					}
				case "done":
					assert.False(t, done[id], "%s is done twice", id)
					assert.False(t, end, "%s is done after the drain", id)
					done[id] = true
				case "told":
					told, behind = true, len(acknowledged)-len(done)
				case "end":
					end = true
				}
			}
			require.NoError(t, cmd.Wait(), "status 0")
			assert.True(t, told && end)
			assert.Greater(t, behind, 0, "else the shutdown had nothing to wait for")
			lost := 0
			for id := range acknowledged {
				if !done[id] {
					lost++
				}
			}
			assert.Zero(t, lost, "jobs lost of %d acknowledged; %d were not done at SIGTERM", len(acknowledged), behind)
			t.Logf("%d acknowledged, %d of them not done at SIGTERM", len(acknowledged), behind)
		})
	}
}
