//go:build !lfpoolhooks

package machine

import "os"

// Main runs f, which must not use the machine, and exits with the code that it
// returns.
func Main(f func() int) { os.Exit(f()) }
