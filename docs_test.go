package lfpool_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestFAQNamesTestsThatExist: each answer in docs/FAQ.md but the last one names
// tests, and there are such tests.
func TestFAQNamesTestsThatExist(t *testing.T) {
	faq, err := os.ReadFile("docs/FAQ.md")
	require.NoError(t, err)
	tests := map[string]bool{}
	function := regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	require.NoError(t, filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		for _, name := range function.FindAllStringSubmatch(string(source), -1) {
			tests[name[1]] = true
		}
		return err
	}))
	answers := strings.Split(string(faq), "\n**")[1:]
	require.Greater(t, len(answers), 10)
	name := regexp.MustCompile("`(Test\\w+)`")
	for i, answer := range answers {
		named := name.FindAllStringSubmatch(answer, -1)
		assert.True(t, len(named) > 0 || i == len(answers)-1, "no test is named in: %s", answer)
		for _, n := range named {
			assert.True(t, tests[n[1]], "%s does not exist", n[1])
		}
	}
}

// TestLinksInDocsLeadSomewhere looks at links to files of the repository.
func TestLinksInDocsLeadSomewhere(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`)
	for _, pattern := range []string{"*.md", "*/*.md", "*/*/*.md"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, file := range files {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			for _, l := range link.FindAllStringSubmatch(string(text), -1) {
				_, err := os.Stat(filepath.Join(filepath.Dir(file), l[1]))
				assert.NoError(t, err, "%s links to %s", file, l[1])
			}
		}
	}
}
