package explore

import (
	"os"
	"testing"

	"github.com/lfpool/lfpool/internal/binary"
)

// TestMain: the pools that are explored have real workers, in bubbles and in
// race builds too.
func TestMain(m *testing.M) {
	binary.Production()
	os.Exit(m.Run())
}
