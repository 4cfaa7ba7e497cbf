package nethttp_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/lfpool/lfpool/integrations/nethttp"
	"github.com/lfpool/lfpool/lfpooltest"
	"github.com/lfpool/lfpool/pool"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, lfpooltest.Ignore(goleak.IgnoreAnyFunction)...)
}

// serve serves h in plain HTTP/1, or HTTP/2 if so named, and returns what the
// server logs.
func serve(t testing.TB, h http.Handler, version string) (*httptest.Server, logged) {
	s := httptest.NewUnstartedServer(h)
	l := make(logged, 100)
	s.Config.ErrorLog = log.New(l, "", 0)
	if version == "HTTP/2.0" {
		protocols := new(http.Protocols)
		protocols.SetUnencryptedHTTP2(true)
		s.Config.Protocols = protocols
		s.Start()
		s.Client().Transport = &http.Transport{Protocols: protocols}
	} else {
		s.Start()
	}
	t.Cleanup(func() {
		s.Client().CloseIdleConnections()
		s.Close()
	})
	return s, l
}

// logged has what is logged, an entry an element.
type logged chan string

func (l logged) Write(b []byte) (int, error) {
	l <- string(b)
	return len(b), nil
}

func get(s *httptest.Server) (string, error) {
	resp, err := s.Client().Get(s.URL)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return fmt.Sprint(resp.StatusCode, " ", string(text)), err
}

func handler(f http.HandlerFunc) http.Handler { return f }

var versions = []string{"HTTP/1.1", "HTTP/2.0"}

func TestRequestsAreHandledInThePool(t *testing.T) {
	for _, version := range versions {
		t.Run(version, func(t *testing.T) {
			p := lfpooltest.New(t)
			s, _ := serve(t, nethttp.Handler(p, handler(func(w http.ResponseWriter, r *http.Request) {
				stack := make([]byte, 1<<16)
				stack = stack[:runtime.Stack(stack, false)]
				fmt.Fprint(w, r.Proto, " ", bytes.Contains(stack, []byte("lfpool/pool.(*runner)")))
			})), version)
			var clients sync.WaitGroup
			for range 16 {
				clients.Go(func() {
					for range 20 {
						text, err := get(s)
						assert.NoError(t, err)
						assert.Equal(t, "200 "+version+" true", text)
					}
				})
			}
			clients.Wait()
		})
	}
}

func TestFlush(t *testing.T) {
	for _, version := range versions {
		t.Run(version, func(t *testing.T) {
			seen := make(chan struct{})
			s, _ := serve(t, nethttp.Handler(lfpooltest.New(t), handler(func(w http.ResponseWriter, _ *http.Request) {
				fmt.Fprintln(w, "first")
				w.(http.Flusher).Flush()
				<-seen
				fmt.Fprintln(w, "second")
			})), version)
			resp, err := s.Client().Get(s.URL)
			require.NoError(t, err)
			defer resp.Body.Close()
			lines := bufio.NewReader(resp.Body)
			line, err := lines.ReadString('\n')
			require.NoError(t, err)
			assert.Equal(t, "first\n", line, "while the handler runs")
			close(seen)
			line, err = lines.ReadString('\n')
			require.NoError(t, err)
			assert.Equal(t, "second\n", line)
		})
	}
}

func TestHijack(t *testing.T) {
	s, _ := serve(t, nethttp.Handler(lfpooltest.New(t), handler(func(w http.ResponseWriter, _ *http.Request) {
		c, _, err := http.NewResponseController(w).Hijack()
		if !assert.NoError(t, err) {
			return
		}
		defer c.Close()
		_, err = io.WriteString(c, "HTTP/1.0 200 OK\r\n\r\nmine")
		assert.NoError(t, err)
	})), "HTTP/1.1")
	text, err := get(s)
	require.NoError(t, err)
	assert.Equal(t, "200 mine", text)
}

func TestTheWriterAndTheRequestAreTheServers(t *testing.T) {
	var w1, w2 http.ResponseWriter
	var r1, r2 *http.Request
	inner := nethttp.Handler(lfpooltest.New(t), handler(func(w http.ResponseWriter, r *http.Request) { w2, r2 = w, r }))
	s, _ := serve(t, handler(func(w http.ResponseWriter, r *http.Request) {
		w1, r1 = w, r
		inner.ServeHTTP(w, r)
	}), "HTTP/1.1")
	_, err := get(s)
	require.NoError(t, err)
	s.Close() // the handler has returned
	assert.Same(t, w1, w2)
	assert.Same(t, r1, r2)
	assert.Implements(t, (*io.ReaderFrom)(nil), w2)
}

