package dump_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/leak/internal/dump"
)

// One program's goroutines have the same roles in all formats, whatever their
// functions are called. The programs here are generated: each waits until all
// its goroutines are blocked, writes its profile three times, and crashes.

// agreeMain writes the profiles 0, 1 and 2 into the current directory.
const agreeMain = `package main

import (
	"bytes"
	"os"
	"regexp"
	"runtime/pprof"
	"strconv"
	"syscall"
	"time"
)

var c = make(chan int)

var busy = regexp.MustCompile("(?m)^goroutine [0-9]+ \\[(running|runnable)")

func main() {
	start()
	var text bytes.Buffer
	for n := 0; n != 1; n = len(busy.FindAllIndex(text.Bytes(), -1)) { // this one
		time.Sleep(time.Millisecond)
		text.Reset()
		pprof.Lookup("goroutine").WriteTo(&text, 2)
	}
	for i := range 3 {
		var b bytes.Buffer
		pprof.Lookup("goroutine").WriteTo(&b, i)
		if err := os.WriteFile(strconv.Itoa(i), b.Bytes(), 0o600); err != nil {
			println(err.Error())
			os.Exit(1)
		}
	}
	if os.Getenv("AGREE") == "quit" {
		syscall.Kill(os.Getpid(), syscall.SIGQUIT)
		time.Sleep(time.Hour) // and no select {}: two crashes at a time wait for each other
	}
	panic("done") // exit status 2, as after SIGQUIT
}
`

// agreePackage has an import path with dots in its last element, which the
// linker escapes, and elsewhere.
const agreePackage = `package box

type Box[T any] struct{ V T }

func (b *Box[T]) Wait(c chan int) { <-c }
func (b Box[T]) Start(c chan int) { go func() { func() { <-c }() }() }
func Wait(c chan int)             { <-c }
`

