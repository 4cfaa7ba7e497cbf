package dump_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/leak/internal/dump"
)

// programs leak by the patterns, many goroutines each. They wait for what they
// leak by no other means than the test's poll for it.
var programs = map[string]func(t *testing.T){
	"unread channel": func(t *testing.T) {
		start(t, func(stop chan struct{}) {
			results := make(chan int)
			go func() { <-stop; <-results }()
			results <- 1
		})
	},
	"channel that nobody closes": func(t *testing.T) {
		start(t, func(stop chan struct{}) { <-stop })
	},
	"forgotten cancel": func(t *testing.T) {
		start(t, func(stop chan struct{}) {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel() // not forgotten, but late
			select {
			case <-ctx.Done():
			case <-stop:
			}
		})
	},
	"sleeping ticker": func(t *testing.T) {
		start(t, func(stop chan struct{}) {
			for {
				select {
				case <-stop:
					return
				default:
					time.Sleep(time.Second)
				}
			}
		})
	},
	"lock never released": func(t *testing.T) {
		var mu sync.Mutex
		mu.Lock()
		start(t, func(chan struct{}) { mu.Lock(); defer mu.Unlock() })
		t.Cleanup(mu.Unlock)
	},
	"missing Done": func(t *testing.T) {
		var wg sync.WaitGroup
		wg.Add(1)
		start(t, func(chan struct{}) { wg.Wait() })
		t.Cleanup(wg.Done)
	},
	"nil channel": func(t *testing.T) {
		for range 2 * many { // another number, for they stay until the process ends
			go func() { select {} }()
		}
	},
	"silent peer": func(t *testing.T) {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		t.Cleanup(func() { listener.Close() })
		start(t, func(stop chan struct{}) {
			conn, err := net.Dial("tcp", listener.Addr().String())
			if err != nil {
				return
			}
			go func() { <-stop; conn.Close() }()
			conn.Read(make([]byte, 1))
		})
	},
	"HTTP server, connections left open": func(t *testing.T) {
		server := httptest.NewServer(http.NotFoundHandler())
		t.Cleanup(server.Close)
		for range many {
			conn, err := net.Dial("tcp", server.Listener.Addr().String())
			require.NoError(t, err)
			t.Cleanup(func() { conn.Close() })
			_, err = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
			require.NoError(t, err)
		}
	},
	"HTTP client, response bodies never closed": func(t *testing.T) {
		stop := make(chan struct{})
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.(http.Flusher).Flush()
			<-stop // more is to come
		}))
		t.Cleanup(server.Close)
		t.Cleanup(func() { close(stop) })
		client := http.Client{Transport: &http.Transport{}}
		for range many {
			answer, err := client.Get(server.URL)
			require.NoError(t, err)
			t.Cleanup(func() { answer.Body.Close() })
		}
	},
	"too many pools": func(t *testing.T) { forgetPools(t, many) },
	"parked workers of lfpool": func(t *testing.T) {
		p := newPool()
		var all sync.WaitGroup
		all.Add(many)
		for range many {
			p.Go(func() { all.Done(); all.Wait() })
		}
	},
	"sql.DB never closed": func(t *testing.T) {
		for range many {
			db := sql.OpenDB(noDatabase{})
			t.Cleanup(func() { db.Close() })
		}
	},
}

type noDatabase struct{}

func (noDatabase) Connect(context.Context) (driver.Conn, error) { return nil, errors.New("none") }
func (noDatabase) Driver() driver.Driver                        { return nil }

// TestPatterns: each pattern is found in a program that leaks by it.
func TestPatterns(t *testing.T) {
	for name, program := range programs {
		t.Run(name, func(t *testing.T) {
			before := parse(t, written(t, dump.Debug2))
			program(t)
			await(t, dump.Debug2, func(p *dump.Profile) bool {
				single, growth := dump.Explain(dump.Options{Min: many}, p), dump.Explain(dump.Options{Gain: many}, before, p)
				for _, f := range append(single.Findings, growth.Findings...) {
					if f.Pattern != nil && f.Pattern.Name == name && f.Each >= many {
						return true
					}
				}
				return false
			})
		})
	}
}

// TestEveryPatternHasAProgram: those of gRPC are in the command's test, in
// processes of their own, and what a goroutineleak profile tells is in
// leaked_test.go.
func TestEveryPatternHasAProgram(t *testing.T) {
	grpcTest, err := os.ReadFile("../../cmd/lfleak/grpc_test.go")
	require.NoError(t, err)
	leakedTest, err := os.ReadFile("leaked_test.go")
	require.NoError(t, err)
	for _, p := range dump.Patterns() {
		_, here := programs[p.Name]
		assert.True(t, here || strings.Contains(string(grpcTest)+string(leakedTest), `"`+p.Name+`"`), p.Name)
	}
}

// TestContextOfAForeignParent: a goroutine of package context is named though
// nothing in its stack is the user's.
func TestContextOfAForeignParent(t *testing.T) {
	parent, end := context.WithCancel(context.Background())
	defer end()
	for range many {
		_, cancel := context.WithCancel(foreignContext{parent})
		defer cancel()
	}
	p := await(t, dump.Debug2, func(p *dump.Profile) bool {
		return role(p, "propagateCancel.func2").Waits["select"] == many
	})
	findings := dump.Explain(dump.Options{Min: many}, p).Findings
	for _, f := range findings {
		if strings.Contains(f.Roles[0].Entry, "propagateCancel") {
			assert.Equal(t, "forgotten cancel", f.Pattern.Name)
			assert.Equal(t, many, f.Count())
			return
		}
	}
	t.Fatalf("no finding has it: %+v", findings)
}

// foreignContext hides that it is package context's own.
type foreignContext struct{ parent context.Context }

func (c foreignContext) Deadline() (time.Time, bool) { return time.Time{}, false }
func (c foreignContext) Done() <-chan struct{}       { return wrapped(c.parent.Done()) }
func (c foreignContext) Err() error                  { return c.parent.Err() }
func (c foreignContext) Value(any) any               { return nil }

func wrapped(done <-chan struct{}) <-chan struct{} { return done }

// TestPatternsInReadme: README's table is that of the code.
func TestPatternsInReadme(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	for _, p := range dump.Patterns() {
		assert.Contains(t, string(readme), "| "+p.Name+" | "+p.Matches+" | "+p.Cure+" |\n")
	}
}
