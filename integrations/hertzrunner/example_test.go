//go:build !386 && !arm && !windows

package hertzrunner_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/cloudwego/hertz/pkg/app/server"

	"github.com/lfpool/lfpool"
	"github.com/lfpool/lfpool/integrations/hertzrunner"
)

// setUp is what a main does first.
func setUp() {
	if err := hertzrunner.Use(lfpool.Default()); err != nil {
		panic(err)
	}
}

func Example() {
	// TestMain has called setUp.
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	h := server.Default(server.WithListener(l))
	h.GET("/hello", func(_ context.Context, c *app.RequestContext) { c.String(http.StatusOK, "hello") })
	served := make(chan error)
	go func() { served <- h.Run() }() // a program of its own would call h.Spin()

	client := &http.Client{Transport: new(http.Transport)}
	resp, err := client.Get("http://" + l.Addr().String() + "/hello")
	if err != nil {
		panic(err)
	}
	text, err := io.ReadAll(resp.Body)
	fmt.Println(resp.Status, string(text), err, resp.Body.Close())
	client.CloseIdleConnections()
	fmt.Println(h.Shutdown(context.Background()), <-served)
	// Output:
	// 200 OK hello <nil> <nil>
	// <nil> <nil>
}
