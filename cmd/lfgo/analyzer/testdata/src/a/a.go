package a

import (
	"fmt"
	"net"
	"runtime"
	"sync"
)

type server struct{ wg sync.WaitGroup }

func (s *server) handle(c net.Conn, n int) { defer s.wg.Done(); fmt.Println(c, n) }

func (s *server) run() {}

func work() {}

func plain(s *server, c net.Conn) {
	go work()                        // want "can run in a pool"
	go s.run()                       // want "can run in a pool"
	go func() { fmt.Println("x") }() // want "can run in a pool"
	go s.handle(c, 3)                // want "can run in a pool"
	for i := range 3 {
		go func(n int) { // want "can run in a pool"
			// A comment in the body stays.
			fmt.Println(n)
			go func(m int) { fmt.Println(m) }(n) // want "can run in a pool"
		}(i + 1)
	}
	go func(e error, n int) { fmt.Println(e, n) }(nil, 1) // want "can run in a pool"
}

func left(l net.Listener, c chan int) {
	go func() {
		for {
			<-c
		}
	}()
	go func() { runtime.LockOSThread() }()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go c.Close() // want "can run in a pool"
		}
	}()
	go func(n int) { fmt.Println(n) }( /* a comment amid the operands */ <-c)
}
