//go:build lfpoolhooks

package machine

import (
	"os"
	"testing"
)

// current is the test that Main runs f in.
var current *testing.T

// Main runs f, which may use the machine, and exits with the code that it
// returns.
func Main(f func() int) {
	os.Args = os.Args[:1] // f has its own
	testing.Main(func(string, string) (bool, error) { return true, nil }, []testing.InternalTest{{Name: "bench", F: func(t *testing.T) {
		current = t // bubbles of testing/synctest belong to a test
		os.Exit(f())
	}}}, nil, nil)
}