func brokenHandler(_ http.ResponseWriter, r *http.Request) {
	var none []int
	none[len(r.URL.Path)]++
}

func TestPanicReachesTheServer(t *testing.T) {
	for _, version := range versions {
		t.Run(version, func(t *testing.T) {
			s, log := serve(t, nethttp.Handler(lfpooltest.New(t), handler(brokenHandler)), version)
			_, err := get(s)
			require.Error(t, err)
			entry := <-log
			assert.Contains(t, entry, "index out of range")
			assert.Contains(t, entry, "nethttp_test.brokenHandler(", "the handler's own stack")
		})
	}
}

func TestPanicReachesWhoRecovers(t *testing.T) {
	inner := nethttp.Handler(lfpooltest.New(t), handler(brokenHandler))
	s, log := serve(t, handler(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			broken, ok := recover().(*nethttp.Panic)
			if !assert.True(t, ok) {
				return
			}
			var re runtime.Error
			assert.True(t, errors.As(broken, &re))
			assert.Equal(t, broken.Value, re)
			http.Error(w, "broken", http.StatusInternalServerError)
		}()
		inner.ServeHTTP(w, r)
	}), "HTTP/1.1")
	text, err := get(s)
	require.NoError(t, err)
	assert.Equal(t, "500 broken\n", text)
	assert.Empty(t, log)
}

func TestAbortIsNotLogged(t *testing.T) {
	for _, version := range versions {
		t.Run(version, func(t *testing.T) {
			s, log := serve(t, nethttp.Handler(lfpooltest.New(t), handler(func(http.ResponseWriter, *http.Request) {
				panic(http.ErrAbortHandler)
			})), version)
			_, err := get(s)
			require.Error(t, err)
			s.Close()
			assert.Empty(t, log)
		})
	}
}

func TestGoexit(t *testing.T) {
	p := lfpooltest.New(t)
	exit := true
	s, _ := serve(t, nethttp.Handler(p, handler(func(http.ResponseWriter, *http.Request) {
		if exit {
			exit = false
			runtime.Goexit()
		}
	})), "HTTP/1.1")
	_, err := get(s)
	require.Error(t, err, "the connection is closed")
	text, err := get(s)
	require.NoError(t, err)
	assert.Equal(t, "200 ", text)
	assert.EqualValues(t, 1, p.Stats().Goexits)
}

func TestGivesUpWhileItWaits(t *testing.T) {
	p := lfpooltest.New(t, pool.WithLimit(1))
	started, release := make(chan struct{}), make(chan struct{})
	p.Go(func() {
		close(started)
		<-release
	})
	<-started
	defer close(release)
	h := nethttp.Handler(p, handler(func(http.ResponseWriter, *http.Request) { t.Error("it runs") }))
	ctx, cancel := context.WithCancel(context.Background())
	answer, answered := httptest.NewRecorder(), make(chan struct{})
	go func() {
		defer close(answered)
		h.ServeHTTP(answer, httptest.NewRequestWithContext(ctx, "GET", "/", nil))
	}()
	for p.Stats().Queued == 0 {
		runtime.Gosched()
	}
	cancel()
	<-answered
	assert.Equal(t, http.StatusServiceUnavailable, answer.Code)
}

// TestWaitsForAHandlerThatRuns: the handler may use writer and request until it
// returns, though the client has gone.
func TestWaitsForAHandlerThatRuns(t *testing.T) {
	for _, version := range versions {
		t.Run(version, func(t *testing.T) {
			started, over := make(chan struct{}), make(chan struct{})
			var handled atomic.Bool
			inner := nethttp.Handler(lfpooltest.New(t), handler(func(w http.ResponseWriter, r *http.Request) {
				close(started)
				<-r.Context().Done()
				_, _ = io.WriteString(w, strings.Repeat("nobody reads this ", 1000))
				handled.Store(true)
			}))
			s, _ := serve(t, handler(func(w http.ResponseWriter, r *http.Request) {
				inner.ServeHTTP(w, r)
				assert.True(t, handled.Load())
				close(over)
			}), version)
			ctx, cancel := context.WithCancel(context.Background())
			go func() {
				<-started
				cancel()
			}()
			r, err := http.NewRequestWithContext(ctx, "GET", s.URL, nil)
			require.NoError(t, err)
			_, err = s.Client().Do(r)
			require.ErrorIs(t, err, context.Canceled)
			<-over
		})
	}
}

func TestNil(t *testing.T) {
	assert.Panics(t, func() { nethttp.Handler(nil, http.NotFoundHandler()) })
	assert.Panics(t, func() { nethttp.Handler(pool.New(), nil) })
}
