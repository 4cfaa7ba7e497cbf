package integrations_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestReadmeCodeIsCompiled: the Go code of each section of README.md stands in
// the example that the section's heading links to, and each example has a
// section.
func TestReadmeCodeIsCompiled(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	sections := regexp.MustCompile("(?s)\n### \\[[^]]*\\]\\(([^)]*)\\)\n.*?\n```go\n(.*?)```").FindAllStringSubmatch(string(readme), -1)
	var examples []string
	for _, s := range sections {
		examples = append(examples, s[1])
		code, err := os.ReadFile(s[1])
		require.NoError(t, err)
		compiled := map[string]bool{}
		for line := range strings.Lines(string(code)) {
			compiled[strings.TrimSpace(line)] = true
		}
		for line := range strings.Lines(s[2]) {
			assert.True(t, compiled[strings.TrimSpace(line)], "%s: %s", s[1], line)
		}
	}
	all, err := filepath.Glob("*/example_test.go")
	require.NoError(t, err)
	assert.ElementsMatch(t, all, examples)
}
