package lfpool_test

import (
	"errors"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool"
)

// TestWholeFileExamples: each example that people search for is a file of its own, so that
// pkg.go.dev shows all of it, and it is run.
func TestWholeFileExamples(t *testing.T) {
	for name, file := range map[string]string{
		"server": "server", "worker": "worker", "fanOut": "fanout", "gracefulShutdown": "shutdown",
		"perTenant": "tenants", "overload": "overload", "tests": "tests",
	} {
		file = "example_" + file + "_test.go"
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
		require.NoError(t, err)
		examples := doc.Examples(parsed)
		require.Len(t, examples, 1, file)
		assert.Equal(t, "_"+name, examples[0].Name, file)
		assert.NotEmpty(t, examples[0].Doc, file)
		assert.NotEmpty(t, examples[0].Output, file)
		assert.IsType(t, &ast.File{}, examples[0].Code, "%s is shown whole", file)
	}
	files, err := filepath.Glob("example_*_test.go")
	require.NoError(t, err)
	assert.Len(t, files, 7, "those; example_test.go has the short ones: %v", files)
}

// TestMailerInABubble: the example of a test does in fake time what it does in real time.
func TestMailerInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		testMailer(t)
		assert.Equal(t, 2*time.Millisecond, time.Since(begin))
	})
}

// TestReadmeServer: the limit, the refusal and the shutdown of README.md.
func TestReadmeServer(t *testing.T) {
	mux, server, ctx := http.NewServeMux(), new(http.Server), t.Context()
	release := make(chan struct{})
	work := func() { <-release }
	jobs := lfpool.New(lfpool.WithLimit(8), lfpool.WithBacklog(100), lfpool.WithPanicHandler(logPanic))
	mux.HandleFunc("/jobs", func(w http.ResponseWriter, r *http.Request) {
		if !jobs.TryGo(work) {
			http.Error(w, "busy, try again", http.StatusServiceUnavailable)
		}
	})
	codes := map[int]int{}
	for range 110 {
		answer := httptest.NewRecorder()
		mux.ServeHTTP(answer, httptest.NewRequest(http.MethodPost, "/jobs", strings.NewReader("")))
		codes[answer.Code]++
	}
	assert.Equal(t, map[int]int{http.StatusOK: 108, http.StatusServiceUnavailable: 2}, codes)
	close(release)
	err := errors.Join(server.Shutdown(ctx), jobs.Drain(ctx))
	assert.NoError(t, err)
	assert.EqualValues(t, 108, jobs.Stats().Ended)
}
