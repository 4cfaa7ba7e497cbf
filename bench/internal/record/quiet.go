package record

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"runtime"
	"time"
)

// How quiet the machine must be, and for how long.
const (
	look       = 5 * time.Second
	quietLooks = 6 // in a row: half a minute
	quietBusy  = 0.05
)

// disturbance says what kept the machine busy in the time from before, "" if it was
// quiet.
func (before usage) disturbance() string {
	stolen, busy := before.parts()
	cores := runtime.NumCPU()
	switch got := processors(); {
	case stolen > noisyStolen:
		return stolenWords(stolen)
	case busy > quietBusy:
		return fmt.Sprintf("other processes used %.2f of %d processors", busy*float64(cores), cores)
	case got < noisyGot*float64(cores):
		return gotWords(got, cores)
	default:
		return ""
	}
}

// WaitUntilQuiet waits until nothing else has used the machine for half a minute, but
// not longer than most, and says on w what for. It returns that in words, "" if it need
// not wait.
func WaitUntilQuiet(ctx context.Context, most time.Duration, w io.Writer) (waited string) {
	return waitUntilQuiet(ctx, most, look, w, func() func() string { return usageNow().disturbance })
}

func waitUntilQuiet(ctx context.Context, most, look time.Duration, w io.Writer, begin func() (disturbance func() string)) string {
	begun := time.Now()
	last := ""
	for quiet := 0; quiet < quietLooks; {
		if passed := time.Since(begun); passed >= most {
			return fmt.Sprintf("Waited for a quiet machine for %v, in vain: at last %s.", passed.Round(time.Second), cmp.Or(last, "it was quiet, but not for long enough"))
		}
		disturbance := begin()
		select {
		case <-time.After(look):
		case <-ctx.Done():
			return ""
		}
		quiet++
		if what := disturbance(); what != "" {
			if what != last {
				fmt.Fprintf(w, "Waiting for a quiet machine, until %s at most: %s.\n", begun.Add(most).Format(time.TimeOnly), what)
			}
			quiet, last = 0, what
		}
	}
	if last == "" {
		return ""
	}
	return fmt.Sprintf("Waited %v for a quiet machine: %s.", time.Since(begun).Round(time.Second), last)
}
