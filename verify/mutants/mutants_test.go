package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestMutantsFitTheCode: each mutant's text stands exactly once in its file, so
// the table is in step with the code.
func TestMutantsFitTheCode(t *testing.T) {
	names := map[string]bool{}
	for _, m := range mutants {
		assert.False(t, names[m.name], "%s: twice in the table", m.name)
		names[m.name] = true
		text, err := os.ReadFile(filepath.Join("..", "..", m.file))
		require.NoError(t, err)
		dir := t.TempDir()
		require.NoError(t, os.MkdirAll(filepath.Join(dir, filepath.Dir(m.file)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, m.file), text, 0o644))
		assert.NoError(t, m.apply(dir))
	}
}
