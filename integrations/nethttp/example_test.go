package nethttp_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/lfpool/lfpool"
	"github.com/lfpool/lfpool/integrations/nethttp"
)

// nested is a handler with deep calls.
var nested = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
	fmt.Fprint(w, nest(3))
})

func nest(n int) string {
	if n == 0 {
		return ""
	}
	return "(" + nest(n-1) + ")"
}

func health(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") }

func Example() {
	mux := http.NewServeMux()
	mux.Handle("/nested", nethttp.Handler(lfpool.Default(), nested)) // deep: in the pool
	mux.HandleFunc("/health", health)                                // shallow: as before

	server := httptest.NewServer(mux)
	defer server.Close()
	for _, path := range []string{"/nested", "/health"} {
		resp, err := server.Client().Get(server.URL + path)
		if err != nil {
			panic(err)
		}
		text, err := io.ReadAll(resp.Body)
		fmt.Println(resp.Status, string(text), err)
		_ = resp.Body.Close()
	}
	// Output:
	// 200 OK ((())) <nil>
	// 200 OK ok <nil>
}
