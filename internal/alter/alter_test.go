package alter

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func write(t *testing.T, root string, files map[string]string) {
	for name, text := range files {
		path := filepath.Join(root, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
}

func read(t *testing.T, root string) map[string]string {
	files := map[string]string{}
	require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		below, _ := filepath.Rel(root, path)
		files[filepath.ToSlash(below)] = string(text)
		return err
	}))
	return files
}

func TestApply(t *testing.T) {
	root := t.TempDir()
	write(t, root, map[string]string{"a/b.go": "one two two"})
	require.NoError(t, Change{"a/b.go", "one", "three"}.Apply(root))
	assert.Equal(t, map[string]string{"a/b.go": "three two two"}, read(t, root))
	assert.EqualError(t, Change{"a/b.go", "two", "four"}.Apply(root), `"two" stands 2 times in a/b.go, want once`)
	assert.EqualError(t, Change{"a/b.go", "one", "four"}.Apply(root), `"one" stands 0 times in a/b.go, want once`)
	assert.ErrorIs(t, Change{"a/c.go", "one", "four"}.Apply(root), fs.ErrNotExist)
	assert.Equal(t, map[string]string{"a/b.go": "three two two"}, read(t, root), "as it was")
}

func TestCopy(t *testing.T) {
	from, to := t.TempDir(), t.TempDir()
	write(t, from, map[string]string{"a/b.go": "one", "a/c.txt": "two", ".hidden/d.go": "three", "e.go": "four", "f/g/h.go": "five"})
	require.NoError(t, Copy(to, from, func(below string, d fs.DirEntry) bool {
		return IsHidden(d) || filepath.Ext(below) == ".txt" || below == filepath.Join("f", "g")
	}))
	assert.Equal(t, map[string]string{"a/b.go": "one", "e.go": "four"}, read(t, to))
	assert.ErrorIs(t, Copy(to, filepath.Join(from, "none"), func(string, fs.DirEntry) bool { return false }), fs.ErrNotExist)
}
