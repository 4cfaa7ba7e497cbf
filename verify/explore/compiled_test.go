package explore

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// probe uses every type with watched atomics, so that their code is linked.
const probe = `package main

import (
	"context"
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
	p := pool.New(pool.WithBacklog(v), pool.WithLimit(9))
	p.Go(func() { println(v) })
	p.GoContext(context.Background(), func(context.Context) {})
	pool.NewKeyed[int](p).Go(v, func() {})
	p.Drain(context.Background())
}
`

const internal = `"github.com/lfpool/lfpool/internal/`

var (
	imported = regexp.MustCompile(`(?m)^((?:import )?\t*)` + internal + `atomic"$`)
	locks    = regexp.MustCompile(`\batomic\.(Mutex|Pool)\b`)
	others   = regexp.MustCompile(`\batomic\.(Bool|U?[Ii]nt|Pointer)`)
)

// plainly returns a source with sync/atomic and sync in place of internal/atomic, and the
// hash of its own stack for a submitter's lane; and how many such words it had.
func plainly(source string) (string, int) {
	n := len(locks.FindAllString(source, -1)) + len(others.FindAllString(source, -1))
	var imports []string
	if others.MatchString(source) {
		imports = append(imports, `"sync/atomic"`)
	}
	if locks.MatchString(source) && !strings.Contains(source, "\t\"sync\"\n") {
		imports = append(imports, `"sync"`)
	}
	source = locks.ReplaceAllString(source, "sync.$1")
	source = imported.ReplaceAllString(source, "${1}"+strings.Join(imports, "\n\t"))
	source = strings.ReplaceAll(source, "\t"+internal+"home\"\n", "")
	return strings.NewReplacer("home.Of(i)", "i", "home.Calm()", "false").Replace(source), n
}

// TestWatchingLeavesNothing builds a program from the library as it is and from a
// copy with sync/atomic: the machine code must be the same, instruction for
// instruction.
func TestWatchingLeavesNothing(t *testing.T) {
	with, replaced := disassemble(t, func(source string) (string, int) { return source, 0 })
	without, n := disassemble(t, plainly)
	if replaced != 0 || n < 50 {
		t.Fatalf("the copy has %d other words; there should be dozens", n)
	}
	a, b := strings.Split(with, "\n"), strings.Split(without, "\n")
	function := ""
	for i := range min(len(a), len(b)) {
		if strings.HasPrefix(a[i], "TEXT") {
			function = a[i]
		}
		if a[i] != b[i] {
			t.Fatalf("%s: line %d of %d: %q with internal/atomic, %q with sync/atomic", function, i, len(a), a[i], b[i])
		}
	}
	if len(a) != len(b) {
		t.Fatalf("%d lines with internal/atomic, %d with sync/atomic", len(a), len(b))
	}
	t.Logf("%d words, %d lines of assembly, all the same", n, len(a))
}

// disassemble builds probe from the library's sources, each changed by
// change, and returns the code of its functions without addresses and line
// numbers, and what change counted.
func disassemble(t *testing.T, change func(string) (string, int)) (code string, n int) {
	dir := t.TempDir()
	root := filepath.Join("..", "..")
	for _, pattern := range []string{"go.mod", "go.sum", "lfqueue/*.go", "idle/*.go", "pool/*.go", "padded/*.go", "internal/home/*.go", "internal/atomic/*.go", "internal/binary/*.go", "internal/goroutine/*.go", "internal/inside/*.go"} {
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
			if !strings.Contains(pattern, "home") && !strings.Contains(pattern, "internal/atomic") {
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
	for _, tool := range []string{"atomic", "home"} {
		if strings.Contains(run(t, dir, "go", "tool", "nm", binary), "lfpool/internal/"+tool) {
			t.Errorf("a symbol of internal/%s is linked", tool)
		}
	}
	var b strings.Builder
	for line := range strings.Lines(run(t, dir, "go", "tool", "objdump", "-s", "lfpool|main\\.main", binary)) {
		if fields := strings.Fields(line); len(fields) > 3 && fields[0] != "TEXT" {
			line = placeless(fields[1], strings.Join(fields[3:], " ")) + "\n" // without file:line, address and code, which has addresses
		}
		b.WriteString(line)
	}
	return b.String(), n
}

var (
	ofData = regexp.MustCompile(`0x[0-9a-f]+\(IP\)`)
	target = regexp.MustCompile(`^(J\w+ )0x([0-9a-f]+)$`)
)

// placeless returns an instruction without what depends on where the linker has put it, and
// data: a jump has the distance that it goes.
func placeless(address, instruction string) string {
	instruction = ofData.ReplaceAllString(instruction, "(IP)")
	if m := target.FindStringSubmatch(instruction); m != nil {
		from, err1 := strconv.ParseInt(strings.TrimPrefix(address, "0x"), 16, 64)
		to, err2 := strconv.ParseInt(m[2], 16, 64)
		if err1 == nil && err2 == nil {
			return fmt.Sprint(m[1], to-from)
		}
	}
	return instruction
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
