package atomic_test

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestNoOtherAtomics: the packages whose atomics are watched use no others.
func TestNoOtherAtomics(t *testing.T) {
	for _, dir := range []string{"padded", "lfqueue"} {
		files, err := filepath.Glob(filepath.Join("..", "..", dir, "*.go"))
		require.NoError(t, err)
		require.NotEmpty(t, files)
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
			require.NoError(t, err)
			for _, i := range parsed.Imports {
				assert.NotContains(t, []string{`"sync/atomic"`, `"sync"`, `"github.com/lfpool/lfpool/internal/hook"`}, i.Path.Value, file)
			}
		}
	}
}
