package lfpool_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestFAQNamesTestsThatExist: each answer in docs/FAQ.md but the last one has
// commands, and these run tests that there are.
func TestFAQNamesTestsThatExist(t *testing.T) {
	faq, err := os.ReadFile("docs/FAQ.md")
	require.NoError(t, err)
	command := regexp.MustCompile(`(?m)^    \(?(?:cd (\w+) && )?(?:GOWORK=off )?go test (?:-tags \w+ )?(\S+) -run '?([\w|]+)'?\)?$`)
	answers := strings.Split(string(faq), "\n**")[1:]
	require.Greater(t, len(answers), 10)
	for i, answer := range answers {
		commands := command.FindAllStringSubmatch(answer, -1)
		assert.Equal(t, strings.Count(answer, "\n    "), len(commands), "a line is no command to run tests: %s", answer)
		assert.True(t, len(commands) > 0 || i == len(answers)-1, "no test is named in: %s", answer)
		for _, c := range commands {
			tests := testsIn(t, filepath.Join(c[1], c[2]))
			for name := range strings.SplitSeq(c[3], "|") {
				assert.Contains(t, tests, name, "in %s", c[0])
			}
		}
	}
}

// testsIn returns the names of the tests of the package in dir.
func testsIn(t *testing.T, dir string) (names []string) {
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	require.NoError(t, err)
	for _, file := range files {
		source, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, name := range regexp.MustCompile(`(?m)^func (Test\w+)\(`).FindAllStringSubmatch(string(source), -1) {
			names = append(names, name[1])
		}
	}
	return names
}

// TestIssuesInDocsAreLinks: an issue is named with its repository and linked to,
// or follows one of the same repository.
func TestIssuesInDocsAreLinks(t *testing.T) {
	issue := regexp.MustCompile(`[\w./-]*#\d+`)
	link := regexp.MustCompile(`\[(?:([\w.-]+/[\w.-]+))?#(\d+)\]\(https://github\.com/([\w.-]+/[\w.-]+)/(?:issues|pull)/(\d+)\)`)
	for _, file := range []string{"README.md", "docs/FAQ.md", "docs/pooling.md"} {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		repository := ""
		for _, l := range link.FindAllStringSubmatch(string(text), -1) {
			if l[1] != "" {
				repository = l[1]
			}
			assert.Equal(t, repository, l[3], l[0])
			assert.Equal(t, l[2], l[4], l[0])
		}
		assert.Empty(t, issue.FindAllString(link.ReplaceAllString(string(text), ""), -1), "%s: issues without a link", file)
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
