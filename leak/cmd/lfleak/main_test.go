package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestCommand: what the command line asks for, and the exit status.
func TestCommand(t *testing.T) {
	var profile bytes.Buffer
	require.NoError(t, pprof.Lookup("goroutine").WriteTo(&profile, 2))
	dir := t.TempDir()
	file, bad, leaks, none := dir+"/profile.txt", dir+"/bad.txt", dir+"/leaks.txt", dir+"/none.txt"
	require.NoError(t, os.WriteFile(none, []byte("goroutineleak profile: total 0\n"), 0o600))
	require.NoError(t, os.WriteFile(leaks, []byte("goroutineleak profile: total 1\n1 @ 0x1\n#\t0x1\tmain.f[...]+0x1\t/a.go:1\n\n"), 0o600))
	require.NoError(t, os.WriteFile(file, profile.Bytes(), 0o600))
	require.NoError(t, os.WriteFile(bad, []byte("goroutine 1 [running]:\nmain.main()\n"), 0o600))
	mux := http.NewServeMux()
	mux.HandleFunc("/moved", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://example.com/", http.StatusFound)
	})
	server := httptest.NewServer(mux)
	defer server.Close()

	for _, c := range []struct {
		name   string
		args   string
		status int
		out    string // what one of the outputs has
	}{
		{"nothing large", file, exitNothing, "\nNothing found: no set of 100 or more goroutines; try -min 10, or compare with a second profile taken later.\n"},
		{"nothing of a small size", "-min 10 " + file, exitNothing, "\nNothing found: no set of 10 or more goroutines; compare with a second profile taken later.\n"},
		{"all that there is", "-min 1 " + file, exitFound, "Explained: "},
		{"a single leaked one", leaks, exitFound, "leaks.txt: 1 leaked goroutine (debug=1)\n\n1. no known pattern: 1 goroutine\n      1  main.f[...] a.go:1\n"},
		{"leaked in the last of two", file + " " + leaks, exitFound, "1 leaked: nothing that can run refers to what they wait for\n"},
		{"standard input", "-json -", exitNothing, `"name": "standard input"`},
		{"nothing grows", "-gain 1 " + file + " " + file, exitNothing, "\nNothing found: no set has gained a goroutine; try profiles that are further apart.\n"},
		{"nothing grows much", file + " " + file, exitNothing, "\nNothing found: no set has gained 10 or more goroutines; try -gain 1, or profiles that are further apart.\n"},
		{"nothing leaked", none, exitNothing, "\nNothing found: no goroutine is leaked.\n"},
		{"help", "-h", exitNothing, "Exit status: 0"},
		{"no profile", "", exitFailed, "Usage: lfleak"},
		{"unknown flag", "-x", exitFailed, "flag provided but not defined: -x"},
		{"bad size", "-min 0 " + file, exitFailed, "-min and -gain want at least 1"},
		{"no such file", dir + "/missing", exitFailed, "missing: no such file or directory\n"},
		{"address without http", "localhost:6060", exitFailed, "no such file or directory; for the program there give http://localhost:6060/debug/pprof/goroutine?debug=2\n"},
		{"address and path without http", "127.0.0.1:1/x?debug=1", exitFailed, "; for the program there give http://127.0.0.1:1/x?debug=1\n"},
		{"could be cut", file, exitNothing, "goroutines (debug=2)\n   debug=2 has no count: if it was cut between two goroutines, some are missing\n"},
		{"truncated", bad, exitFailed, "bad.txt: line 2: the input ends with \"main.main()\", where a file and a line under it should stand: truncated"},
		{"other machine", "http://example.com:6060/debug/pprof/goroutine", exitFailed, "only localhost, 127.0.0.1 and [::1] are read; save the profile (curl -o profile.txt 'http://example.com:6060/debug/pprof/goroutine') and give the file"},
		{"looks like localhost", "http://localhost.example.com", exitFailed, "only localhost"},
		{"user information", "http://localhost@example.com", exitFailed, "only localhost"},
		{"other scheme", "ftp://localhost/x", exitFailed, "only http URLs are read"},
		{"no pprof", server.URL, exitFailed, "the server answers 404 Not Found; does it import net/http/pprof?"},
		{"redirect", server.URL + "/moved", exitFailed, "the server answers 302 Found"},
		{"nobody listens", "http://127.0.0.1:1", exitFailed, "connection refused"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out, errs strings.Builder
			status := run(strings.Fields(c.args), bytes.NewReader(profile.Bytes()), &out, &errs)
			assert.Equal(t, c.status, status)
			assert.Contains(t, out.String()+errs.String(), c.out)
			if status == exitFailed {
				assert.Empty(t, out.String())
			}
		})
	}
}

// TestLocal: each name of this machine is read.
func TestLocal(t *testing.T) {
	server := httptest.NewServer(http.DefaultServeMux) // net/http/pprof is there
	defer server.Close()
	port := server.URL[strings.LastIndexByte(server.URL, ':'):]
	for _, url := range []string{"http://localhost" + port, "http://127.0.0.1" + port + "/", server.URL + "/debug/pprof/goroutine", server.URL + "/debug/pprof/goroutine?debug=1"} {
		out := lfleak(t, exitNothing, url)
		assert.Contains(t, out, "Nothing found: no set of 100 or more goroutines", url)
		assert.NotContains(t, out, "cut", "HTTP tells that it was read to its end")
	}
}

// TestThirtyStuckTasks: too few for one profile by itself, and found as it says.
func TestThirtyStuckTasks(t *testing.T) {
	server := httptest.NewServer(http.DefaultServeMux)
	defer server.Close()
	before := t.TempDir() + "/before.txt"
	var profile bytes.Buffer
	require.NoError(t, pprof.Lookup("goroutine").WriteTo(&profile, 2))
	require.NoError(t, os.WriteFile(before, profile.Bytes(), 0o600))
	release, started := make(chan struct{}), new(sync.WaitGroup)
	defer close(release)
	for range 30 {
		started.Add(1)
		go func() { started.Done(); <-release }()
	}
	started.Wait()

	assert.Contains(t, lfleak(t, exitNothing, server.URL), "try -min 10, or compare with a second profile taken later")
	for _, args := range [][]string{{"-min", "10", server.URL}, {before, server.URL}} {
		out := lfleak(t, exitFound, args...)
		assert.Contains(t, out, "     30  github.com/lfpool/lfpool/leak/cmd/lfleak.TestThirtyStuckTasks.func1")
	}
}
