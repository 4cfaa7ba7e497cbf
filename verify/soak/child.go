package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"time"
)

// childMark is the variable that is set in the environment of the process that
// does the rounds.
const childMark = "LFPOOL_SOAK_CHILD"

// silence is how long the child, which prints a line each second, may print
// nothing. Longer than soon, so that a round can say what hangs.
var silence = 2 * soon

// watch does the rounds in a child process, so that the seed is told also if the
// process crashes or hangs.
func watch(ctx context.Context, log io.Writer, length time.Duration, seed uint64, fault string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	child := exec.Command(self, "-for", length.String(), "-seed", strconv.FormatUint(seed, 10), "-fault", fault)
	child.Env = append(os.Environ(), childMark+"=1")
	said := make(chan struct{}, 1)
	child.Stderr = &alarmed{log, said}
	if err := child.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- child.Wait() }()
	stop, hung := ctx.Done(), time.NewTimer(silence)
	defer hung.Stop()
	for {
		select {
		case err := <-ended:
			if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && exit.ExitCode() != 1 {
				return fmt.Errorf("it crashed: %w", err)
			} else if err != nil {
				return errors.New("see above")
			}
			return nil
		case <-said:
			hung.Reset(silence)
		case <-stop:
			stop = nil
			if runtime.GOOS == "windows" || child.Process.Signal(os.Interrupt) != nil {
				_ = child.Process.Kill()
			}
		case <-hung.C:
			_ = child.Process.Kill()
			<-ended
			return fmt.Errorf("it hangs: nothing was printed for %v", silence)
		}
	}
}

// alarmed is a writer that says so each time something is written.
type alarmed struct {
	io.Writer
	said chan struct{}
}

func (a *alarmed) Write(p []byte) (int, error) {
	select {
	case a.said <- struct{}{}:
	default:
	}
	return a.Writer.Write(p)
}
