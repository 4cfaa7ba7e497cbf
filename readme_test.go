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

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("README.md")
	require.NoError(t, err)
	return string(text)
}

// TestReadmeIsShort: the first page can be read at once, whichever record it shows.
func TestReadmeIsShort(t *testing.T) {
	const most = 120
	assert.LessOrEqual(t, strings.Count(readme(t), "\n"), most, "lines")
}

// TestDesignIsShort: DESIGN.md can be read at one sitting. Figures, and what was tried, have
// pages in docs.
func TestDesignIsShort(t *testing.T) {
	design, err := os.ReadFile("DESIGN.md")
	require.NoError(t, err)
	const most = 42 << 10
	assert.LessOrEqual(t, len(design), most, "bytes")
}

// TestReadmeTestCommand: the command that README gives to test the library is the one
// that the whole check runs.
func TestReadmeTestCommand(t *testing.T) {
	ci, err := os.ReadFile(".ci/run")
	require.NoError(t, err)
	_, command, found := strings.Cut(string(ci), "step \"README's test command\"\n")
	require.True(t, found)
	command, _, _ = strings.Cut(command, "\n")
	require.True(t, strings.HasPrefix(command, "go test "), command)
	assert.Regexp(t, `(?m)^    `+regexp.QuoteMeta(command)+` +#`, readme(t))
}

// TestReadmeReplacesModulesThatExist: each replacement that README has go.mod make is of
// a module, and leads to the directory which has it, in a checkout of that name.
func TestReadmeReplacesModulesThatExist(t *testing.T) {
	text := readme(t)
	_, checkout, found := strings.Cut(text, "git clone https://github.com/lfpool/lfpool ")
	require.True(t, found)
	checkout, _, _ = strings.Cut(checkout, "\n")
	replacements := regexp.MustCompile(`-replace (\S+)=(\S+)`).FindAllStringSubmatch(text, -1)
	assert.Len(t, replacements, 3, "the library, metrics, leak")
	for _, r := range replacements {
		directory, inside := strings.CutPrefix(r[2], checkout)
		require.True(t, inside, r[2])
		mod, err := os.ReadFile(filepath.Join(".", directory, "go.mod"))
		require.NoError(t, err)
		assert.Contains(t, string(mod), "module "+r[1]+"\n")
	}
}
