package dump_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/leak/internal/dump"
)

// TestNames: what a linker's name becomes, and which package it is of.
func TestNames(t *testing.T) {
	for _, c := range []struct{ name, want, of string }{
		{"main.main", "main.main", "main"},
		{"main.pump[go.shape.int].func1", "main.pump[...].func1", "main"},
		{"main.(*T[go.shape.map[string][]example.com/p.X]).m", "main.(*T[...]).m", "main"},
		{"main.(*T[int]).m[go.shape.func(int) string].func1", "main.(*T[...]).m[...].func1", "main"},
		{"main.pump[...].func1", "main.pump[...].func1", "main"},
		{"main.broken[int", "main.broken[int", "main"},
		{"example.com/a.b/p%2eq%2ev2.(*T[...]).m", "example.com/a.b/p%2eq%2ev2.(*T[...]).m", "example.com/a.b/p.q.v2"},
		{"example.com/100%.f", "example.com/100%.f", "example.com/100%"},
		{"github.com/coreos/etcd/cmd/vendor/google.golang.org/grpc/transport.(*Stream).Read", "google.golang.org/grpc/transport.(*Stream).Read", "google.golang.org/grpc/transport"},
		{"vendor/golang.org/x/net/http/httpguts.f", "golang.org/x/net/http/httpguts.f", "golang.org/x/net/http/httpguts"},
		{"example.com/vendors/p.f[example.com/x/vendor/y.T]", "example.com/vendors/p.f[...]", "example.com/vendors/p"},
	} {
		p := parse(t, fmt.Appendf(nil, "goroutine profile: total 1\n1 @ 0x1\n#\t0x1\t%s+0x1\t/a.go:1\n\n", c.name))
		f := p.Groups[0].Stack[0]
		assert.Equal(t, c.want, f.Func)
		assert.Equal(t, c.of, f.Package(), c.name)
	}
}

// TestVendoredConnections: the patterns know a vendored package, and gRPC's
// transport by its name before it became internal.
func TestVendoredConnections(t *testing.T) {
	const grpc = "example.com/app/vendor/google.golang.org/grpc"
	p := parse(t, fmt.Appendf(nil, `goroutine profile: total 302
101 @ 0x1
#	0x1	%[1]s/transport.(*http2Server).HandleStreams+0x1	/a.go:1
#	0x1	%[1]s.(*Server).serveStreams+0x1	/a.go:2

101 @ 0x2
#	0x2	%[1]s/transport.(*http2Server).keepalive+0x1	/a.go:3

100 @ 0x3
#	0x3	%[1]s/transport.loopyWriter+0x1	/a.go:4
#	0x3	%[1]s/transport.newHTTP2Server.func1+0x1	/a.go:5

`, grpc))
	r := dump.Explain(dump.Options{}, p)
	require.Len(t, r.Findings, 1, text(t, r))
	assert.Equal(t, "gRPC server, clients that never close", r.Findings[0].Pattern.Name)
	assert.Equal(t, []int{302}, r.Findings[0].Counts)
	assert.Equal(t, 3, r.Findings[0].Per)
}

// TestMutexOfOlderRuntimes: "semacquire" is what it is in, as far as the stack
// tells.
func TestMutexOfOlderRuntimes(t *testing.T) {
	for in, want := range map[string]string{
		"sync.(*Mutex).Lock":     "sync.Mutex.Lock",
		"sync.(*Mutex).lockSlow": "sync.Mutex.Lock",
		"sync.(*RWMutex).Lock":   "sync.RWMutex.Lock",
		"sync.(*RWMutex).RLock":  "sync.RWMutex.RLock",
		"sync.(*WaitGroup).Wait": "sync.WaitGroup.Wait",
		"main.f":                 "semacquire",
	} {
		p := parse(t, fmt.Appendf(nil, "goroutine 1 [semacquire]:\nsync.runtime_Semacquire(0x1)\n\t/sema.go:1\n%s(0x1)\n\t/a.go:1\nmain.main()\n\t/a.go:2\n", in))
		assert.Equal(t, dump.Tally{want: 1}, p.Groups[0].Waits, in)
	}
}
