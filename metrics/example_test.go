package metrics_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/lfpool/lfpool"
	"github.com/lfpool/lfpool/metrics"
)

func Example() {
	jobs := lfpool.New(lfpool.WithLimit(8), lfpool.WithName("jobs"))

	pools := metrics.NewCollector()
	pools.Add(lfpool.Default())
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
		if strings.Contains(line, "lfpool_tasks_ended_total") || strings.Contains(line, "lfpool_workers{") {
			fmt.Print(line)
		}
	}
	// Output:
	// # HELP lfpool_tasks_ended_total Tasks that have ended.
	// # TYPE lfpool_tasks_ended_total counter
	// lfpool_tasks_ended_total{pool="jobs"} 3
	// lfpool_tasks_ended_total{pool="lfpool"} 0
	// lfpool_workers{pool="jobs",state="idle"} 0
	// lfpool_workers{pool="jobs",state="running"} 0
	// lfpool_workers{pool="lfpool",state="idle"} 0
	// lfpool_workers{pool="lfpool",state="running"} 0
}
