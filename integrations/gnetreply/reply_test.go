//go:build (linux || freebsd || dragonfly || netbsd || openbsd || darwin) && !386 && !arm

package gnetreply_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"runtime"
	"sync"
	"testing"

	"github.com/panjf2000/gnet/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/integrations/gnetreply"
	"github.com/lfpool/lfpool/lfpooltest"
)

// serve returns the address of a server with that handler, for the duration of the test.
func serve(t testing.TB, handle func(line []byte) []byte) string {
	addr := freePort()
	s := &server{replier: gnetreply.New(lfpooltest.New(t)), handle: handle, booted: make(chan gnet.Engine, 1)}
	served := make(chan error, 1)
	go func() { served <- gnet.Run(s, "tcp://"+addr, gnet.WithMulticore(true)) }()
	select {
	case engine := <-s.booted:
		t.Cleanup(func() {
			assert.NoError(t, engine.Stop(context.Background()))
			assert.NoError(t, <-served)
		})
	case err := <-served:
		require.NoError(t, err)
	}
	return addr
}

// TestAnswersAreInOrder of each connection's requests, and come from the pool.
func TestAnswersAreInOrder(t *testing.T) {
	addr := serve(t, func(line []byte) []byte {
		stack := make([]byte, 1<<16)
		stack = stack[:runtime.Stack(stack, false)]
		for range len(line) % 3 {
			runtime.Gosched()
		}
		return fmt.Appendf(line, " %t", bytes.Contains(stack, []byte("lfpool/pool.(*runner)")))
	})
	var clients sync.WaitGroup
	for id := range 8 {
		clients.Go(func() {
			c, err := net.Dial("tcp", addr)
			if !assert.NoError(t, err) {
				return
			}
			defer c.Close()
			const requests = 200
			var all bytes.Buffer
			for i := range requests {
				fmt.Fprintf(&all, "%d %d\n", id, i)
			}
			_, err = c.Write(all.Bytes())
			assert.NoError(t, err)
			answers := bufio.NewScanner(c)
			for i := range requests {
				assert.True(t, answers.Scan())
				assert.Equal(t, fmt.Sprintf("%d %d true", id, i), answers.Text())
			}
		})
	}
	clients.Wait()
}

// TestAConnectionThatWaits does not hold back the others.
func TestAConnectionThatWaits(t *testing.T) {
	release := make(chan struct{})
	addr := serve(t, func(line []byte) []byte {
		if string(line) == "wait" {
			<-release
		}
		return line
	})
	dial := func(text string) *bufio.Scanner {
		c, err := net.Dial("tcp", addr)
		require.NoError(t, err)
		t.Cleanup(func() { c.Close() })
		fmt.Fprintln(c, text)
		return bufio.NewScanner(c)
	}
	slow, fast := dial("wait"), dial("go on")
	require.True(t, fast.Scan())
	assert.Equal(t, "go on", fast.Text())
	close(release)
	require.True(t, slow.Scan())
	assert.Equal(t, "wait", slow.Text())
}
