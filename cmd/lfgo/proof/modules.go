package main

// A Module is a public module at a fixed version, with those of its packages
// whose tests are run.
type Module struct {
	Path, Version string
	Part          string `json:",omitempty"` // which part of the module, where one has several
	Packages      []string
	Bench         string   // its benchmarks that start goroutines, a pattern; "" none
	BenchPackages []string // and where they are, if not in the root
	Skip          string   // tests that are left out, a pattern, as they take long or need more than this machine
}

// modules are in order of how long they take.
var modules = []Module{
	{Path: "github.com/sourcegraph/conc", Version: "v0.3.0", Bench: ".", BenchPackages: []string{"./pool", "./stream", "./iter"}},
	{Path: "golang.org/x/sync", Version: "v0.25.0", Bench: "Go$", BenchPackages: []string{"./errgroup"}},
	{Path: "github.com/gorilla/websocket", Version: "v1.5.3"},
	{Path: "github.com/libp2p/go-yamux/v5", Version: "v5.1.0"},
	{Path: "go.etcd.io/raft/v3", Version: "v3.7.0"},
	{Path: "github.com/bytedance/gopkg", Version: "v0.1.4", Bench: "Pool|Go", BenchPackages: []string{"./util/gopool"}},
	{Path: "github.com/cloudwego/gopkg", Version: "v0.1.4", Bench: ".", BenchPackages: []string{"./concurrency/gopool"}},
	{Path: "github.com/hashicorp/yamux", Version: "v0.1.2", Bench: "."},
	{Path: "github.com/valyala/fasthttp", Version: "v1.78.0", Packages: []string{".", "./fasthttputil"}, Bench: "ClientGetTimeoutFastServer|ServerTimeout"},
	{Path: "golang.org/x/net", Version: "v0.62.0", Packages: []string{"./http2", "./nettest", "./netutil", "./websocket"}},
	{Path: "github.com/cloudwego/netpoll", Version: "v0.7.2"},
	{Path: "github.com/cloudwego/hertz", Version: "v0.10.4", Packages: []string{"./pkg/network/...", "./pkg/protocol/..."}},
	{Path: "github.com/hashicorp/memberlist", Version: "v0.7.0"},
	{Path: "github.com/hashicorp/raft", Version: "v1.8.0"},
	{Path: "google.golang.org/grpc", Version: "v1.85.0", Packages: []string{".", "./internal/transport", "./internal/grpcsync"}},
	{Path: "google.golang.org/grpc", Version: "v1.85.0", Part: "test", Packages: []string{"./test", "./test/bufconn"}},
	{Path: "google.golang.org/grpc", Version: "v1.85.0", Part: "balancer", Packages: []string{"./balancer/...", "./internal/balancer/...", "./internal/balancergroup"}},
	{Path: "google.golang.org/grpc", Version: "v1.85.0", Part: "xds", Packages: []string{"./test/xds", "./xds/...", "./internal/xds/balancer/...", "./internal/xds/xdsclient/..."}},
	{Path: "google.golang.org/grpc", Version: "v1.85.0", Part: "services", Packages: []string{"./health", "./orca", "./stats/...", "./interop", "./reflection/...", "./channelz/...", "./credentials/...", "./internal/idle", "./internal/resolver/...", "./resolver/..."}},
	{Path: "github.com/quic-go/quic-go", Version: "v0.65.0", Packages: []string{".", "./internal/...", "./http3/..."}},
}
