package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestWhatReadmeSays: README.md has the number of mutants, and of those that have
// been seen caught.
func TestWhatReadmeSays(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	require.NoError(t, err)
	record, err := openResults("RESULTS.md")
	require.NoError(t, err)
	seen := 0
	for _, m := range mutants {
		if isCaught(record.of[m.name]) {
			seen++
		} else {
			t.Logf("RESULTS.md does not show %q caught: go run ./mutants -new", m.name)
		}
	}
	want := fmt.Sprintf(" %d seeded bugs in the code, of which the record shows %d caught", len(mutants), seen)
	assert.True(t, strings.Contains(string(readme), want), "README.md does not say%s", want)
}
