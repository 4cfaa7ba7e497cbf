package grpcgo_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/lfpool/lfpool/integrations/grpcgo"
	"github.com/lfpool/lfpool/lfpooltest"
	"github.com/lfpool/lfpool/pool"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, lfpooltest.Ignore(goleak.IgnoreAnyFunction)...)
}

const (
	unary  = healthpb.Health_Check_FullMethodName
	stream = healthpb.Health_Watch_FullMethodName
)

// service is a service with a unary and a streaming method.
type service struct {
	healthpb.UnimplementedHealthServer
	handle func(ctx context.Context, in *healthpb.HealthCheckRequest) (*healthpb.HealthCheckResponse, error)
}

func (s service) Check(ctx context.Context, in *healthpb.HealthCheckRequest) (*healthpb.HealthCheckResponse, error) {
	return s.handle(ctx, in)
}

// Watch sends the answer twice.
func (s service) Watch(in *healthpb.HealthCheckRequest, out grpc.ServerStreamingServer[healthpb.HealthCheckResponse]) error {
	answer, err := s.handle(out.Context(), in)
	if err != nil {
		return err
	}
	for range 2 {
		if err := out.Send(answer); err != nil {
			return err
		}
	}
	return nil
}

// serve returns a client of a server with that handler, for the duration of the
// test, and how its methods are called.
func serve(t testing.TB, s service, opts ...grpc.ServerOption) map[string]func(context.Context) (healthpb.HealthCheckResponse_ServingStatus, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := grpc.NewServer(append(opts, grpc.WaitForHandlers(true))...)
	healthpb.RegisterHealthServer(server, s)
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	conn, err := grpc.NewClient(l.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	t.Cleanup(func() {
		assert.NoError(t, conn.Close())
		server.Stop()
		assert.NoError(t, <-served)
	})
	client := healthpb.NewHealthClient(conn)
	return map[string]func(context.Context) (healthpb.HealthCheckResponse_ServingStatus, error){
		unary: func(ctx context.Context) (healthpb.HealthCheckResponse_ServingStatus, error) {
			answer, err := client.Check(ctx, new(healthpb.HealthCheckRequest))
			return answer.GetStatus(), err
		},
		stream: func(ctx context.Context) (last healthpb.HealthCheckResponse_ServingStatus, err error) {
			answers, err := client.Watch(ctx, new(healthpb.HealthCheckRequest))
			for n := 0; err == nil; n++ {
				var answer *healthpb.HealthCheckResponse
				if answer, err = answers.Recv(); err == io.EOF {
					assert.Equal(t, 2, n, "answers")
					return last, nil
				}
				last = answer.GetStatus()
			}
			return last, err
		},
	}
}

// inPool answers whether it runs in a pool.
func inPool(context.Context, *healthpb.HealthCheckRequest) (*healthpb.HealthCheckResponse, error) {
	stack := make([]byte, 1<<16)
	stack = stack[:runtime.Stack(stack, false)]
	if bytes.Contains(stack, []byte("lfpool/pool.(*runner)")) {
		return &healthpb.HealthCheckResponse{Status: healthpb.HealthCheckResponse_SERVING}, nil
	}
	return &healthpb.HealthCheckResponse{Status: healthpb.HealthCheckResponse_NOT_SERVING}, nil
}

func TestHandlersRunInThePool(t *testing.T) {
	for name, more := range map[string][]grpc.ServerOption{
		"go":             nil,
		"stream workers": {grpc.NumStreamWorkers(2)},
	} {
		t.Run(name, func(t *testing.T) {
			methods := serve(t, service{handle: inPool}, append(more, grpcgo.ServerOptions(lfpooltest.New(t))...)...)
			var clients sync.WaitGroup
			for _, call := range methods {
				for range 8 {
					clients.Go(func() {
						for range 50 {
							answer, err := call(context.Background())
							assert.NoError(t, err)
							assert.Equal(t, healthpb.HealthCheckResponse_SERVING, answer)
						}
					})
				}
			}
			clients.Wait()
		})
	}
}

func TestOnlyTheMethodsNamed(t *testing.T) {
	p := lfpooltest.New(t)
	for _, named := range []string{unary, stream} {
		methods := serve(t, service{handle: inPool},
			grpc.ChainUnaryInterceptor(grpcgo.Unary(p, named)), grpc.ChainStreamInterceptor(grpcgo.Stream(p, named)))
		for method, call := range methods {
			answer, err := call(context.Background())
			require.NoError(t, err)
			assert.Equal(t, method == named, answer == healthpb.HealthCheckResponse_SERVING, method)
		}
	}
}

func TestContextAndErrorPass(t *testing.T) {
	methods := serve(t, service{handle: func(ctx context.Context, _ *healthpb.HealthCheckRequest) (*healthpb.HealthCheckResponse, error) {
		return nil, status.Error(codes.NotFound, metadata.ValueFromIncomingContext(ctx, "who")[0])
	}}, grpcgo.ServerOptions(lfpooltest.New(t))...)
	for _, call := range methods {
		_, err := call(metadata.AppendToOutgoingContext(context.Background(), "who", "me"))
		assert.Equal(t, codes.NotFound, status.Code(err))
		assert.Equal(t, "me", status.Convert(err).Message())
	}
}

func brokenHandler(context.Context, *healthpb.HealthCheckRequest) (*healthpb.HealthCheckResponse, error) {
	panic("broken")
}

func TestPanicReachesWhoRecovers(t *testing.T) {
	recovered := func(err *error) {
		if broken, ok := recover().(*grpcgo.Panic); ok {
			*err = status.Error(codes.DataLoss, broken.Error())
		}
	}
	p := lfpooltest.New(t)
	methods := serve(t, service{handle: brokenHandler},
		grpc.ChainUnaryInterceptor(func(ctx context.Context, in any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (out any, err error) {
			defer recovered(&err)
			return handler(ctx, in)
		}, grpcgo.Unary(p)),
		grpc.ChainStreamInterceptor(func(srv any, s grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) (err error) {
			defer recovered(&err)
			return handler(srv, s)
		}, grpcgo.Stream(p)))
	for _, call := range methods {
		_, err := call(context.Background())
		assert.Equal(t, codes.DataLoss, status.Code(err))
		assert.Contains(t, err.Error(), "grpcgo_test.brokenHandler(", "the handler's own stack")
	}
}

func TestGoexitIsAnswered(t *testing.T) {
	methods := serve(t, service{handle: func(context.Context, *healthpb.HealthCheckRequest) (*healthpb.HealthCheckResponse, error) {
		runtime.Goexit()
		return nil, nil
	}}, append(grpcgo.ServerOptions(lfpooltest.New(t)), grpc.NumStreamWorkers(1))...)
	for range 2 { // more than there are stream workers
		for _, call := range methods {
			_, err := call(context.Background())
			assert.Equal(t, codes.Internal, status.Code(err), err)
		}
	}
}

// TestGivesUpWhileItWaits: a call that is cancelled before its turn frees the
// server at once, and its handler never runs.
func TestGivesUpWhileItWaits(t *testing.T) {
	p := lfpooltest.New(t, pool.WithLimit(1))
	started, release := make(chan struct{}), make(chan struct{})
	p.Go(func() {
		close(started)
		<-release
	})
	<-started
	t.Cleanup(func() { close(release) })
	codesSeen := make(chan codes.Code, 1)
	see := func(ctx context.Context, in any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
		out, err := handler(ctx, in)
		codesSeen <- status.Code(err)
		return out, err
	}
	methods := serve(t, service{handle: func(context.Context, *healthpb.HealthCheckRequest) (*healthpb.HealthCheckResponse, error) {
		t.Error("it runs")
		return nil, nil
	}}, grpc.ChainUnaryInterceptor(see, grpcgo.Unary(p)))
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		for p.Stats().Queued == 0 {
			runtime.Gosched()
		}
		cancel()
	}()
	_, err := methods[unary](ctx)
	assert.Equal(t, codes.Canceled, status.Code(err))
	assert.Equal(t, codes.Canceled, <-codesSeen, "the server's side")
}

// TestCancelledHandlerIsWaitedFor: it sees the cancellation, and the server has
// it until it returns.
func TestCancelledHandlerIsWaitedFor(t *testing.T) {
	started, ended := make(chan struct{}), false
	errs := make(chan error, 1)
	methods := serve(t, service{handle: func(ctx context.Context, _ *healthpb.HealthCheckRequest) (*healthpb.HealthCheckResponse, error) {
		close(started)
		<-ctx.Done()
		ended = true
		return nil, status.FromContextError(ctx.Err()).Err()
	}}, grpc.ChainUnaryInterceptor(func(ctx context.Context, in any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
		out, err := handler(ctx, in)
		assert.True(t, ended)
		errs <- err
		return out, err
	}, grpcgo.Unary(lfpooltest.New(t))))
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		<-started
		cancel()
	}()
	_, err := methods[unary](ctx)
	assert.Equal(t, codes.Canceled, status.Code(err))
	assert.Equal(t, codes.Canceled, status.Code(<-errs))
}

func TestNil(t *testing.T) {
	assert.Panics(t, func() { grpcgo.Unary(nil) })
	assert.Panics(t, func() { grpcgo.Stream(nil) })
}
