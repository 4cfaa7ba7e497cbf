// Package grpcgo runs the handlers of gRPC-Go's servers in a pool.
//
// gRPC-Go starts a goroutine for each call, and has one hook for that:
// [grpc.NumStreamWorkers], n goroutines that are used again, with a go statement
// for calls that find all n busy. There a call costs no hand-over, and its
// transport and decoding run on the worker, too, so for most servers that option
// is the better choice: see the figures in README.md. An interceptor comes
// later: the call has its goroutine, which waits while the handler runs in the
// pool.
//
// [Unary] and [Stream] are for methods with deep calls, of which more run at a
// time than there are stream workers, and for what stream workers do not have:
// a limit for some methods ([pool.WithLimit]) whose waiters give up when their
// deadline has passed. They may be used beside the option.
package grpcgo

import (
	"context"
	"slices"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/lfpool/lfpool/integrations/internal/handover"
	"github.com/lfpool/lfpool/pool"
)

// A Panic is what a handler's panic is raised with again in the goroutine of the
// call. Its text has the handler's stack.
type Panic = handover.Panic

// Unary returns an interceptor that runs the handlers of the methods named, as
// in "/grpc.health.v1.Health/Check", in p and waits for them. Without a name it
// runs all unary ones. It panics if p is nil.
//
//   - Interceptors that stand before it in the chain run in the goroutine of the
//     call, the ones behind it in the pool.
//   - If p has a limit, the call waits for its turn while its context lets it. If
//     the context is done first the handler does not run, and the status is
//     DeadlineExceeded or Canceled. A handler that runs is waited for, and has to
//     watch the context itself.
//   - A panic is raised again with a [*Panic] in the goroutine of the call, where
//     it ends the program, as gRPC-Go's way is, unless an interceptor before this
//     one recovers it.
//   - After runtime.Goexit in a handler the status is Internal. (Without a pool
//     the call would not be answered.)
//   - A handler that calls a method of the same limited pool and waits keeps a
//     place that the other may need.
func Unary(p *pool.Pool, methods ...string) grpc.UnaryServerInterceptor {
	check(p)
	return func(ctx context.Context, in any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (out any, err error) {
		if !chosen(info.FullMethod, methods) {
			return handler(ctx, in)
		}
		var a answer // not out and err: they are returned while a queued task, which will not run, has them
		if err := call(ctx, p, func() { a.out, a.err = handler(ctx, in) }); err != nil {
			return nil, err
		}
		return a.out, a.err
	}
}

type answer struct {
	out any
	err error
}

// Stream is [Unary] for streaming calls, each of which is one task for as long
// as it lasts: with [pool.WithLimit] idle streams keep others out.
func Stream(p *pool.Pool, methods ...string) grpc.StreamServerInterceptor {
	check(p)
	return func(srv any, s grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
		if !chosen(info.FullMethod, methods) {
			return handler(srv, s)
		}
		var a answer
		if err := call(s.Context(), p, func() { a.err = handler(srv, s) }); err != nil {
			return err
		}
		return a.err
	}
}

// ServerOptions returns the options for a server all of whose handlers run in p.
func ServerOptions(p *pool.Pool) []grpc.ServerOption {
	return []grpc.ServerOption{grpc.ChainUnaryInterceptor(Unary(p)), grpc.ChainStreamInterceptor(Stream(p))}
}

func check(p *pool.Pool) {
	if p == nil {
		panic("grpcgo: the pool is nil")
	}
}

func chosen(method string, methods []string) bool {
	return len(methods) == 0 || slices.Contains(methods, method)
}

// call returns nil if f has returned.
func call(ctx context.Context, p *pool.Pool, f func()) error {
	end := handover.Call(ctx, p, f)
	switch {
	case end.NotRun != nil:
		return status.FromContextError(end.NotRun).Err()
	case end.Goexit:
		return status.Error(codes.Internal, "the handler has called runtime.Goexit")
	}
	end.Raise()
	return nil
}
