package lfpool_test

import (
	"os"
	"testing"

	"github.com/lfpool/lfpool/internal/binary"
)

// TestMain: the pools of these tests have real workers, in bubbles and in race
// builds too.
func TestMain(m *testing.M) {
	binary.Production()
	os.Exit(m.Run())
}
