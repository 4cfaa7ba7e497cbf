package serving

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"slices"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/load"
	"github.com/lfpool/lfpool/bench/internal/record"
)

// Contestants that are not pools: the server's own way.
const (
	inline        = "inline"         // a request is handled by the goroutine that has read it
	streamWorkers = "stream-workers" // grpc.NumStreamWorkers, as many as cores
)

// Own says what these are, by name.
var Own = map[string]string{
	inline:        "no pool: a request is handled by the goroutine that has read it",
	streamWorkers: "gRPC-Go's own workers, grpc.NumStreamWorkers, as many as cores",
}

// A Kind is one kind of server.
type Kind struct {
	Name, Doc   string
	contestants []string
	start       func(contestant string) (addr string, err error)
	connect     func(addr string) (ask func() error, err error)
	next        func(contestant string) // called before it is asked; nil if it need not know
}

var pools = []string{"go", "lfpool", "grpc-style", "ants", "cloudwego-gopool"}

// Kinds lists the servers. Where it can be built there is netpoll, too.
var Kinds = []Kind{
	{"http", "net/http, a handler that decodes a document of 3 KB with encoding/json and answers in JSON; each request's work is one task",
		append([]string{inline}, pools...), startHTTP, connectHTTP, nil},
	{"grpc", "gRPC-Go, unary echo of 1 KiB; an interceptor gives the handler to the contestant",
		append([]string{inline, streamWorkers}, pools...), startGRPC, connectGRPC, nil},
}

// Contestants lists who handles the requests of such a server.
func (k Kind) Contestants() []string { return slices.Clone(k.contestants) }

func kindNamed(name string) (Kind, error) {
	for _, k := range Kinds {
		if k.Name == name {
			return k, nil
		}
	}
	return Kind{}, fmt.Errorf("no server %q", name)
}

// A host runs every server that it was asked for.
type host struct{ addrs map[order]string }

func newHost() *host { return &host{map[order]string{}} }

func (h *host) carryOut(o order) (reply, error) {
	kind, err := kindNamed(o.Kind)
	if err != nil {
		return reply{}, err
	}
	if h.addrs[o] == "" {
		if h.addrs[o], err = kind.start(o.Contestant); err != nil {
			return reply{}, err
		}
	}
	if kind.next != nil {
		kind.next(o.Contestant)
	}
	return reply{Addr: h.addrs[o], CPU: record.ProcessorTime().Nanoseconds()}, nil
}

// dispatch returns how a server has a request handled: by the contestant, while
// the server's goroutine waits, or by that goroutine.
func dispatch(contestant string) func(handle func()) {
	if contestant == inline || contestant == streamWorkers {
		return func(handle func()) { handle() }
	}
	p := contest.Named(contestant)[0].New()
	return func(handle func()) {
		var done sync.WaitGroup
		done.Add(1)
		p.Go(func() {
			handle()
			done.Done()
		})
		done.Wait()
	}
}

// answer is what the http server says of a document.
type answer struct {
	ImportPath string `json:"importPath"`
	Bytes      int    `json:"bytes"`
}

func startHTTP(contestant string) (string, error) {
	run := dispatch(contestant)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	go func() {
		err := http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			run(func() {
				text, err := io.ReadAll(r.Body)
				if err != nil {
					http.Error(w, err.Error(), http.StatusBadRequest)
					return
				}
				w.Header().Set("Content-Type", "application/json")
				// An error is the client's, which has gone.
				_ = json.NewEncoder(w).Encode(answer{load.Digest(text), len(text)})
			})
		}))
		panic(err) // the listener is never closed
	}()
	return l.Addr().String(), nil
}

const (
	grpcService = "lfpool.bench.Echo"
	grpcMethod  = "Echo"
)

// echoService is the service as generated code would describe it.
var echoService = grpc.ServiceDesc{
	ServiceName: grpcService,
	HandlerType: (*any)(nil),
	Methods: []grpc.MethodDesc{{
		MethodName: grpcMethod,
		Handler: func(srv any, ctx context.Context, decode func(any) error, interceptor grpc.UnaryServerInterceptor) (any, error) {
			in := new(wrapperspb.BytesValue)
			if err := decode(in); err != nil {
				return nil, err
			}
			echo := func(_ context.Context, in any) (any, error) { return in, nil }
			if interceptor == nil {
				return echo(ctx, in)
			}
			return interceptor(ctx, in, &grpc.UnaryServerInfo{Server: srv, FullMethod: "/" + grpcService + "/" + grpcMethod}, echo)
		},
	}},
}

func startGRPC(contestant string) (string, error) {
	var options []grpc.ServerOption
	switch contestant {
	case inline:
	case streamWorkers:
		options = append(options, grpc.NumStreamWorkers(uint32(runtime.NumCPU())))
	default:
		run := dispatch(contestant)
		options = append(options, grpc.UnaryInterceptor(func(ctx context.Context, in any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (out any, err error) {
			run(func() { out, err = handler(ctx, in) })
			return out, err
		}))
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	server := grpc.NewServer(options...)
	server.RegisterService(&echoService, struct{}{})
	go func() {
		panic(server.Serve(l)) // the server is never stopped
	}()
	return l.Addr().String(), nil
}
