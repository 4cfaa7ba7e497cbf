package explore_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/puzpuzpuz/xsync/v3" // so that it is in go.mod and the module cache
)

// TestXsync explores MPMCQueue of github.com/puzpuzpuz/xsync/v3 as it is
// published, but for its imports: a copy is made in a temporary directory, where
// sync/atomic is explore/atomic and runtime is explore.
func TestXsync(t *testing.T) {
	module := struct{ Dir string }{}
	if err := json.Unmarshal(command(t, ".", "go", "list", "-m", "-json", "github.com/puzpuzpuz/xsync/v3"), &module); err != nil || module.Dir == "" {
		t.Fatalf("xsync is not in the module cache: %v", err)
	}
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	source := read(t, filepath.Join(module.Dir, "mpmcqueue.go"))
	for old, new := range map[string]string{
		`"sync/atomic"`: `"github.com/lfpool/lfpool/explore/atomic"`,
		`"runtime"`:     `runtime "github.com/lfpool/lfpool/explore"`,
	} {
		if !strings.Contains(source, old) {
			t.Fatalf("mpmcqueue.go does not import %s", old)
		}
		source = strings.Replace(source, old, new, 1)
	}
	for name, content := range map[string]string{
		"xsync/mpmcqueue.go":         source,
		"xsync/line.go":              "package xsync\n\nconst cacheLineSize = 64\n", // xsync's util.go has it beside functions that need linkname
		"xsync/mpmcqueue_ex_test.go": read(t, "testdata/mpmcqueue_test.go.txt"),
		"go.mod": "module xsync.test\n\ngo 1.25.0\n\nrequire github.com/lfpool/lfpool/explore v0.0.0\n\n" +
			"replace github.com/lfpool/lfpool/explore => " + here + "\n\nrequire github.com/anishathalye/porcupine v1.3.1\n",
		"go.sum": read(t, "go.sum"),
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%s", command(t, dir, "go", "test", "-mod=mod", "-v", "./xsync"))
}

func read(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func command(t *testing.T, dir, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, out)
	}
	return out
}
