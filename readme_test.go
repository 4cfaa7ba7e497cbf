package lfpool_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestReadmeExampleIsCompiled: the Go code in README.md is that of Example.
func TestReadmeExampleIsCompiled(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	code, err := os.ReadFile("example_test.go")
	require.NoError(t, err)
	_, block, found := strings.Cut(string(readme), "```go\n")
	require.True(t, found, "README.md has an example")
	block, _, found = strings.Cut(block, "```")
	require.True(t, found)
	for line := range strings.Lines(block) {
		assert.Contains(t, string(code), "\t"+line)
	}
}
