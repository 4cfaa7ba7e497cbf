package main

import (
	"net"
	"net/http"
	"runtime"
)

// The go statements here stay, each for a reason.

func forEver(c chan int) {
	for {
		<-c
	}
}

func blocksForEver() { select {} }

func callsForEver(c chan int) { forEver(c) }

func locks() { runtime.LockOSThread(); close(done) }

func locksDeep() { locks() }

func init() {
	cases["left: for ever"] = func() {
		c := make(chan int)
		go forEver(c)
		go callsForEver(c)
		go blocksForEver()
		go func() {
			for {
				select {
				case <-c:
					break
				}
			}
		}()
		c <- 1
		say("taken")
	}
	cases["left: threads"] = func() { go locksDeep(); wait(); say("done") }
	cases["left: accept"] = func() {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		say("%v", err)
		go func() {
			defer close(done)
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				go func(c net.Conn) { _ = c.Close() }(c)
			}
		}()
		go http.Serve(l, nil)
		l.Close()
		wait()
	}
	cases["not left: loops that end"] = func() {
		c := make(chan int)
		go func() {
			for {
				if x := <-c; x == 1 {
					close(done)
					return
				}
			}
		}()
		c <- 0
		c <- 1
		wait()
	}
}
