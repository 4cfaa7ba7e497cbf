// Package tools has what CI runs besides the tests, and the tests of that.
package tools

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A repository for tools/api-check: its four modules, with one function each.
type repository struct {
	t   *testing.T
	dir string
}

func newRepository(t *testing.T) *repository {
	r := &repository{t, t.TempDir()}
	for _, file := range []string{"api-check", "go.mod", "go.sum"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		r.write("tools/"+file, string(text))
	}
	r.write("CHANGELOG.md", "# Changelog\n\n## Unreleased\n\n## 0.1.0\n\n- m: ./sub.F: removed\n")
	for _, module := range []string{"m", "m/leak", "m/metrics", "m/explore"} {
		dir := strings.TrimPrefix(strings.TrimPrefix(module, "m"), "/")
		r.write(dir+"/go.mod", "module example.com/"+module+"\n\ngo 1.25\n")
		r.write(dir+"/f.go", "package p\n\nfunc F() {}\n")
	}
	r.write("sub/f.go", "package sub\n\nfunc F() {}\n")
	r.git("init", "-q")
	r.commit()
	return r
}

func (r *repository) write(file, text string) {
	path := filepath.Join(r.dir, file)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		r.t.Fatal(err)
	}
}

func (r *repository) git(args ...string) string {
	cmd := exec.CommandContext(r.t.Context(), "git", append([]string{"-c", "user.name=x", "-c", "user.email=x"}, args...)...)
	cmd.Dir = r.dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// commit commits everything and returns the commit.
func (r *repository) commit() string {
	r.git("add", "-A")
	r.git("commit", "-q", "-m", "x", "--allow-empty")
	return r.git("rev-parse", "HEAD")
}

// check runs tools/api-check in dir, and fails unless it passes as told and
// prints want.
func (r *repository) check(dir string, passes bool, want string) {
	r.t.Helper()
	cmd := exec.CommandContext(r.t.Context(), "bash", filepath.Join(dir, "tools", "api-check"))
	out, err := cmd.CombinedOutput()
	if (err == nil) != passes || !strings.Contains(string(out), want) {
		r.t.Errorf("passes: %v, want %v and %q; it printed:\n%s", err == nil, passes, want, out)
	}
}

func TestChangesOfEachModuleAndPackage(t *testing.T) {
	for file, line := range map[string]string{
		"f.go":         "- m: F: removed",
		"sub/f.go":     "- m: ./sub.F: removed",
		"leak/f.go":    "- leak: F: removed",
		"metrics/f.go": "- metrics: F: removed",
		"explore/f.go": "- explore: F: removed",
	} {
		t.Run(file, func(t *testing.T) {
			r := newRepository(t)
			r.git("tag", "v0.1.0")
			r.write(filepath.Dir(file)+"/g.go", "package "+map[bool]string{true: "sub", false: "p"}[file == "sub/f.go"]+"\n\nfunc G() {}\n")
			if err := os.Remove(filepath.Join(r.dir, file)); err != nil {
				t.Fatal(err)
			}
			r.check(r.dir, false, "incompatible with v0.1.0: "+line)
			r.write("CHANGELOG.md", "# Changelog\n\n## Unreleased\n\n"+line+"\n\n## 0.1.0\n")
			r.check(r.dir, true, "announced: "+line)
		})
	}
}

// TestBase: api-base stands in for the newest tag unless it is older, and from
// 1.0 on no change is announced away.
func TestBase(t *testing.T) {
	r := newRepository(t)
	first := r.git("rev-parse", "HEAD")
	r.check(r.dir, false, "API not compared: this clone has no version tag")
	r.git("tag", "v1.0.0")
	r.write("g.go", "package p\n\nfunc G() {}\n")
	r.check(r.dir, true, "API compatible with v1.0.0")
	if err := os.Remove(filepath.Join(r.dir, "f.go")); err != nil {
		t.Fatal(err)
	}
	second := r.commit()
	r.write("CHANGELOG.md", "## Unreleased\n\n- m: F: removed\n")
	r.check(r.dir, false, "incompatible with v1.0.0: - m: F: removed")
	r.write("tools/api-base", second+"\n")
	r.check(r.dir, true, "API compatible with "+second)
	r.write("tools/api-base", first+"\n")
	r.check(r.dir, false, "incompatible with v1.0.0: - m: F: removed")
	r.write("tools/api-base", "0123456789012345678901234567890123456789\n")
	r.check(r.dir, false, "API not compared: this clone has no 0123456789")
}

// TestShallowClone: without the base nothing is compared, which is a failure.
func TestShallowClone(t *testing.T) {
	r := newRepository(t)
	r.write("tools/api-base", r.git("rev-parse", "HEAD")+"\n")
	r.commit()
	shallow := filepath.Join(t.TempDir(), "clone")
	r.git("clone", "-q", "--depth", "1", "file://"+r.dir, shallow)
	r.check(shallow, false, "to get it: git fetch --tags --unshallow origin")
	r.git("-C", shallow, "fetch", "-q", "--tags", "--unshallow", "origin")
	r.check(shallow, true, "API compatible with")
}
