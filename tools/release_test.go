package tools

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

// path is the library's; the modules that others import lie below it.
const path = "github.com/lfpool/lfpool"

// would is the version that the tree would be released as.
const would = "v0.1.0"

// consumer uses what a release has to offer.
var consumer = map[string]string{
	"main.go": `package main

import (
	"fmt"
	"os"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/lfpool/lfpool"
	"github.com/lfpool/lfpool/leak"
	"github.com/lfpool/lfpool/metrics"
)

func main() {
	pools := metrics.NewCollector()
	pools.Add(lfpool.Default())
	prometheus.MustRegister(pools)
	done := make(chan int)
	lfpool.Go(func() { done <- 42 })
	fmt.Println(<-done)
	_, err := leak.Parse(os.Stdin)
	fmt.Println(err)
}
`,
	"main_test.go": `package main

import (
	"testing"

	"github.com/lfpool/lfpool/explore"
	"github.com/lfpool/lfpool/explore/atomic"
	"github.com/lfpool/lfpool/lfpooltest"
)

func TestExplored(t *testing.T) {
	r := explore.Test(t, func(x *explore.Run) {
		var n atomic.Int32
		x.Go("one", func() { n.Add(1) })
		x.Go("other", func() { n.Add(1) })
	})
	if r.Schedules != 2 {
		t.Error(r)
	}
}

func TestPool(t *testing.T) {
	done := make(chan bool)
	lfpooltest.New(t).Go(func() { close(done) })
	<-done
}
`,
}

// proxy is a module proxy in a directory.
type proxy struct {
	dir string
	env []string // of the go command that uses it
}

// newProxy returns a proxy without modules. Others than lfpool's come from this
// machine's module cache, or from where they always come from; they go into a
// cache of their own, for what is released here must not be taken for the
// release.
func newProxy(t *testing.T) *proxy {
	out, err := exec.CommandContext(t.Context(), "go", "env", "GOMODCACHE", "GOPROXY").Output()
	if err != nil {
		t.Fatal(err)
	}
	env := strings.Fields(string(out))
	p := &proxy{dir: t.TempDir()}
	p.env = append(os.Environ(),
		"GOWORK=off", "GOFLAGS=-modcacherw", "GOTOOLCHAIN=local", "GONOSUMDB="+path, "GOMODCACHE="+t.TempDir(),
		"GOPROXY=file://"+p.dir+",file://"+filepath.Join(env[0], "cache", "download")+","+env[1])
	return p
}

func (p *proxy) run(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir, cmd.Env = dir, p.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// publish puts the module in dir into the proxy.
func (p *proxy) publish(t *testing.T, dir, path string) {
	t.Helper()
	mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	at := filepath.Join(p.dir, path, "@v")
	if err := os.MkdirAll(at, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"list": would + "\n", would + ".mod": string(mod), would + ".info": fmt.Sprintf(`{"Version": %q}`, would)} {
		if err := os.WriteFile(filepath.Join(at, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	f, err := os.Create(filepath.Join(at, would+".zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := zip.CreateFromDir(f, module.Version{Path: path, Version: would}, dir); err != nil {
		t.Fatal(err)
	}
}

// TestRelease: if the tree were released as CONTRIBUTING.md says, a program
// elsewhere could get the library, metrics, leak, explore and lfpooltest, and go install
// lfleak.
func TestRelease(t *testing.T) {
	p := newProxy(t)
	p.publish(t, "..", path)
	p.publish(t, "../explore", path+"/explore") // needs no other of these modules
	for _, name := range []string{"metrics", "leak"} {
		dir := t.TempDir()
		if err := os.CopyFS(dir, os.DirFS(filepath.Join("..", name))); err != nil {
			t.Fatal(err)
		}
		p.run(t, dir, "bash", abs(t, "release-module"), would)
		p.publish(t, dir, path+"/"+name)
	}

	dir := t.TempDir()
	for name, text := range consumer {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	p.run(t, dir, "go", "mod", "init", "example.com/consumer")
	p.run(t, dir, "go", "get", path+"@"+would, path+"/metrics@"+would, path+"/leak@"+would, path+"/explore@"+would)
	p.run(t, dir, "go", "mod", "tidy")
	p.run(t, dir, "go", "test", "./...")
	if out := p.run(t, dir, "go", "run", "."); !strings.HasPrefix(out, "42\n") {
		t.Errorf("the program prints %q, want 42 first", out)
	}

	bin := t.TempDir()
	p.env = append(p.env, "GOBIN="+bin)
	p.run(t, dir, "go", "install", path+"/leak/cmd/lfleak@"+would)
	if out := p.run(t, dir, filepath.Join(bin, "lfleak"), "-h"); !strings.Contains(out, "Usage: lfleak") {
		t.Errorf("lfleak -h prints %q", out)
	}
}

func abs(t *testing.T, file string) string {
	path, err := filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	return path
}
