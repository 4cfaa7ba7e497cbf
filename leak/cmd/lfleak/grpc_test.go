package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	_ "net/http/pprof"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/lfpool/lfpool/leak/internal/dump"
)

// The test binary runs itself as a gRPC server and as its clients, for a
// profile is of one process.
const childVar = "LFLEAK_TEST_CHILD"

func TestMain(m *testing.M) {
	switch os.Getenv(childVar) {
	case "":
		os.Exit(m.Run())
	case "server":
		serve()
	case "clients":
		connect(os.Args[1])
	}
}

// clients is how many never close.
const clients = 501

// serve is a gRPC server without a service, with net/http/pprof beside it. It
// has five goroutines of its own when a profile is taken: main, Serve of gRPC,
// Serve of net/http, the connection on which the profile is asked for, and
// that connection's background read.
func serve() {
	calls, web := listen(), listen()
	go grpc.NewServer().Serve(calls)
	go http.Serve(web, nil)
	fmt.Println(calls.Addr(), web.Addr())
	io.Copy(io.Discard, os.Stdin) // until the test ends
}

func listen() net.Listener {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	return l
}

// connect opens the connections and keeps them.
func connect(server string) {
	var all []*grpc.ClientConn
	for range clients {
		c, err := grpc.NewClient(server, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			panic(err)
		}
		c.Connect()
		all = append(all, c)
	}
	for _, c := range all {
		for s := c.GetState(); s != connectivity.Ready; s = c.GetState() {
			c.WaitForStateChange(context.Background(), s)
		}
	}
	web := listen()
	go http.Serve(web, nil)
	fmt.Println(web.Addr())
	io.Copy(io.Discard, os.Stdin)
}

// child starts the test binary in the given part and returns the first line
// that it prints. It ends when the test does.
func child(t *testing.T, part string, args ...string) string {
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), childVar+"="+part)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		in.Close()
		cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	return strings.TrimSpace(line)
}

// TestGRPCClientsThatNeverClose: of the server's 1508 goroutines 1503 are
// explained, by one finding: the server has three for each of 501 connections,
// which in grpc-go are the reader (handleRawConn's goroutine runs
// serveStreams), the writer (NewServerTransport's runs the loopyWriter), and
// keepalive.
func TestGRPCClientsThatNeverClose(t *testing.T) {
	calls, web, _ := strings.Cut(child(t, "server"), " ")
	url := "http://" + web
	before := t.TempDir() + "/before.txt"
	answer, err := http.Get(url + defaultPath)
	require.NoError(t, err)
	data, err := io.ReadAll(answer.Body)
	answer.Body.Close()
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(before, data, 0o600))
	http.DefaultClient.CloseIdleConnections()
	ready := child(t, "clients", calls)

	// A client is ready a moment before the server has started its reader, and
	// the connection of a former profile is a moment in going.
	var text string
	deadline := time.Now().Add(20 * time.Second)
	for ok := false; !ok; ok = inReadme(t, strings.ReplaceAll(text, web, "localhost:6060")) {
		require.True(t, time.Now().Before(deadline), "the server did not come to README's example; last:\n%s", text)
		text = lfleak(t, exitFound, url)
	}
	assert.Contains(t, text, "501 x 3 = 1503 goroutines")
	assert.Contains(t, text, "Explained: 1503 of 1508 goroutines (99.7 %).")
	assert.Contains(t, lfleak(t, exitFound, before, url), "501 x 3 = 1503 goroutines, +1503 (0, 1503)")

	var report dump.Report
	require.NoError(t, json.Unmarshal([]byte(lfleak(t, exitFound, "-json", url)), &report))
	require.Len(t, report.Findings, 1)
	f := report.Findings[0]
	assert.Equal(t, clients, f.Each)
	assert.Len(t, f.Roles, 3)
	assert.True(t, f.Exact())
	assert.Equal(t, "gRPC server, clients that never close", f.Pattern.Name)

	// The clients' own profile names the other side of it.
	require.NoError(t, json.Unmarshal([]byte(lfleak(t, exitFound, "-json", "http://"+ready)), &report))
	f = report.Findings[0]
	assert.Equal(t, clients, f.Each)
	assert.Equal(t, "gRPC client, connections never closed", f.Pattern.Name)
}

// lfleak runs the command and returns what it prints.
func lfleak(t *testing.T, status int, args ...string) string {
	var out, errs strings.Builder
	require.Equal(t, status, run(args, nil, &out, &errs), "lfleak %v: %s", args, &errs)
	require.Empty(t, errs.String())
	return out.String()
}

var (
	lineNumber = regexp.MustCompile(`\.go:\d+`)
	ownState   = regexp.MustCompile(`(?m)^( +1  \S+) \(.*\)$`)
)

// inReadme reports whether README.md shows text, apart from line numbers, which
// are gRPC's and Go's, and from what the server's own five goroutines are at.
func inReadme(t *testing.T, text string) bool {
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	mask := func(s string) string {
		return ownState.ReplaceAllString(lineNumber.ReplaceAllString(s, ".go:N"), "$1")
	}
	return strings.Contains(mask(string(readme)), mask(text))
}
