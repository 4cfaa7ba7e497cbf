package main

func init() {
	cases["close"] = func() { c := make(chan int); go close(c); <-c; say("closed") }
	cases["print"] = func() {
		a := 1
		go println(a, a == 1, "s", 2.5)
		select {
		case <-make(chan int):
		case <-eventually():
		}
	}
	cases["delete"] = func() {
		m := map[any]int{"k": 1}
		go delete(m, "k")
		<-eventually()
		say("submitted")
	}
	cases["copy"] = func() {
		to := make([]byte, 3)
		go copy(to, "abc")
		<-eventually()
		say("submitted")
	}
	cases["clear"] = func() { m := map[int]int{1: 1}; go clear(m); <-eventually(); say("submitted") }
	cases["recover"] = func() { go recover(); <-eventually(); say("submitted") }
	cases["parenthesized"] = func() { c := make(chan int); go (close)(c); <-c; say("closed") }
	cases["panic"] = func() { go panic("with a value"); select {} }
	cases["panic nil"] = func() { go panic(nil); select {} }
	cases["panic with an error"] = func() {
		err := error(errorString("of a type"))
		go panic(err)
		select {}
	}
	cases["close of a nil channel"] = func() { var c chan int; go close(c); select {} }
	cases["nil function"] = func() {
		defer func() { println("recovered", recover() != nil) }()
		var f func()
		go f()
		select {}
	}
	cases["nil function with operands"] = func() {
		defer func() { println("recovered", recover() != nil) }()
		var f func(int)
		go f(1)
		select {}
	}
	cases["trace"] = func() {
		x := 1
		go func(y int) {
			deeper(
				y,
			)
		}(
			x,
		)
		select {}
	}
	cases["trace after a long statement"] = func() {
		go takes(1,
			"a"+
				"b", nil,
			nil, nil, "w",
			nil,
		)
		wait()
		deeper(2)
	}
}

func deeper(n int) { panic(n) }

type errorString string

func (e errorString) Error() string { return string(e) }

// eventually is closed after many other goroutines have run.
func eventually() chan int {
	c := make(chan int)
	go func() {
		for range 100 {
			inner := make(chan int)
			go func() { close(inner) }()
			<-inner
		}
		close(c)
	}()
	return c
}
