package metrics_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/lfpool/lfpool"
	"github.com/lfpool/lfpool/metrics"
	"github.com/lfpool/lfpool/pool"
)

func Example() {
	jobs := pool.New(pool.WithName("jobs"), pool.WithLimit(8))

	pools := metrics.NewCollector()
	pools.Add(lfpool.Default()) // its name is lfpool
	pools.Add(jobs)
	prometheus.MustRegister(pools)
	http.Handle("/metrics", promhttp.Handler())

	for range 3 {
		jobs.Go(func() {})
	}
	if err := jobs.Drain(context.Background()); err != nil {
		fmt.Println(err)
	}

	server := httptest.NewServer(http.DefaultServeMux) // else http.ListenAndServe
	defer server.Close()
	answer, err := http.Get(server.URL + "/metrics")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		fmt.Println(err)
	}
	for line := range strings.Lines(string(text)) {
		if strings.Contains(line, "lfpool_tasks_total") || strings.Contains(line, "lfpool_workers{") {
			fmt.Print(line)
		}
	}
	// Output:
	// # HELP lfpool_tasks_total Tasks that have ended.
	// # TYPE lfpool_tasks_total counter
	// lfpool_tasks_total{pool="jobs"} 3
	// lfpool_tasks_total{pool="lfpool"} 0
	// lfpool_workers{pool="jobs",state="idle"} 0
	// lfpool_workers{pool="jobs",state="running"} 0
	// lfpool_workers{pool="lfpool",state="idle"} 0
	// lfpool_workers{pool="lfpool",state="running"} 0
}

// A program that counts its requests can say how many tasks there are for each.
func ExampleWithLoad() {
	var requests struct { // of the last minute, say
		perSecond float64
		latency   time.Duration
	}
	requests.perSecond, requests.latency = 200, 25*time.Millisecond // so 5 in progress

	jobs := pool.New(pool.WithName("jobs"), pool.WithLimit(15))
	pools := metrics.NewCollector()
	pools.Add(jobs, metrics.WithLoad(func() (float64, time.Duration) {
		return requests.perSecond, requests.latency
	}))

	// Each of the 5 waits for 3 tasks.
	var started sync.WaitGroup
	end := make(chan struct{})
	for range 15 {
		started.Add(1)
		jobs.Go(func() {
			started.Done()
			<-end
		})
	}
	started.Wait()

	registry := prometheus.NewRegistry()
	registry.MustRegister(pools)
	families, err := registry.Gather()
	if err != nil {
		fmt.Println(err)
	}
	for _, f := range families {
		if f.GetName() == "lfpool_tasks_per_request" {
			fmt.Println(f.GetName(), f.Metric[0].Gauge.GetValue())
		}
	}
	close(end)
	// Output: lfpool_tasks_per_request 3
}
