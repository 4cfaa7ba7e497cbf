package grpcgo_test

import (
	"context"
	"runtime"
	"testing"

	"google.golang.org/grpc"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/lfpool/lfpool"
	"github.com/lfpool/lfpool/integrations/grpcgo"
	"github.com/lfpool/lfpool/integrations/internal/load"
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

// BenchmarkUnary is a unary call on loopback, with 16 clients in the same
// process on one connection. Deep and deeper handlers need about 9 and 37 KiB of
// stack beyond gRPC-Go's own.
func BenchmarkUnary(b *testing.B) {
	for _, bench := range []struct {
		name  string
		depth int
	}{{"shallow", 0}, {"deep", 60}, {"deeper", 240}} {
		handle := func(context.Context, *healthpb.HealthCheckRequest) (*healthpb.HealthCheckResponse, error) {
			return &healthpb.HealthCheckResponse{Status: healthpb.HealthCheckResponse_ServingStatus(descend(bench.depth) & 1)}, nil
		}
		for _, server := range []struct {
			name string
			opts []grpc.ServerOption
		}{
			{"inline", nil},
			{"stream-workers", []grpc.ServerOption{grpc.NumStreamWorkers(uint32(runtime.NumCPU()))}},
			{"pool", grpcgo.ServerOptions(lfpool.Default())},
		} {
			b.Run(bench.name+"/"+server.name, func(b *testing.B) {
				call := serve(b, service{handle: handle}, server.opts...)[unary]
				load.Run(b, 16, func(int) error {
					_, err := call(context.Background())
					return err
				})
			})
		}
	}
}
