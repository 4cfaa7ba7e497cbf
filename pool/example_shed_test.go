package pool_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"time"

	"github.com/lfpool/lfpool/pool"
)

// A server that says no in time, and when to come again.
func ExampleWithShedding_server() {
	jobs := pool.New(pool.WithLimit(8), pool.WithBacklog(0), pool.WithShedding(pool.Shedding{Target: 20 * time.Millisecond}))
	work := func() {}
	serve := func(w http.ResponseWriter, r *http.Request) {
		ctx := context.WithoutCancel(r.Context()) // the work outlives the request
		err := jobs.GoContext(ctx, func(context.Context) { work() })
		var o *pool.OverloadError
		if errors.As(err, &o) {
			w.Header().Set("Retry-After", strconv.Itoa(1+int(o.Delay.Seconds())))
			http.Error(w, o.Error(), http.StatusServiceUnavailable)
		}
	}
	answer := httptest.NewRecorder()
	serve(answer, httptest.NewRequest(http.MethodPost, "/jobs", nil))
	fmt.Println(answer.Code)
	// Output: 200
}
