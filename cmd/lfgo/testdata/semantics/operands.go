package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"example.com/semantics/other"
)

type word string

type flag bool

type number uint8

func takes(a int, b string, c any, d error, e *int, f word, g []int) {
	say("%v %q %v %v %v %q %v %v", a, b, c, d, e == nil, f, g == nil, c == nil)
	close(done)
}

func init() {
	cases["order"] = func() {
		fs := func() func(int, int) { say("function"); return func(a, b int) { say("%d %d", a, b); close(done) } }
		go fs()(step("first", 1), step("second", 2))
		say("submitted")
		wait()
		// Only the order before the start is the statement's.
		said = said[:3]
	}
	cases["evaluated in the submitter"] = func() {
		x, xs, f := 1, []int{1, 2, 3}, func(x, y int, p *int) { say("%d %d %d", x, y, *p); close(done) }
		hold := make(chan struct{})
		go func(x, y int, p *int) { <-hold; f(x, y, p) }(x, xs[x], &x)
		x, xs[1] = 10, 20
		close(hold)
		wait()
	}
	cases["function value of the moment"] = func() {
		hold := make(chan struct{})
		f := func(n int) { <-hold; say("old %d", n); close(done) }
		go f(1)
		f = func(n int) { say("new") }
		close(hold)
		wait()
	}
	cases["constants and nil"] = func() {
		go takes(1<<3, "a"+
			"b", nil, nil, nil, "w", nil)
		wait()
	}
	cases["typed constants"] = func() {
		const w word = "typed"
		const n = 3
		go takes(n, `raw
string`, w, io.EOF, new(int), w, []int{n})
		wait()
	}
	cases["huge constant to float"] = func() {
		go func(f float64, r rune, c complex128) { say("%v %v %v", f, r, c); close(done) }(1<<100, 'x', 2i)
		wait()
	}
	cases["untyped bool"] = func() {
		a, b := 1, 2
		go func(f flag, g bool, i any) { say("%T %v %T %v %T", f, f, g, g, i); close(done) }(a < b, a == b, a != b)
		wait()
	}
	cases["untyped bool to another package's type"] = func() {
		end := make(chan string)
		a := 1
		go other.Take(a == 1, end)
		say(<-end)
	}
	cases["hidden types"] = func() {
		end := other.Ends()
		go other.TakeHidden(other.Value(), end)
		say("%v", <-end)
		go other.TakeHidden(9, end)
		say("%v", <-end)
	}
	cases["shift of an untyped constant"] = func() {
		s := 9
		go func(n number, i int64, u int) { say("%T %v %T %v %v", n, n, i, i, u); close(done) }(1<<s, 1<<(s*4), 1<<s)
		wait()
	}
	cases["shadowed type of a shift"] = func() {
		s := 9
		take := func(i int64) { say("%v", i); close(done) }
		type int64 string
		go take(1 << s)
		_ = int64("")
		wait()
	}
	cases["variadic"] = func() {
		v := func(format string, args ...any) { say(format, args...); say("%v", args == nil); close(done) }
		go v("%v %v %v", 1, "x", nil)
		wait()
	}
	cases["variadic without"] = func() {
		v := func(args ...int) { say("%d %v", len(args), args == nil); close(done) }
		go v()
		wait()
	}
	cases["variadic slice"] = func() {
		xs := []any{1, 2}
		v := func(format string, args ...any) { say(format, args...); args[0] = 9; close(done) }
		go v("%v %v", xs...)
		wait()
		say("%v", xs)
	}
	cases["variadic nil"] = func() {
		go func(args ...int) { say("%d %v", len(args), args == nil); close(done) }(nil...)
		wait()
	}
	cases["several values"] = func() {
		g := func() (int, error) { say("g"); return 3, errors.New("an error") }
		go func(n any, err error) { say("%v %v", n, err); close(done) }(g())
		wait()
	}
	cases["several values of another package"] = func() {
		pair := func() (other.Flag, chan<- string) { f, c := other.Pair(); go drain(c); return f, c }
		go other.Take(pair())
		wait()
	}
	cases["several values, function evaluated first"] = func() {
		g := func() (int, int) { say("g"); return 1, 2 }
		f := func() func(...int) { say("f"); return func(xs ...int) { say("%v", xs); close(done) } }
		go f()(g())
		wait()
	}
	cases["single values of maps, channels and assertions"] = func() {
		m, c := map[string]int{"a": 1}, make(chan int, 1)
		var i any = "s"
		c <- 5
		go func(a, b int, s string) { say("%d %d %s", a, b, s); close(done) }(m["a"], <-c, i.(string))
		m["a"] = 2
		wait()
	}
	cases["one value of a map"] = func() {
		m := map[string]int{"a": 1}
		go func(a int) { say("%d", a); close(done) }(m["b"])
		wait()
	}
	cases["a panic in an operand"] = func() {
		defer func() { say("%v", recover()) }()
		var m map[string][]int
		go func(int) { say("not reached") }(m["a"][3])
	}
	cases["layout"] = func() {
		go /* a */ func( // b
			a int,
			b string,
		) {
			say("%d %s", a, b)
			go func(
				x int,
			) {
				say("%d", x)
				close(done)
			}( // c
				a +
					1, // d
			)
		}( /* e */
			step("one", // f
				1),
			/* g */ "two", /* h */
		)
		wait()
	}
	cases["one line"] = func() { x := 1; go func(y int) { say("%d", y); close(done) }(x); wait(); say("end") }
	cases["name collisions"] = func() {
		lfpool, lfgo_fn, lfgo_arg1 := 1, func(a, b int) { say("%d %d", a, b); close(done) }, 3
		go lfgo_fn(lfgo_arg1, lfpool)
		wait()
	}
	cases["shadowed predeclared names"] = func() {
		nil := 5
		true := "t"
		go func(a any, b string) { say("%v %v", a, b); close(done) }(nil, true)
		wait()
	}
	cases["shadowed imports"] = func() {
		fmt := fmt.Sprint("x")
		strings := strings.Repeat
		go func(s string) { say("%s %s", s, fmt); close(done) }(strings("ab", 2))
		wait()
	}
	cases["shadowing a declared function"] = func() {
		takesOne := func(n int) { say("local %d", n); close(done) }
		go takesOne(1)
		wait()
	}
	cases["deferred evaluation is not"] = func() {
		started := time.Now()
		go func(d time.Duration) { say("%v", d < time.Hour); close(done) }(time.Since(started))
		wait()
	}
	cases["composite literals"] = func() {
		type point struct{ x, y int }
		go func(p point, q *point, m map[string]int, f func() int) {
			say("%v %v %v %v", p, *q, m, f())
			close(done)
		}(
			point{1, 2}, &point{3, 4}, map[string]int{"a": 1}, func() int { return 8 })
		wait()
	}
	cases["array is copied"] = func() {
		hold, a := make(chan struct{}), [3]int{1, 2, 3}
		go func(b [3]int) { <-hold; say("%v", b); close(done) }(a)
		a[0] = 9
		close(hold)
		wait()
	}
	cases["results are dropped"] = func() {
		f := func() (int, error) { close(done); return 1, nil }
		go f()
		wait()
	}
	cases["literal with a result"] = func() {
		go func() int { close(done); return 1 }()
		wait()
	}
	cases["arguments of a standard function"] = func() {
		go fmt.Fprintln(end{}, 1, "a", nil, errors.New("e"))
		wait()
	}
	cases["exit status"] = func() { go os.Exit(7); select {} }
}

func takesOne(n int) { say("package %d", n); close(done) }

// end is a writer that says what is written.
type end struct{}

func (end) Write(b []byte) (int, error) {
	say("%s", strings.TrimSpace(string(b)))
	close(done)
	return len(b), nil
}

func drain(c <-chan string) { say("%s", <-c); close(done) }
