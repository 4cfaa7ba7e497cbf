package grpcgo_test

import (
	"context"
	"fmt"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/lfpool/lfpool"
	"github.com/lfpool/lfpool/integrations/grpcgo"
)

func Example() {
	p := lfpool.Default()
	server := grpc.NewServer(
		grpc.ChainUnaryInterceptor(grpcgo.Unary(p, "/grpc.health.v1.Health/Check")),
		grpc.NumStreamWorkers(4)) // for transport and decoding, and all other handlers
	healthpb.RegisterHealthServer(server, health.NewServer())

	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	served := make(chan error)
	go func() { served <- server.Serve(l) }()
	client, err := grpc.NewClient(l.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		panic(err)
	}
	out, err := healthpb.NewHealthClient(client).Check(context.Background(), new(healthpb.HealthCheckRequest))
	fmt.Println(out.GetStatus(), err, client.Close())
	server.GracefulStop()
	fmt.Println(<-served)
	// Output:
	// SERVING <nil> <nil>
	// <nil>
}
