package lfpool_test

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// layers is the map of the library: each package may import the ones after it.
// At the bottom stands what belongs to no mechanism: what a goroutine knows of
// itself, what binary it is in, and what a build tag lets tests watch and choose.
var layers = []string{"/lfpooltest", "/parallel", "", "/pool/poolvar", "/pool/multi", "/pool", "/internal/inside", "/idle", "/lfqueue", "/padded", "/internal/atomic", "/internal/goroutine", "/internal/binary", "/internal/home"}

const modulePath = "github.com/lfpool/lfpool"

func TestImportsPointOneWay(t *testing.T) {
	for at, layer := range layers {
		out, err := exec.CommandContext(t.Context(), "go", "list", "-json=Imports", modulePath+layer).Output()
		require.NoError(t, err)
		var pkg struct{ Imports []string }
		require.NoError(t, json.Unmarshal(out, &pkg))
		for _, imported := range pkg.Imports {
			if below, ours := strings.CutPrefix(imported, modulePath); ours {
				assert.Greater(t, slices.Index(layers, below), at, "%s imports %s", modulePath+layer, imported)
			}
		}
	}
}

func TestLibraryNeedsNothingButWhatItSays(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{if not .Standard}}{{.Module.Path}}{{end}}", modulePath).Output()
	require.NoError(t, err)
	for _, module := range strings.Fields(string(out)) {
		assert.Contains(t, []string{modulePath, "golang.org/x/sys", "github.com/puzpuzpuz/xsync/v3"}, module)
	}
}
