//go:build (linux || freebsd || dragonfly || netbsd || openbsd || darwin) && !386 && !arm

package gnetreply_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"

	"github.com/panjf2000/gnet/v2"

	"github.com/lfpool/lfpool"
	"github.com/lfpool/lfpool/integrations/gnetreply"
)

// A server answers lines.
type server struct {
	gnet.BuiltinEventEngine
	replier *gnetreply.Replier
	handle  func(line []byte) []byte
	booted  chan gnet.Engine
}

func (s *server) OnBoot(e gnet.Engine) gnet.Action {
	s.booted <- e
	return gnet.None
}

// OnTraffic copies each line: its bytes are the event loop's.
func (s *server) OnTraffic(c gnet.Conn) gnet.Action {
	for {
		seen, _ := c.Peek(-1)
		end := bytes.IndexByte(seen, '\n')
		if end < 0 {
			return gnet.None
		}
		line := bytes.Clone(seen[:end])
		_, _ = c.Discard(end + 1)
		s.replier.Reply(c, func() []byte { return append(s.handle(line), '\n') }, nil)
	}
}

// freePort is one that nobody listened on just now: gnet does not say which it has
// taken.
func freePort() string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func Example() {
	addr := freePort()
	s := &server{replier: gnetreply.New(lfpool.Default()), handle: bytes.ToUpper, booted: make(chan gnet.Engine, 1)}
	served := make(chan error)
	go func() { served <- gnet.Run(s, "tcp://"+addr) }()
	engine := <-s.booted

	c, err := net.Dial("tcp", addr)
	if err != nil {
		panic(err)
	}
	fmt.Fprint(c, "from a worker\nof the pool\n")
	answers := bufio.NewScanner(c)
	for range 2 {
		answers.Scan()
		fmt.Println(answers.Text())
	}
	fmt.Println(c.Close(), engine.Stop(context.Background()), <-served)
	// Output:
	// FROM A WORKER
	// OF THE POOL
	// <nil> <nil> <nil>
}
