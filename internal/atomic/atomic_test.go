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

// TestNoOtherAtomics: the packages whose atomics are watched use no others, and those
// below the pool no locks and no pools but those of internal/atomic.
func TestNoOtherAtomics(t *testing.T) {
	for _, dir := range []string{"padded", "lfqueue", "idle", "pool", "pool/multi", "pool/poolvar", "parallel", "internal/inside", "internal/goroutine", "internal/binary", "."} {
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
				assert.NotEqual(t, `"sync/atomic"`, i.Path.Value, file)
				if dir == "padded" || dir == "lfqueue" || dir == "idle" {
					assert.NotEqual(t, `"sync"`, i.Path.Value, file)
				}
			}
		}
	}
}
