package explore

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// probe uses every type that has hooks, so that their code is linked.
const probe = `package main

import (
	"os"

	"github.com/lfpool/lfpool/lfqueue"
	"github.com/lfpool/lfpool/pool"
)

func main() {
	v := len(os.Args)
	ms, counted, seg := lfqueue.NewMS[int](), lfqueue.NewCounted[int](), lfqueue.NewSeg[int]()
	ms.Enqueue(v)
	counted.Enqueue(&v)
	seg.Enqueue(v)
	ms.Dequeue()
	counted.Dequeue()
	seg.Dequeue()
	println(ms.Empty(), counted.Empty(), seg.Empty())
	pool.New().Go(func() { println(v) })
}
`

// hookCall is a hook in the sources, or two at one place; with its import it is all there is.
var hookCall = regexp.MustCompile(`(?m)^\t*if hook\.On \{\n(?:\t*(?:n = )?hook\.(?:At|Home)\([^)]+\)\n)+\t*\}\n|^(import )?\t*"github\.com/lfpool/lfpool/internal/hook"\n`)

// TestHooksLeaveNothing builds a program from the library as it is and from a
// copy without any hook: the machine code must be the same, instruction for
// instruction.
func TestHooksLeaveNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("builds two programs")
	}
	with, removed := disassemble(t, func(source string) (string, int) { return source, 0 })
	without, n := disassemble(t, func(source string) (string, int) {
		return hookCall.ReplaceAllString(source, ""), strings.Count(source, "hook.At(")
	})
	if removed != 0 || n < 50 {
		t.Fatalf("the copy lost %d hooks; there should be dozens", n)
	}
	a, b := strings.Split(with, "\n"), strings.Split(without, "\n")
	function := ""
	for i := range min(len(a), len(b)) {
		if strings.HasPrefix(a[i], "TEXT") {
			function = a[i]
		}
		if a[i] != b[i] {
			t.Fatalf("%s: line %d of %d: %q with the hooks' calls, %q without", function, i, len(a), a[i], b[i])
		}
	}
	if len(a) != len(b) {
		t.Fatalf("%d lines with the hooks' calls, %d without", len(a), len(b))
	}
	t.Logf("%d hooks, %d lines of assembly, all the same", n, len(a))
}

// disassemble builds probe from the library's sources, each changed by
// change, and returns the code of its functions without addresses and line
// numbers, and what change counted.
func disassemble(t *testing.T, change func(string) (string, int)) (code string, n int) {
	dir := t.TempDir()
	root := filepath.Join("..", "..")
	for _, pattern := range []string{"go.mod", "go.sum", "lfqueue/*.go", "idle/*.go", "pool/*.go", "padded/*.go", "internal/hook/*.go", "internal/atomic/*.go", "internal/binary/*.go", "internal/goroutine/*.go", "internal/offer/*.go"} {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("no %s: %v", pattern, err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			changed := string(source)
			if !strings.Contains(pattern, "hook") {
				var k int
				changed, k = change(changed)
				n += k
			}
			rel, err := filepath.Rel(root, file)
			if err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(dir, rel), changed)
		}
	}
	write(t, filepath.Join(dir, "program", "main.go"), probe)
	binary := filepath.Join(dir, "binary")
	run(t, dir, "go", "build", "-trimpath", "-o", binary, "./program")
	if strings.Contains(run(t, dir, "go", "tool", "nm", binary), "lfpool/internal/hook") {
		t.Error("a symbol of internal/hook is linked")
	}
	var b strings.Builder
	for line := range strings.Lines(run(t, dir, "go", "tool", "objdump", "-s", "lfpool|main\\.main", binary)) {
		if fields := strings.Fields(line); len(fields) > 2 && fields[0] != "TEXT" {
			line = strings.Join(fields[2:], " ") + "\n" // without file:line and address
		}
		b.WriteString(line)
	}
	return b.String(), n
}

func write(t *testing.T, file, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func run(t *testing.T, dir string, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}
