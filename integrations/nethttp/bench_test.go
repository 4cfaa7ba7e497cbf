package nethttp_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/lfpool/lfpool"
	"github.com/lfpool/lfpool/integrations/internal/load"
	"github.com/lfpool/lfpool/integrations/nethttp"
)

//go:noinline
func descend(n int) byte {
	var frame [120]byte
	frame[n%len(frame)] = byte(n)
	if n > 0 {
		return descend(n-1) + frame[n%len(frame)]
	}
	return frame[0]
}

// deep and deeper are handlers that need about 9 and 37 KiB of stack beyond
// net/http's own.
var (
	deep   = handler(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte{descend(60)}) })
	deeper = handler(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte{descend(240)}) })
)

var shallow = handler(func(w http.ResponseWriter, _ *http.Request) {
	_, _ = w.Write([]byte{0})
})

// BenchmarkHandover is what a hand-over costs, without a server and with nobody
// else about.
func BenchmarkHandover(b *testing.B) {
	for _, name := range []string{"inline", "pool"} {
		b.Run(name, func(b *testing.B) {
			h := variants(shallow)[name]
			r := httptest.NewRequest("GET", "/", nil)
			w := discard{}
			b.ReportAllocs()
			for b.Loop() {
				h.ServeHTTP(w, r)
			}
		})
	}
}

func variants(h http.Handler) map[string]http.Handler {
	return map[string]http.Handler{"inline": h, "pool": nethttp.Handler(lfpool.Default(), h)}
}

type discard struct{}

func (discard) Header() http.Header         { return nil }
func (discard) Write(b []byte) (int, error) { return len(b), nil }
func (discard) WriteHeader(int)             {}

// BenchmarkServe is a request on loopback, with 16 clients in the same process.
func BenchmarkServe(b *testing.B) {
	for _, bench := range []struct {
		name, version string
		keepAlive     bool
		handler       http.Handler
	}{
		{"http1-keepalive-shallow", "HTTP/1.1", true, shallow},
		{"http1-keepalive-deep", "HTTP/1.1", true, deep},
		{"http1-close-deep", "HTTP/1.1", false, deep},
		{"http1-close-deeper", "HTTP/1.1", false, deeper},
		{"http2-shallow", "HTTP/2.0", true, shallow},
		{"http2-deep", "HTTP/2.0", true, deep},
		{"http2-deeper", "HTTP/2.0", true, deeper},
	} {
		for _, name := range []string{"inline", "pool"} {
			b.Run(bench.name+"/"+name, func(b *testing.B) {
				s, _ := serve(b, variants(bench.handler)[name], bench.version)
				transport := s.Client().Transport.(*http.Transport)
				transport.DisableKeepAlives = !bench.keepAlive
				transport.MaxIdleConnsPerHost = 16
				load.Run(b, 16, func(int) error {
					_, err := get(s)
					return err
				})
			})
		}
	}
}
