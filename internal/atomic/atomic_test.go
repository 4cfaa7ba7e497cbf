package atomic_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// others are the files that have atomics which are not watched: the watched ones themselves,
// and where a test says which lane a submitter is in.
var others = []string{"internal/atomic/plain.go", "internal/atomic/watched.go", "internal/home/watched.go"}

// TestNoOtherAtomics: the packages of the module use no atomics but watched ones, and those
// below the pool no locks and no pools but those of internal/atomic.
func TestNoOtherAtomics(t *testing.T) {
	root, found := filepath.Join("..", ".."), 0
	require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != root {
			_, err := os.Stat(filepath.Join(path, "go.mod")) // another module
			if err == nil || strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" {
				return fs.SkipDir
			}
		}
		if filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		file = filepath.ToSlash(file)
		parsed, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		dir, _, _ := strings.Cut(file, "/")
		for _, i := range parsed.Imports {
			switch {
			case i.Path.Value == `"sync/atomic"` && slices.Contains(others, file):
				found++
			case i.Path.Value == `"sync/atomic"`:
				t.Errorf("%s uses sync/atomic: want internal/atomic, whose operations the checking tools see", file)
			case i.Path.Value == `"sync"` && slices.Contains([]string{"padded", "lfqueue", "idle"}, dir):
				t.Errorf("%s uses sync: want internal/atomic", file)
			}
		}
		return nil
	}))
	assert.Equal(t, len(others), found, "files that may use sync/atomic, and do")
}
