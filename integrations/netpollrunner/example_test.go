//go:build !386 && !arm && !windows

package netpollrunner_test

import (
	"bufio"
	"context"
	"fmt"
	"net"

	"github.com/cloudwego/netpoll"

	"github.com/lfpool/lfpool"
	"github.com/lfpool/lfpool/integrations/netpollrunner"
)

// echo sends back what has come.
func echo(_ context.Context, c netpoll.Connection) error {
	text, err := c.Reader().ReadString(c.Reader().Len())
	if err != nil {
		return err
	}
	if _, err := c.Writer().WriteString(text); err != nil {
		return err
	}
	return c.Writer().Flush()
}

// setUp is what a main does first.
func setUp() {
	if err := netpollrunner.Use(lfpool.Default()); err != nil {
		panic(err)
	}
}

func Example() {
	// TestMain has called setUp.
	l, err := netpoll.CreateListener("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	loop, err := netpoll.NewEventLoop(echo)
	if err != nil {
		panic(err)
	}
	served := make(chan error)
	go func() { served <- loop.Serve(l) }()

	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		panic(err)
	}
	fmt.Fprintln(c, "from a worker of the pool")
	line, err := bufio.NewReader(c).ReadString('\n')
	fmt.Print(line)
	fmt.Println(err, c.Close(), loop.Shutdown(context.Background()), <-served)
	// Output:
	// from a worker of the pool
	// <nil> <nil> <nil> <nil>
}
