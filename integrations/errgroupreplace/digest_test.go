package errgroupreplace_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	after "github.com/lfpool/lfpool/integrations/errgroupreplace/after"
	before "github.com/lfpool/lfpool/integrations/errgroupreplace/before"
	"github.com/lfpool/lfpool/lfpooltest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, lfpooltest.Ignore(goleak.IgnoreAnyFunction)...)
}

// trees are the two programs.
var trees = map[string]func(context.Context, fs.FS, int) (map[string][sha256.Size]byte, error){
	"before": plain(before.Tree),
	"after":  plain(after.Tree),
}

// plain makes results comparable.
func plain[Sum ~[sha256.Size]byte](tree func(context.Context, fs.FS, int) (map[string]Sum, error)) func(context.Context, fs.FS, int) (map[string][sha256.Size]byte, error) {
	return func(ctx context.Context, f fs.FS, width int) (map[string][sha256.Size]byte, error) {
		sums, err := tree(ctx, f, width)
		if sums == nil {
			return nil, err
		}
		plain := map[string][sha256.Size]byte{}
		for path, sum := range sums {
			plain[path] = sum
		}
		return plain, err
	}
}

// files returns a directory with n files of size bytes, in n/10 directories.
func files(t testing.TB, n, size int) string {
	dir := t.TempDir()
	for i := range n {
		d := filepath.Join(dir, fmt.Sprint("d", i/10))
		require.NoError(t, os.MkdirAll(d, 0o755))
		text := strings.Repeat(fmt.Sprintln("file", i), size/7+1)[:size]
		require.NoError(t, os.WriteFile(filepath.Join(d, fmt.Sprint("f", i)), []byte(text), 0o644))
	}
	return dir
}

// TestTheDiffIsTheImportAndTheCall: comments aside.
func TestTheDiffIsTheImportAndTheCall(t *testing.T) {
	lines := func(path string) []string {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		return strings.Split(string(text), "\n")
	}
	b, a := lines("before/digest.go"), lines("after/digest.go")
	require.Len(t, a, len(b))
	var diff []string
	for i := range b {
		if b[i] != a[i] && !strings.HasPrefix(b[i], "//") {
			diff = append(diff, strings.TrimSpace(b[i]), strings.TrimSpace(a[i]))
		}
	}
	assert.Equal(t, []string{
		`"golang.org/x/sync/errgroup"`, `"github.com/lfpool/lfpool"`,
		`g, ctx := errgroup.WithContext(ctx)`, `g, ctx := lfpool.WithContext(ctx)`,
	}, diff)
}

func TestSameSums(t *testing.T) {
	tree := os.DirFS(files(t, 100, 1000))
	want := map[string][sha256.Size]byte{}
	require.NoError(t, fs.WalkDir(tree, ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			var text []byte
			text, err = fs.ReadFile(tree, path)
			want[path] = sha256.Sum256(text)
		}
		return err
	}))
	require.Len(t, want, 100)
	for name, sums := range trees {
		for _, width := range []int{1, 8, -1} {
			got, err := sums(context.Background(), tree, width)
			require.NoError(t, err, name)
			assert.Equal(t, want, got, name)
		}
	}
}

// broken is a tree one of whose files cannot be opened.
type broken struct {
	fs.FS
	path string
}

var errBroken = errors.New("broken")

func (b broken) Open(path string) (fs.File, error) {
	if path == b.path {
		return nil, errBroken
	}
	return b.FS.Open(path)
}

func TestSameErrors(t *testing.T) {
	tree := fstest.MapFS{"a": {Data: []byte("a")}, "b": {Data: []byte("b")}, "c/d": {Data: []byte("d")}}
	cancelled, cancel := context.WithCancelCause(context.Background())
	cancel(os.ErrDeadlineExceeded)
	for what, c := range map[string]struct {
		ctx  context.Context
		tree fs.FS
		want error
		text string
	}{
		"a file":     {context.Background(), broken{tree, "b"}, errBroken, "digest b: broken"},
		"a folder":   {context.Background(), broken{tree, "c"}, errBroken, "broken"},
		"no tree":    {context.Background(), broken{tree, "."}, errBroken, "broken"},
		"a context":  {cancelled, tree, os.ErrDeadlineExceeded, "i/o timeout"},
		"no problem": {context.Background(), tree, nil, ""},
	} {
		for name, sums := range trees {
			got, err := sums(c.ctx, c.tree, 2)
			assert.ErrorIs(t, err, c.want, "%s %s", name, what)
			if c.want != nil {
				assert.EqualError(t, err, c.text, "%s %s", name, what)
			}
			assert.Equal(t, c.want == nil, got != nil, "%s %s", name, what)
		}
	}
}
