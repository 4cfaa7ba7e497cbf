package programs

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/yamux"
	"github.com/valyala/fasthttp"
	"github.com/valyala/fasthttp/fasthttputil"
	"github.com/xwb1989/sqlparser"
	"golang.org/x/net/http2"
	"golang.org/x/net/http2/h2c"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	pb "google.golang.org/grpc/health/grpc_health_v1"
)

// laps are how long calls took, by the goroutine that made them.
type laps struct {
	mu  sync.Mutex
	all []time.Duration
}

// parallel makes calls from several goroutines, and reports the 99th percentile
// of how long they take.
func parallel(b *testing.B, call func() error) {
	var l laps
	b.RunParallel(func(p *testing.PB) {
		var own []time.Duration
		for p.Next() {
			began := time.Now()
			if err := call(); err != nil {
				b.Error(err)
				return
			}
			own = append(own, time.Since(began))
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		l.all = append(l.all, own...)
	})
	slices.Sort(l.all)
	if n := len(l.all); n > 0 {
		b.ReportMetric(float64(l.all[n*99/100]), "p99-ns")
	}
}

// get fetches a page.
func get(client *http.Client, url string) error {
	response, err := client.Get(url)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return err
}

// nested is a JSON document of some depth, as services exchange them.
var nested = []byte(strings.Repeat(`{"name":"a","items":[{"id":1,"next":`, 12) + "null" + strings.Repeat(`}]}`, 12))

// parse takes a document apart and puts it together again.
func parse(document []byte) error {
	var v any
	if err := json.Unmarshal(document, &v); err != nil {
		return err
	}
	_, err := json.Marshal(v)
	return err
}

var page = template.Must(template.New("page").Parse(`{{define "row"}}<li title="{{.}}">{{.}}</li>{{end}}<ul>{{range .}}{{template "row" .}}{{end}}</ul>`))

const query = `select a.id, count(*) as n from accounts a join orders o on a.id = o.account and (o.state in ('new', 'paid') or o.total > (select avg(total) from orders where account = a.id)) where a.name like 'x%' group by a.id having count(*) > 3 order by n desc limit 10`

// serve starts a gRPC server whose calls do some work, and returns a client.
func serve(b *testing.B, work func() error) pb.HealthClient {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	s := grpc.NewServer(grpc.UnaryInterceptor(func(ctx context.Context, in any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
		if err := work(); err != nil {
			return nil, err
		}
		return next(ctx, in)
	}))
	pb.RegisterHealthServer(s, health.NewServer())
	go s.Serve(l)
	b.Cleanup(s.Stop)
	c, err := grpc.NewClient(l.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { c.Close() })
	return pb.NewHealthClient(c)
}

func benchmarkGRPC(b *testing.B, work func() error) {
	client := serve(b, work)
	b.SetParallelism(16)
	parallel(b, func() error {
		_, err := client.Check(context.Background(), &pb.HealthCheckRequest{})
		return err
	})
}

func BenchmarkGRPCJSON(b *testing.B) { benchmarkGRPC(b, func() error { return parse(nested) }) }

func BenchmarkGRPCEmpty(b *testing.B) { benchmarkGRPC(b, func() error { return nil }) }

func BenchmarkGRPCSQL(b *testing.B) {
	benchmarkGRPC(b, func() error {
		statement, err := sqlparser.Parse(query)
		if err == nil {
			sqlparser.String(statement)
		}
		return err
	})
}

func benchmarkHTTP2(b *testing.B, handler http.HandlerFunc) {
	s := httptest.NewServer(h2c.NewHandler(handler, &http2.Server{}))
	b.Cleanup(s.Close)
	transport := &http2.Transport{AllowHTTP: true, DialTLSContext: func(ctx context.Context, network, address string, _ *tls.Config) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, address)
	}}
	b.Cleanup(transport.CloseIdleConnections)
	client := &http.Client{Transport: transport}
	b.SetParallelism(16)
	parallel(b, func() error { return get(client, s.URL) })
}

func BenchmarkHTTP2Template(b *testing.B) {
	rows := []string{"a", "<b>", "c", "d", "e", "f", "g", "h"}
	benchmarkHTTP2(b, func(w http.ResponseWriter, _ *http.Request) { page.Execute(w, rows) })
}

func BenchmarkHTTP2JSON(b *testing.B) {
	benchmarkHTTP2(b, func(w http.ResponseWriter, _ *http.Request) {
		if err := parse(nested); err != nil {
			panic(err)
		}
		w.Write([]byte("done"))
	})
}

// BenchmarkHTTP1FanOut has each request do its parts at once.
func BenchmarkHTTP1FanOut(b *testing.B) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var g errgroup.Group
		for range 8 {
			g.Go(func() error { return parse(nested) })
		}
		if err := g.Wait(); err != nil {
			panic(err)
		}
		w.Write([]byte("done"))
	}))
	b.Cleanup(s.Close)
	parallel(b, func() error { return get(s.Client(), s.URL) })
}

// BenchmarkLinesSQL is a server that answers each line from a goroutine.
func BenchmarkLinesSQL(b *testing.B) {
	client, server := net.Pipe()
	b.Cleanup(func() { client.Close(); server.Close() })
	go func() {
		answers := make(chan string, 64)
		go func() {
			for a := range answers {
				fmt.Fprintln(server, a)
			}
		}()
		lines := bufio.NewScanner(server)
		for lines.Scan() {
			go func(line string) {
				statement, err := sqlparser.Parse(line)
				if err != nil {
					panic(err)
				}
				answers <- sqlparser.String(statement)
			}(lines.Text())
		}
	}()
	in := bufio.NewScanner(client)
	for b.Loop() {
		const batch = 16
		go client.Write(bytes.Repeat([]byte(query+"\n"), batch))
		for range batch {
			if !in.Scan() {
				b.Fatal(in.Err())
			}
		}
	}
}

func BenchmarkFasthttpTimeout(b *testing.B) {
	l := fasthttputil.NewInmemoryListener()
	s := &fasthttp.Server{Handler: func(c *fasthttp.RequestCtx) { c.SetBodyString("done") }}
	go s.Serve(l)
	b.Cleanup(func() { l.Close() })
	client := &fasthttp.Client{Dial: func(string) (net.Conn, error) { return l.Dial() }}
	parallel(b, func() error {
		_, _, err := client.GetTimeout(nil, "http://local/", time.Minute)
		return err
	})
}

// BenchmarkYamuxStreams opens a stream for each message, which the other side
// serves in a goroutine.
func BenchmarkYamuxStreams(b *testing.B) {
	near, far := net.Pipe()
	config := yamux.DefaultConfig()
	config.LogOutput = io.Discard
	server, err := yamux.Server(far, config)
	if err != nil {
		b.Fatal(err)
	}
	client, err := yamux.Client(near, config)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { client.Close(); server.Close() })
	go func() {
		for {
			stream, err := server.Accept()
			if err != nil {
				return
			}
			go func(c net.Conn) {
				defer c.Close()
				io.Copy(c, io.LimitReader(c, 5))
			}(stream)
		}
	}()
	buffer := make([]byte, 5)
	for b.Loop() {
		stream, err := client.Open()
		if err != nil {
			b.Fatal(err)
		}
		if _, err := stream.Write([]byte("hello")); err != nil {
			b.Fatal(err)
		}
		if _, err := io.ReadFull(stream, buffer); err != nil {
			b.Fatal(err)
		}
		stream.Close()
	}
}