// kinds are the ways to name a function. N is for a number, T for a type, of
// which U is another.
var kinds = []struct {
	name         string
	decls, start string
}{
	{"function", "func fN() { <-c }", "go fN()"},
	{"closure", "", "go func() { func() { <-c }() }()"},
	{"arguments", "func fN(a ...any) { <-c }", "go fN(1, 2)"},
	{"generic function", "func fN[A any](a A) { <-c }", "go fN(*new(T))"},
	{"closure in a generic", "func fN[A any]() { go func() { <-c }() }", "fN[T]()"},
	{"closure in closures", "func fN[A any]() { go func() { func() { func() { <-c }() }() }() }", "fN[T]()"},
	{"generic in a generic", "func fN[A any]() { gN[[]A]() }\nfunc gN[B any]() { go func() { <-c }() }", "fN[T]()"},
	{"generic not inlined", "func fN[A, B any]() { gN[map[string]A]() }\n\n//go:noinline\nfunc gN[B any]() { func() { <-c }() }", "go fN[T, U]()"},
	{"method", "type tN struct{}\n\nfunc (tN) m() { <-c }", "go tN{}.m()"},
	{"pointer method", "type tN struct{}\n\nfunc (*tN) m() { <-c }", "go new(tN).m()"},
	{"method of a generic", "type tN[A any] struct{ a A }\n\nfunc (tN[A]) m() { <-c }", "go tN[T]{}.m()"},
	{"pointer method of a generic", "type tN[A any] struct{ a A }\n\nfunc (*tN[A]) m() { func() { <-c }() }", "go new(tN[T]).m()"},
	{"method value", "type tN struct{}\n\nfunc (tN) m() { <-c }", "vN := tN{}.m\n\tgo vN()"},
	{"method value of a generic", "type tN[A any] struct{ a A }\n\nfunc (*tN[A]) m() { <-c }", "vN := new(tN[T]).m\n\tgo vN()"},
	{"method expression", "type tN[A any] struct{ a A }\n\nfunc (*tN[A]) m() { <-c }", "vN := (*tN[T]).m\n\tgo vN(new(tN[T]))"},
	{"method through an interface", "type tN[A any] struct{ a A }\n\nfunc (tN[A]) m() { <-c }\n\ntype iN interface{ m() }", "var vN iN = new(tN[T])\n\tgo vN.m()"},
	{"promoted method", "type tN[A any] struct{ a A }\n\nfunc (tN[A]) m() { <-c }\n\ntype uN[B any] struct{ tN[[]B] }\n\ntype iN interface{ m() }", "var vN iN = &uN[T]{}\n\tgo vN.m()"},
	{"passed function", "func fN[A any](f func(A)) { f(*new(A)) }", "go fN(func(T) { <-c })"},
	{"returned function", "func fN[A any]() func() { return func() { <-c } }", "go fN[T]()()"},
	{"returned function of two generics", "func fN[A any]() func() { return func() { func() { hN[[]A]() }() } }\n\nfunc gN[B any]() func() { return func() { <-c } }\nfunc hN[B any]() { go gN[map[string]B]()() }", "fN[T]()()"},
	{"deferred call", "func fN[A any](a A) { <-c }\nfunc gN() { defer fN(*new(T)) }", "go gN()"},
	{"deferred closure", "func fN[A any]() { defer func() { <-c }() }", "go fN[T]()"},
	{"panic", "func fN[A any](a A) { defer func() { recover() }(); defer func() { <-c }(); panic(a) }", "go fN(*new(T))"},
	{"fault", "func fN[A any]() { defer func() { recover() }(); defer func() { <-c }(); var p *[1]A; _ = *p; *(*int)(nil) = 1 }", "go fN[T]()"},
	{"range over func", "func fN[A any](yield func(A) bool) { yield(*new(A)) }", "go func() { for range fN[T] { <-c } }()"},
	{"coroutine", "func fN[A any](yield func(A) bool) { yield(*new(A)) }", "go func() { next, stop := iter.Pull(fN[T]); next(); defer stop(); <-c }()"},
	{"timer", "", "time.AfterFunc(0, func() { <-c })"},
	{"sleep", "func fN[A any]() { time.Sleep(time.Hour) }", "go fN[T]()"},
	{"wait group", "func fN[A any]() { <-c }", "wg.Go(fN[T])"},
	{"waits for all", "", "go wg.Wait()"},
	{"lock", "type tN[A any] struct{ mu *sync.Mutex }\n\nfunc (t tN[A]) m() { t.mu.Lock() }", "go tN[T]{mu: &locked}.m()"},
	{"library's generic", "", "go slices.SortFunc([]T{*new(T), *new(T)}, func(a, b T) int { <-c; return 0 })"},
	{"once", "func fN[A any]() A { <-c; return *new(A) }", "go sync.OnceValue(fN[T])()"},
	{"labels", "", "pprof.Do(context.Background(), pprof.Labels(\"k\", `v \"N\"]:`, \"T\", \"U\"), func(context.Context) { go func() { <-c }() })"},
	{"dotted path", "", "go box.Wait(c)"},
	{"generic of a dotted path", "", "go new(box.Box[T]).Wait(c)"},
	{"closure of a dotted path", "", "box.Box[T]{}.Start(c)"},
	{"vendored", "", "go lib.Wait[T](c)"},
	{"no goroutine body", "", "go func() { select {} }()"},
}

// methodKinds are for languages that have generic methods.
var methodKinds = []struct{ name, decls, start string }{
	{"generic method", "type tN[A any] struct{ a A }\n\nfunc (*tN[A]) m[B any](b B) { <-c }", "go new(tN[T]).m(*new(U))"},
	{"closure in a generic method", "type tN[A any] struct{ a A }\n\nfunc (*tN[A]) m[B any]() { go func() { <-c }() }", "new(tN[T]).m[U]()"},
	{"two generic methods", "type tN[A any] struct{ a A }\n\nfunc (*tN[A]) m[B any]() { <-c }\nfunc (*tN[A]) n[B any]() { <-c }", "go new(tN[T]).m[U]()\n\tgo new(tN[T]).n[U]()"},
}

