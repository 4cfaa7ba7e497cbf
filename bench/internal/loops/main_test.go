package loops

import (
	"os"
	"testing"

	"github.com/lfpool/lfpool/internal/binary"
)

func TestMain(m *testing.M) {
	binary.Production() // workers are kept as long as in a program
	os.Exit(m.Run())
}
