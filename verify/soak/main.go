// Soak loads pools with random work for as long as you like and checks that
// every task runs exactly once and that no goroutine is left behind.
//
//	go run ./soak -for 10m
//
// It ends with status 0, with 1 when something was wrong, with 2 when the flags
// make no sense. Ctrl-C ends it early, with a summary.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/signal"
	"runtime"
	"time"

	"github.com/lfpool/lfpool/internal/binary"
)

func main() {
	binary.Production() // with -race too
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stderr))
}

// run is main with its surroundings as parameters.
func run(ctx context.Context, args []string, log io.Writer) (status int) {
	flags := flag.NewFlagSet("soak", flag.ContinueOnError)
	flags.SetOutput(log)
	length := flags.Duration("for", time.Minute, "for how long, at least 1s")
	seed := flags.Uint64("seed", 0, "of all that is random but the schedule; 0: choose one")
	broken := flags.String("fault", "", "break something, to see that it is noticed: "+faultNames())
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	fault, known := faultNamed(*broken)
	if *length < time.Second || flags.NArg() > 0 || !known {
		fmt.Fprintln(log, "soak: want -for 1s or more, a -fault that -h lists or none, and nothing but flags")
		return 2
	}
	if *seed == 0 {
		*seed = rand.Uint64()
	}
	if os.Getenv(childMark) == "" {
		fmt.Fprintf(log, "soak: seed %d, %s, %d processors, %s\n", *seed, runtime.Version(), runtime.NumCPU(), whereStalled)
		if err := watch(ctx, log, *length, *seed, *broken); err != nil {
			fmt.Fprintf(log, "soak: WRONG, seed %d: %v\n", *seed, err)
			return 1
		}
		return 0
	}
	ctx, cancel := context.WithTimeout(ctx, *length)
	defer cancel()
	s := &soak{seed: *seed, log: log, patience: soon, fault: fault}
	err := s.run(ctx)
	fmt.Fprintf(log, "soak: %s\n", s.summary())
	if err != nil {
		fmt.Fprintf(log, "soak: %v\n", err)
		return 1
	}
	return 0
}

// soon is how long something may take that should happen soon.
const soon = 30 * time.Second
