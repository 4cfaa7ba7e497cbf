package load

import (
	"fmt"
	"io"
	"net"
	"sync"

	"github.com/lfpool/lfpool/internal/baseline"
)

// Neighbours lists what is run over and over beside a goroutine that has nothing to do
// with the pool.
var Neighbours = []Workload{
	{Name: "beside-chains", Doc: "4 chains a processor: each task submits the next and ends", Bind: chains},
	{Name: "beside-producers", Doc: "2 producers a processor, each submits 32 tasks and waits for them, over and over", Bind: produce(producers(2, 32, shallow))},
	{Name: "beside-echo", Doc: "4 connections a processor to an echo server on loopback: each request is answered by one task", Bind: echo},
}

// chains has in an iteration one link of each.
func chains(p baseline.Pool, procs int) Load {
	const perProc = 4
	return Load{Tasks: perProc * procs, Run: func(n int) {
		var running sync.WaitGroup
		for range perProc * procs {
			left := n
			var link func()
			link = func() {
				if left--; left <= 0 {
					running.Done()
					return
				}
				p.Go(link)
			}
			if n > 0 {
				running.Add(1)
				p.Go(link)
			}
		}
		running.Wait()
	}}
}

// echo has clients that ask again as soon as they have the answer, in an iteration each
// once, on connections that are made for each Run. The server's goroutine of a connection
// reads a request and submits the task that writes the answer. An error, which loopback
// does not give, is a panic.
func echo(p baseline.Pool, procs int) Load {
	const (
		perProc = 4
		size    = 64 // bytes
	)
	return Load{Tasks: perProc * procs, Run: func(n int) {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		must(err)
		defer listener.Close()
		var running sync.WaitGroup
		for range perProc * procs {
			client, err := net.Dial("tcp", listener.Addr().String())
			must(err)
			server, err := listener.Accept()
			must(err)
			running.Go(func() {
				defer server.Close()
				frame, answered := make([]byte, size), make(chan error)
				answer := func() {
					_, err := server.Write(frame)
					answered <- err
				}
				for range n {
					_, err := io.ReadFull(server, frame)
					must(err)
					p.Go(answer)
					must(<-answered)
				}
			})
			running.Go(func() {
				defer client.Close()
				frame := make([]byte, size)
				for range n {
					_, err := client.Write(frame)
					must(err)
					_, err = io.ReadFull(client, frame)
					must(err)
				}
			})
		}
		running.Wait()
	}}
}

func must(err error) {
	if err != nil {
		panic(fmt.Sprintf("echo on loopback: %v", err))
	}
}
