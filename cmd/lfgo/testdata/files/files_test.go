package files

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

func TestAll(t *testing.T) {
	for _, f := range []func(chan int){Plain, Generated, Native} {
		done := make(chan int)
		f(done)
		<-done
	}
}

// TestEmbedded: what is embedded is the file on the disk.
func TestEmbedded(t *testing.T) {
	text, err := os.ReadFile("embedded.go")
	if err != nil || string(text) != Embedded {
		t.Errorf("%v: %s", err, Embedded)
	}
}

// TestCallsGo calls the go command in another module, which a go.work of this one
// must not reach.
func TestCallsGo(t *testing.T) {
	cmd := exec.Command("go", "mod", "init", "example.com/inner")
	cmd.Dir = t.TempDir()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	cmd = exec.Command("go", "list", "-m")
	cmd.Dir = t.TempDir()
	out, _ := cmd.CombinedOutput()
	if strings.Contains(string(out), "lfgo") {
		t.Errorf("go list -m: %s", out)
	}
	env, err := exec.Command("go", "env", "GOWORK").Output()
	if err != nil || strings.Contains(string(env), "lfgo") {
		t.Errorf("GOWORK=%s", env)
	}
}

func BenchmarkPlain(b *testing.B) {
	for b.Loop() {
		done := make(chan int)
		Plain(done)
		<-done
	}
}
