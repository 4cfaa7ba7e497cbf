//go:build !386 && !arm

package serving

import (
	"context"
	"encoding/binary"
	"sync"
	"sync/atomic"

	"github.com/cloudwego/netpoll"

	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/internal/baseline"
)

func init() {
	Kinds = append(Kinds, Kind{"netpoll", "cloudwego/netpoll, frames of 1 KiB echoed; the runner is the contestant", pools, startNetpoll, connectFrames,
		func(contestant string) { runner.Store(runners[contestant]) }})
}

// netpoll has one runner for the whole process. It is exchanged between
// samples, while no request is under way.
var (
	runner    atomic.Pointer[baseline.Pool]
	runners   = map[string]*baseline.Pool{}
	setRunner = sync.OnceValue(func() error { // what SetRunner does, which is deprecated
		return netpoll.Configure(netpoll.Config{Runner: func(_ context.Context, f func()) { (*runner.Load()).Go(f) }})
	})
)

func startNetpoll(contestant string) (string, error) {
	p := contest.Named(contestant)[0].New()
	runners[contestant] = &p
	if err := setRunner(); err != nil {
		return "", err
	}
	l, err := netpoll.CreateListener("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	loop, err := netpoll.NewEventLoop(echoFrames)
	if err != nil {
		return "", err
	}
	go func() {
		panic(loop.Serve(l)) // the listener is never closed
	}()
	return l.Addr().String(), nil
}

// echoFrames sends back what has come as length and text.
func echoFrames(_ context.Context, c netpoll.Connection) error {
	head, err := c.Reader().Peek(4)
	if err != nil {
		return err
	}
	frame, err := c.Reader().ReadBinary(4 + int(binary.BigEndian.Uint32(head)))
	if err != nil {
		return err
	}
	if _, err := c.Writer().WriteBinary(frame); err != nil {
		return err
	}
	return c.Writer().Flush()
}
