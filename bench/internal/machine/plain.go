//go:build !lfpoolhooks

package machine

import (
	"errors"
	"os"
)

// Main runs f, which must not use the machine, and exits with the code that it
// returns.
func Main(f func() int) { os.Exit(f()) }

// Run cannot be where atomics are not reported.
func Run(Trial, func(Machine) func()) (Result, error) {
	return Result{}, errors.New("machine: the program was built without the tag lfpoolhooks")
}
