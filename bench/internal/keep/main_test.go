// Package keep has benchmarks of how long parked workers are kept, and of workers that
// are replaced. They are package testing's own, for benchstat.
package keep

import (
	"os"
	"testing"

	"github.com/lfpool/lfpool/internal/binary"
)

func TestMain(m *testing.M) {
	binary.Production() // race builds keep their workers, which is what is measured
	os.Exit(m.Run())
}
