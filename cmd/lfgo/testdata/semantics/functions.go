package main

import (
	"fmt"
	"runtime"
	"sync"
)

type counter struct{ n int }

func (c counter) value(by int) { say("value %d", c.n+by); close(done) }

func (c *counter) pointer(by int) { say("pointer %d", c.n+by); close(done) }

func (c *counter) plain() { say("plain %v", c == nil); close(done) }

func (c counter) plainValue() { say("plain value %d", c.n); close(done) }

type embeds struct {
	*counter
	f func(int)
}

type runner interface{ plain() }

type list[T any] struct{ items []T }

func (l *list[T]) add(item T) { l.items = append(l.items, item); say("%v", l.items); close(done) }

func generic[T any, U fmt.Stringer](t T, u U) { say("%T %v %s", t, t, u); close(done) }

func genericPlain[T any]() { var t T; say("%T", t); close(done) }

func convert[K comparable, V any](m map[K]V, f func(K) V) { say("%d", len(m)); close(done) }

func identity[T any](t T) T { return t }

type name string

func (n name) String() string { return "name " + string(n) }

func ofParameter[F ~func(int)](f F) { go f(4) }

func shiftInGeneric[T ~uint8 | ~uint16](s int, f func(T)) { go f(1 << s) }

type handler func()

func init() {
	cases["value receiver is copied"] = func() {
		hold := make(chan struct{})
		c := counter{1}
		p := &c
		go func(f func()) { <-hold; f() }(func() {})
		go p.value(1)
		c.n = 100
		close(hold)
		wait()
	}
	cases["pointer receiver"] = func() { c := counter{1}; go c.pointer(2); wait() }
	cases["method without operands"] = func() { c := &counter{}; go c.plain(); wait() }
	cases["value method without operands"] = func() { c := counter{4}; go c.plainValue(); wait() }
	cases["nil pointer receiver"] = func() { var c *counter; go c.plain(); wait() }
	cases["nil pointer to a value receiver"] = func() {
		defer func() { say("%v", recover()) }()
		var c *counter
		go c.value(1)
	}
	cases["nil interface"] = func() {
		defer func() { say("%v", recover()) }()
		var r runner
		go r.plain()
	}
	cases["interface"] = func() { var r runner = &counter{}; go r.plain(); wait() }
	cases["method expression"] = func() { go (*counter).pointer(&counter{3}, 1); wait() }
	cases["method expression of an interface"] = func() { go runner.plain(&counter{}); wait() }
	cases["method value"] = func() { f := (&counter{5}).pointer; go f(1); wait() }
	cases["promoted method"] = func() { e := embeds{counter: &counter{6}}; go e.pointer(1); wait() }
	cases["nil embedded pointer"] = func() { var e embeds; go e.plain(); wait() }
	cases["field"] = func() { e := embeds{f: func(n int) { say("%d", n); close(done) }}; go e.f(3); wait() }
	cases["method of a generic type"] = func() { l := &list[string]{}; go l.add("x"); wait() }
	cases["inferred"] = func() { go generic(1, name("n")); wait() }
	cases["inferred from constants"] = func() { go generic('a', name("n")); wait() }
	cases["instantiated"] = func() { go generic[float64](1, name("n")); wait() }
	cases["instantiated, nothing taken"] = func() { go genericPlain[map[string]int](); wait() }
	cases["instantiated with a type literal"] = func() {
		go genericPlain[struct {
			a int
			b string
		}]()
		wait()
	}
	cases["generic function as operand"] = func() { go convert(map[string]string{}, identity); wait() }
	cases["value of a type parameter"] = func() { ofParameter(func(n int) { say("%d", n); close(done) }); wait() }
	cases["shift to a type parameter"] = func() {
		shiftInGeneric(7, func(n uint8) { say("%v", n); close(done) })
		wait()
	}
	cases["parentheses"] = func() { go (takesOne)((1)); wait() }
	cases["named function type"] = func() { var h handler = func() { close(done) }; go h(); wait() }
	cases["immediate call of a call"] = func() {
		go func() func() { say("made"); return func() { close(done) } }()()
		wait()
	}
	cases["element of a slice of functions"] = func() {
		fs := []func(){func() { say("zero") }, func() { say("one"); close(done) }}
		i := 1
		go fs[i]()
		i = 0
		wait()
	}
	cases["loop variables"] = func() {
		var wg sync.WaitGroup
		sum := make([]int, 3)
		for i := 0; i < 3; i++ {
			wg.Add(1)
			go func() { defer wg.Done(); sum[i] = i }()
		}
		for i, s := range []string{"a", "bb", "ccc"} {
			wg.Add(1)
			go func() { defer wg.Done(); mu.Lock(); sum[i] += len(s); mu.Unlock() }()
			if i == 0 {
				continue
			}
		}
		wg.Wait()
		say("%v", len(sum))
	}
	cases["goexit"] = func() {
		go func() { defer close(done); defer say("deferred"); runtime.Goexit() }()
		wait()
	}
	cases["recover in a deferred function"] = func() {
		go func() {
			defer close(done)
			defer func() { say("recovered %v", recover()) }()
			panic("boom")
		}()
		wait()
	}
	cases["recover at the root does nothing"] = func() {
		go func() { defer close(done); say("%v", recover()) }()
		wait()
	}
	cases["started function recovers nothing of its caller"] = func() {
		defer func() { say("outer %v", recover()) }()
		defer func() {
			go func() { defer close(done); say("inner %v", recover()) }()
			wait()
		}()
		panic("caller")
	}
	cases["labels"] = func() {
		n := 0
		goto start
	start:
		go func() {}()
	again:
		for {
			n++
			switch {
			case n < 3:
				continue again
			default:
				go takesOne(n)
				break again
			}
		}
	last:
		go func(int) {}(n)
		if n++; n < 5 {
			goto last
		}
		wait()
	}
	cases["in every kind of statement"] = func() {
		c, n := make(chan int, 1), make(chan int, 9)
		c <- 1
		if true {
			go func(x int) { n <- x }(1)
		} else {
			go func(x int) { n <- x }(100)
		}
		switch x := any(1).(type) {
		case int:
			go func(y int) { n <- y }(x)
		}
		select {
		case x := <-c:
			go func(y int) { n <- y }(x)
		default:
		}
		for range 1 {
			go func(y int) { n <- y }(1)
		}
		defer func() { go func() { n <- 1 }() }()
		func() {
			defer func() {
				go func(y int) { n <- y }(1)
			}()
		}()
		sum := 0
		for range 5 {
			sum += <-n
		}
		say("%d", sum)
	}
	cases["nested"] = func() {
		go func(a int) {
			go func(b int) {
				go func(c int) { say("%d", c); close(done) }(b + 1)
			}(a + 1)
		}(1)
		wait()
	}
	cases["go in an operand"] = func() {
		go func(f func(int) int) { say("%d", f(1)); close(done) }(func(x int) int {
			c := make(chan int)
			go func(y int) { c <- y * 2 }(x)
			return <-c
		})
		wait()
	}
	cases["go while packages are initialized"] = func() { say("%d", <-early); say("%d", <-atDeclaration) }
}

var early = make(chan int, 1)

func init() { go func(n int) { early <- n }(11) }

var atDeclaration = func() chan int {
	c := make(chan int, 1)
	go send(c, 12)
	return c
}()

func send(c chan<- int, n int) { c <- n }
