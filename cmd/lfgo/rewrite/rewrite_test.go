package rewrite

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// rewritten rewrites a file of package p that imports nothing.
func rewritten(t *testing.T, source string, options Options) (string, Result) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", source, parser.ParseComments)
	require.NoError(t, err)
	info := &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{}, Instances: map[*ast.Ident]types.Instance{},
		Implicits: map[ast.Node]types.Object{}, Scopes: map[ast.Node]*types.Scope{},
	}
	checked, err := (&types.Config{}).Check("example.com/p", fset, []*ast.File{file}, info)
	require.NoError(t, err)
	program := NewProgram()
	program.Add(file, info)
	result, err := Rewrite(Package{
		Fset: fset, Types: checked, Info: info, Files: []*ast.File{file},
		Read:    func(string) ([]byte, error) { return []byte(source), nil },
		Imports: func(string) *types.Package { return nil },
	}, program, options)
	require.NoError(t, err)
	return string(result.Sources["p.go"]), result
}

// around is a function with a few things to start.
const around = `package p

type T struct{}

func (T) run()           {}
func (T) take(a int)     {}
func work()              {}
func both(a int, b any)  {}
func pair() (int, error) { return 0, nil }

func f(x int, s T, v func(...int)) {
	%s
}
`

func TestWhatStatementsBecome(t *testing.T) {
	for _, c := range []struct{ from, to string }{
		{"go work()", "lfgo_pool.Go(work)"},
		{"go (work)()", "lfgo_pool.Go((work))"},
		{"go s.run()", "lfgo_pool.Go(s.run)"},
		{"go func() { x++ }()", "lfgo_pool.Go(func() { x++ })"},
		{"go v()", "{ lfgo_fn := v; lfgo_pool.Go(func() { lfgo_fn() }) }"},
		{"go s.take(x)", "{ lfgo_fn, lfgo_arg1 := s.take, x; lfgo_pool.Go(func() { lfgo_fn(lfgo_arg1) }) }"},
		{"go both(1, nil)", "lfgo_pool.Go(func() { both(1, nil) })"},
		{"go both(1, x == 2)", "{ lfgo_arg2 := x == 2; lfgo_pool.Go(func() { both(1, lfgo_arg2) }) }"},
		{"go both(1<<x, 1)", "{ lfgo_arg1 := 1<<x; lfgo_pool.Go(func() { both(lfgo_arg1, 1) }) }"},
		{"go both(pair())", "{ lfgo_arg1, lfgo_arg2 := pair(); lfgo_pool.Go(func() { both(lfgo_arg1, lfgo_arg2) }) }"},
		{"go v([]int{x}...)", "{ lfgo_fn, lfgo_arg1 := v, []int{x}; lfgo_pool.Go(func() { lfgo_fn(lfgo_arg1...) }) }"},
		{"go println(x, `a\nb`)", "{ lfgo_arg1 := x\n; lfgo_pool.Go(func() { println(lfgo_arg1, \"a\\nb\") }) }"},
		{"go func(a, b int) {}(x, 1)", "{ lfgo_fn, lfgo_arg1 := func(a, b int) {}, x; lfgo_pool.Go(func() { lfgo_fn(lfgo_arg1, 1) }) }"},
		{"go work(\n\t)", "lfgo_pool.Go(work)\n\t"},
		{"L: go work(); goto L", "L: lfgo_pool.Go(work); goto L"},
		{"go func() { for { } }()", "go func() { for { } }()"},
	} {
		source := fmt.Sprintf(around, c.from)
		got, result := rewritten(t, source, Options{})
		require.Len(t, result.Statements, 1)
		if c.from == c.to {
			assert.Empty(t, got)
			assert.Equal(t, "it lives for ever: a loop without an exit", result.Statements[0].Left)
			continue
		}
		want := strings.Replace(fmt.Sprintf(around, c.to), "package p", `package p; import lfgo_pool "github.com/lfpool/lfpool"`, 1)
		assert.Equal(t, want, got)
		assert.Equal(t, strings.Count(source, "\n"), strings.Count(got, "\n"), "lines")
	}
}

// TestNamesThatAreTaken: whatever identifiers the file has, those that are brought
// in are others.
func TestNamesThatAreTaken(t *testing.T) {
	got, _ := rewritten(t, "package p\n\nvar lfgo_pool, lfgo__fn int\n\nfunc f(g func()) { go g() }\n", Options{})
	assert.Contains(t, got, "lfgo___pool.Go(func() { lfgo___fn() })")
	got, _ = rewritten(t, "package p\n\nfunc fn(a, b int) {}\n\nfunc f(arg2 int) { go func(a, b any) {}(arg2, 1); go fn(arg2, 1) }\n", Options{Readable: true})
	assert.Contains(t, got, "arg1 := arg2; lfpool.Go(func() { fn(arg1, 1) })")
}

func TestKeepAndNames(t *testing.T) {
	source := "package p\n\ntype T[K comparable] struct{}\n\nfunc (*T[K]) run() {}\n\nfunc (t *T[K]) start() {\n\tgo t.run()\n\tgo func() {\n\t}()\n}\n"
	got, result := rewritten(t, source, Options{Keep: func(s Statement) string {
		if s.Starts != "" {
			return "asked to"
		}
		return ""
	}})
	assert.Contains(t, got, "\tgo t.run()\n\tlfgo_pool.Go(func() {\n\t})\n")
	require.Len(t, result.Statements, 2)
	first, second := result.Statements[0], result.Statements[1]
	assert.Equal(t, "asked to", first.Left)
	assert.Equal(t, "example.com/p.(*T).run", first.Starts)
	assert.Equal(t, "example.com/p.(*T).start", first.In)
	assert.Equal(t, 9, second.Root.Line)
	assert.Negative(t, Compare(first, second))
}

func TestOneLine(t *testing.T) {
	for from, to := range map[string]string{
		"a +\n\tb // c":              "a + b",
		"f[struct {\n\tx int\n}]":    "f [ struct { x int ; } ]",
		"`r\\n\r\ns`":                `"r\\n\ns"`,
		"\"\\n\" + /* c */ 'x' + 1i": `"\n" + 'x' + 1i`,
	} {
		assert.Equal(t, to, moved([]byte(from)))
	}
}

func TestApply(t *testing.T) {
	assert.Equal(t, "0[a][b]34-", string(Apply([]byte("01234"), []Edit{{5, 5, "-"}, {1, 2, "[a]"}, {2, 3, "[b]"}})))
}
