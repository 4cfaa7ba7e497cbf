package workspace

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/mod/modfile"
)

// write makes files in a directory of their own, and returns it.
func write(t *testing.T, files map[string]string) string {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	for name, text := range files {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o777))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666))
	}
	return dir
}

// open opens a workspace and returns what its go.work says.
func open(t *testing.T, dir string) (*Workspace, *modfile.WorkFile) {
	t.Setenv("GOWORK", "")
	pool, err := FindPool(t.Context())
	require.NoError(t, err)
	w, err := Open(t.Context(), dir, pool)
	require.NoError(t, err)
	t.Cleanup(func() {
		assert.NoError(t, w.Close())
		assert.NoDirExists(t, w.Temp)
	})
	text, err := os.ReadFile(filepath.Join(w.Temp, "go.work"))
	require.NoError(t, err)
	work, err := modfile.ParseWork("go.work", text, nil)
	require.NoError(t, err)
	return w, work
}

func godebugs(work *modfile.WorkFile) map[string]string {
	set := map[string]string{}
	for _, g := range work.Godebug {
		set[g.Key] = g.Value
	}
	return set
}

func TestModuleKeepsItsVersion(t *testing.T) {
	dir := write(t, map[string]string{"go.mod": "module example.com/old\n\ngo 1.21\n\ngodebug panicnil=1\n", "a/a.go": "package a\n"})
	w, work := open(t, filepath.Join(dir, "a"))
	assert.Equal(t, []Module{{"example.com/old", dir}}, w.Modules)
	assert.Equal(t, "1.25.0", work.Go.Version)
	assert.Equal(t, map[string]string{"default": "go1.21", "panicnil": "1"}, godebugs(work))
	cmd := exec.Command("go", "list", "-f", "{{.Module.GoVersion}} {{.DefaultGODEBUG}}", "./...")
	cmd.Dir, cmd.Env = dir, w.Env
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	assert.Contains(t, string(out), "1.21 ")
}

func TestVersionsThatWorkNeeds(t *testing.T) {
	for version, want := range map[string][2]string{"1.16": {"1.25.0", "go1.20"}, "1.25.5": {"1.25.5", "go1.25"}, "1.26.0": {"1.26.0", "go1.26"}} {
		_, work := open(t, write(t, map[string]string{"go.mod": "module m\n\ngo " + version + "\n"}))
		assert.Equal(t, want, [2]string{work.Go.Version, godebugs(work)["default"]})
	}
	_, work := open(t, write(t, map[string]string{"go.mod": "module m\n\ngo 1.22\n\ngodebug default=go1.23\n"}))
	assert.Equal(t, "go1.23", godebugs(work)["default"])
}

func TestUsersWorkspaceIsKept(t *testing.T) {
	dir := write(t, map[string]string{
		"go.work":  "go 1.24\n\nuse (\n\t./a\n\t./b\n)\n\nreplace example.com/c => ./c\n\ngodebug panicnil=1\n",
		"a/go.mod": "module example.com/a\n\ngo 1.23\n", "b/go.mod": "module example.com/b\n\ngo 1.24\n", "c/go.mod": "module example.com/c\n",
	})
	w, work := open(t, filepath.Join(dir, "a"))
	assert.Equal(t, []Module{{"example.com/a", filepath.Join(dir, "a")}, {"example.com/b", filepath.Join(dir, "b")}}, w.Modules)
	require.Len(t, work.Use, 3)
	assert.Equal(t, w.Pool, work.Use[2].Path)
	require.Len(t, work.Replace, 1)
	assert.Equal(t, filepath.Join(dir, "c"), work.Replace[0].New.Path)
	assert.Equal(t, map[string]string{"default": "go1.24", "panicnil": "1"}, godebugs(work))
}

// TestCopyOfThePool: it requires nothing that only tests need, and there is one
// for all uses of the same source.
func TestCopyOfThePool(t *testing.T) {
	w, _ := open(t, write(t, map[string]string{"go.mod": "module m\n\ngo 1.22\n"}))
	text, err := os.ReadFile(filepath.Join(w.Pool, "go.mod"))
	require.NoError(t, err)
	assert.Contains(t, string(text), "github.com/puzpuzpuz/xsync")
	assert.NotContains(t, string(text), "testify")
	assert.FileExists(t, filepath.Join(w.Pool, "pool", "pool.go"))
	assert.NoDirExists(t, filepath.Join(w.Pool, "lfpooltest"))
	again, _ := open(t, write(t, map[string]string{"go.mod": "module m\n\ngo 1.22\n"}))
	assert.Equal(t, w.Pool, again.Pool)
	all, _ := open(t, write(t, map[string]string{"go.mod": "module m\n\ngo 1.25.0\n\nrequire github.com/lfpool/lfpool v0.0.0\n"}))
	assert.DirExists(t, filepath.Join(all.Pool, "lfpooltest"))
}

func TestFlagsThatAWorkspaceDoesNotKnow(t *testing.T) {
	assert.Equal(t, "-race -buildvcs=false", withoutMod("-race -mod=mod  -buildvcs=false --modfile=x"))
	assert.Empty(t, withoutMod(""))
}