// randomType returns a type with parts of the given depth.
func randomType(r *rand.Rand, depth int) string {
	if depth == 0 {
		return []string{"int", "string", "float64", "byte", "any", "error"}[r.IntN(6)]
	}
	part := func() string { return randomType(r, depth-1) }
	switch r.IntN(9) {
	case 0:
		return "[]" + part()
	case 1:
		return "map[string]" + part()
	case 2:
		return "[3]" + part()
	case 3:
		return "func(" + part() + ") " + part()
	case 4:
		return "struct{ A " + part() + "; b []" + part() + " }"
	case 5:
		return "chan<- " + part()
	case 6:
		return "*" + part()
	case 7:
		return "interface{ M(" + part() + ") }"
	default:
		return "box.Box[" + part() + "]"
	}
}

// agreeProgram returns the files of a program of every kind, with random types
// and in random order, so that numbers of closures differ too.
func agreeProgram(r *rand.Rand, minor int) map[string]string {
	all := slices.Clone(kinds)
	if minor >= 27 {
		all = append(all, methodKinds...)
	}
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	var decls, starts strings.Builder
	for n, k := range all {
		fill := strings.NewReplacer("[T]", "["+randomType(r, r.IntN(4))+"]", "[T,", "["+randomType(r, 2)+",", "(T)", "("+randomType(r, 1)+")")
		t := randomType(r, r.IntN(3))
		whole := func(s string) string {
			s = regexp.MustCompile(`\bT\b`).ReplaceAllLiteralString(s, t)
			s = regexp.MustCompile(`\bU\b`).ReplaceAllLiteralString(s, "[]string")
			return regexp.MustCompile(`\b([a-zA-Z]?)N\b`).ReplaceAllString(s, fmt.Sprintf("${1}%d", n))
		}
		start := k.start
		if !strings.Contains(start, "(T)") && strings.Count(start+k.decls, "T") == 1 {
			start = fill.Replace(start)
		}
		fmt.Fprintf(&decls, "%s\n\n", whole(k.decls))
		fmt.Fprintf(&starts, "\t// %s\n\t%s\n", k.name, whole(start))
	}
	return map[string]string{
		"go.mod":                      fmt.Sprintf("module example.com/agree.v3\n\ngo 1.%d\n\nrequire example.com/lib v1.0.0\n", minor),
		"vendor/modules.txt":          fmt.Sprintf("# example.com/lib v1.0.0\n## explicit; go 1.%d\nexample.com/lib\n", minor),
		"vendor/example.com/lib/a.go": "package lib\n\nfunc Wait[A any](c chan int) { <-c }\n",
		"a.b/box.v2/box.go":           agreePackage,
		"main.go":                     agreeMain,
		"start.go": `package main

import (
	"context"
	"iter"
	"runtime/pprof"
	"slices"
	"sync"
	"time"

	"example.com/agree.v3/a.b/box.v2"
	"example.com/lib"
)

var (
	wg     sync.WaitGroup
	locked sync.Mutex
)

` + decls.String() + "func start() {\n\tlocked.Lock()\n\twg.Add(1)\n" + starts.String() + "}\n",
	}
}

// profilesOf builds and runs a program that writes the files 0, 1 and 2 and
// crashes. It returns them, and what the crash shows of all goroutines, on
// SIGQUIT, and with GOTRACEBACK=system, which leaves out no frame.
func profilesOf(t *testing.T, files map[string]string) map[string]*dump.Profile {
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	}
	run := func(status int, env, name string, args ...string) []byte {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, name, args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=", "GODEBUG=", env)
		out, _ := cmd.CombinedOutput()
		require.Equal(t, status, cmd.ProcessState.ExitCode(), "%s %v: %s\n%s", name, args, out, files["start.go"])
		return out
	}
	run(0, "AGREE=", "go", "build", "-o", "program", ".")
	profiles := map[string]*dump.Profile{
		"crash":         parse(t, run(2, "GOTRACEBACK=all", "./program")),
		"crash, system": parse(t, run(2, "GOTRACEBACK=system", "./program")),
		"quit":          parse(t, run(2, "AGREE=quit", "./program")),
	}
	for format, debug := range debugOf {
		data, err := os.ReadFile(filepath.Join(dir, fmt.Sprint(debug)))
		require.NoError(t, err)
		p := parse(t, data)
		require.Equal(t, format, p.Format)
		profiles[string(format)] = p
	}
	return profiles
}

