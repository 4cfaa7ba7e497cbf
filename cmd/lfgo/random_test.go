package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// kinds of parameters, and the arguments that each can have. X stands for the
// number of the argument: step says it when the argument is evaluated, and the
// variables change after the statement.
var kinds = []struct {
	typ  string
	args []string
}{
	{"int", []string{"7", "1 << 3", "i", "step(X, i)", "ints[i]", "m[`a`]", "1 << s", "len(ints)", "*p", "<-c", "func() int { return step(X, 3) }()"}},
	{"int64", []string{"7", "'x'", "1 << s", "int64(i)", "1<<s + 1", "-1 << step(X, s)"}},
	{"uint8", []string{"255", "1 << s", "^(1 << s)", "step[uint8](X, 9)"}},
	{"float64", []string{"1", "1e100", "1 << 90", "float64(i)", "step(X, 2.5)"}},
	{"string", []string{`"s"`, "`a\nb`", "t", "step(X, t)", "t + t", "any(t).(string)"}},
	{"word", []string{`"w"`, "word(t)", "constant", "step(X, constant)"}},
	{"bool", []string{"true", "i == 1", "i < s && step(X, true)", "!(i != 2)", "any(i) == nil"}},
	{"flag", []string{"false", "i == 1", "!(i < s)", "flag(i > 3)", "step(X, i) > 2"}},
	{"any", []string{"nil", "1", "'r'", "i", "i == 1", "1 << 4", "step(X, t)", "ints", "e", "constant"}},
	{"error", []string{"nil", "e", "step(X, e)", "io.EOF"}},
	{"*int", []string{"nil", "p", "&i", "&ints[i]"}},
	{"[]int", []string{"nil", "ints", "ints[i:]", "[]int{i, step(X, 2)}", "append(ints, i)"}},
	{"func(int) int", []string{"func(x int) int { return x + i }", "double", "identity", "identity[int]", "h.method", "(*holder).method2(h)"}},
	{"point", []string{"point{}", "point{i, s}", "*at", "step(X, point{1, i})"}},
}

// goStatement draws a function that has one go statement and what is around it.
func goStatement(t *rapid.T, n int) string {
	var params, args, shown []string
	count := rapid.IntRange(0, 5).Draw(t, "operands")
	for i := range count {
		kind := rapid.SampledFrom(kinds).Draw(t, "kind")
		arg := rapid.SampledFrom(kind.args).Draw(t, "argument")
		arg = strings.ReplaceAll(arg, "X", fmt.Sprintf("`%d.%d`", n, i))
		if rapid.IntRange(0, 5).Draw(t, "layout") == 0 && arg != "identity" { // the compiler wants that bare
			arg = "( /* c */ " + arg + ")"
		}
		params, args = append(params, fmt.Sprintf("a%d %s", i, kind.typ)), append(args, arg)
		shown = append(shown, fmt.Sprintf("show(a%d)", i))
	}
	list, call := strings.Join(params, ", "), strings.Join(args, ", ")
	if count > 0 && rapid.Bool().Draw(t, "lines") {
		call = "\n" + strings.Join(args, ", // a comment\n") + ",\n"
	}
	result, end := "", ""
	if rapid.Bool().Draw(t, "result") {
		result, end = "(int, error)", "; return 1, nil"
	}
	block := "{ <-hold; say(`%s`, fmt.Sprint(" + strings.Join(append([]string{`"root"`}, shown...), ", ") + ")); close(over)" + end + " }"
	literal := "func(" + list + ") " + result + block
	declare, fun := "", ""
	switch rapid.IntRange(0, 6).Draw(t, "function") {
	case 0:
		fun = literal
	case 1:
		declare, fun = "f := "+literal, "f"
	case 2:
		declare, fun = "f := []func("+list+") "+result+"{0: "+literal+"}", fmt.Sprintf("f[step(`%d.f`, 0)]", n)
	case 3:
		fun = "func() func(" + list + ") " + result + fmt.Sprintf(" { step(`%d.f`, 0); return ", n) + literal + "}()"
	case 4:
		declare, fun = "v := struct{ f func("+list+") "+result+"}{"+literal+"}", "v.f"
	case 5:
		declare, fun = "v := &runs["+"func("+list+") "+result+"]{"+literal+"}", "(v.f)"
	case 6:
		// The closure shares the names that the rewritten statement may use.
		declare, fun = "lfgo_fn := "+literal, "lfgo_fn"
	}
	return fmt.Sprintf(`
func init() {
	cases["%03d"] = func() {
		i, s, t, ints, m, c := 1, 5, "t", []int{1, 2, 3}, map[string]int{"a": 4}, make(chan int, 9)
		p, e, at, h := new(int), error(errorString("e")), &point{8, 9}, &holder{2}
		const constant word = "constant"
		for range 9 { c <- 6 }
		use(i, s, t, ints, m, c, p, e, at, h, constant)
		hold, over := make(chan struct{}), make(chan struct{})
		%s
		go %s(%s)
		say("submitted")
		ints, t, m, e, h = nil, "changed", nil, nil, nil
		*at = point{}
		close(hold)
		<-over
	}
}
`, n, declare, fun, call)
}

const randomProgram = `package main

import (
	"fmt"
	"io"
)

var _ = io.EOF

type point struct{ x, y int }

type holder struct{ n int }

func (h *holder) method(x int) int { return x * h.n }

func (h *holder) method2() func(int) int { return h.method }

type runs[F any] struct{ f F }

func double(x int) int { return 2 * x }

func use(...any) {}

func show(v any) string {
	switch v := v.(type) {
	case *int:
		return fmt.Sprint("pointer ", v == nil)
	case func(int) int:
		return fmt.Sprint("function ", v(10))
	}
	return fmt.Sprintf("%T %v|", v, v)
}
`

// TestRandomStatements compares what random go statements do as they are and
// rewritten: with operands of all kinds, whose evaluation shows, and variables
// that change before the goroutine may go on.
func TestRandomStatements(t *testing.T) {
	const statements = 200
	draw := rapid.Custom(func(t *rapid.T) string {
		var b strings.Builder
		b.WriteString(randomProgram)
		for n := range statements {
			b.WriteString(goStatement(t, n))
		}
		return b.String()
	})
	for seed := range 2 {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			dir := place(t, "semantics")
			require.NoError(t, os.WriteFile(filepath.Join(dir, "random.go"), []byte(draw.Example(seed)), 0o666))
			before, after, p := buildBoth(t)
			random := 0
			for _, s := range p.report.Statements {
				if filepath.Base(s.Position.Filename) == "random.go" {
					assert.Empty(t, s.Left)
					random++
				}
			}
			assert.GreaterOrEqual(t, random, statements)
			want := runCase(t, before, "all random")
			assert.Zero(t, want.status, want)
			assert.Greater(t, strings.Count(want.out, "root"), statements-1)
			assert.Equal(t, want, runCase(t, after, "all random"))
		})
	}
}