// requireAgreement checks that nothing is found between any two of the formats,
// that the roles' counts are the same, and the stacks too.
func requireAgreement(t *testing.T, profiles map[string]*dump.Profile) {
	for a, from := range profiles {
		for b, to := range profiles {
			r := dump.Explain(dump.Options{Gain: 1}, from, to)
			var text strings.Builder
			require.NoError(t, r.WriteText(&text))
			require.Empty(t, r.Findings, "from %s to %s:\n%s", a, b, &text)
			for _, role := range dump.Compare(from, to) {
				require.Equal(t, role.Counts[0], role.Counts[1], "from %s to %s: %s", a, b, role.Entry)
			}
			require.Equal(t, stacksOf(from), stacksOf(to), "from %s to %s", a, b)
		}
	}
}

var betweenBrackets = regexp.MustCompile(`\[\.\.\.\].*\[\.\.\.\]`)

// stacksOf counts the stacks but for that of main, which writes or panics. A
// runtime before Go 1.27 leaves out what stands between the brackets of a name.
func stacksOf(p *dump.Profile) map[string]int {
	stacks := map[string]int{}
	for _, g := range p.Groups {
		var b strings.Builder
		for _, f := range g.Stack {
			fmt.Fprintf(&b, "%s %s:%d\n", betweenBrackets.ReplaceAllString(f.Func, "[...]"), filepath.Base(f.File), f.Line)
		}
		if !strings.Contains(b.String(), "main.main main.go:") {
			stacks[b.String()] += g.Count
		}
	}
	return stacks
}

// goMinor is the N of Go 1.N.
func goMinor(t *testing.T) (minor int) {
	_, err := fmt.Sscanf(runtime.Version(), "go1.%d", &minor)
	require.NoError(t, err, runtime.Version())
	return minor
}

// TestFormatsAgree: for random programs.
func TestFormatsAgree(t *testing.T) {
	rounds := 3
	if testing.Short() {
		rounds = 1
	}
	for range rounds {
		seed := rand.Uint64()
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			files := agreeProgram(rand.New(rand.NewPCG(seed, 0)), goMinor(t))
			profiles := profilesOf(t, files)
			assert.GreaterOrEqual(t, profiles["debug=2"].Total, len(kinds))
			requireAgreement(t, profiles)
			if t.Failed() {
				t.Logf("the program:\n%s", files["start.go"])
			}
		})
	}
}

// TestGenericsAreOneRole: twenty goroutines each of a generic function's
// closure and of a generic type's method are two roles, in all formats.
func TestGenericsAreOneRole(t *testing.T) {
	profiles := profilesOf(t, map[string]string{
		"go.mod":  fmt.Sprintf("module example.com/generics\n\ngo 1.%d\n", goMinor(t)),
		"main.go": agreeMain,
		"start.go": `package main

type reader[T any] struct{ from chan T }

func (r reader[T]) loop() { <-r.from }

func pump[T any](c chan T) { go func() { <-c }() }

func start() {
	for range 20 {
		pump(make(chan int))
		go reader[string]{make(chan string)}.loop()
	}
}
`})
	requireAgreement(t, profiles)
	for format, p := range profiles {
		assert.Equal(t, 20, role(p, "main.pump[...].func1").Count(), format)
		assert.Equal(t, 20, role(p, "main.reader[...].loop").Count(), format)
	}
}
