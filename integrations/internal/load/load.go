// Package load asks servers in benchmarks.
package load

import (
	"slices"
	"sync"
	"testing"
	"time"
)

// Run has that many clients call ask, b.N times together, each as soon as it has
// its answer. Besides the time per request, all clients together, it reports the
// latency's median and 99th percentile, and the processor time per request of
// the process: server, clients and collector.
func Run(b *testing.B, clients int, ask func(client int) error) {
	b.Helper()
	requests := make(chan struct{}, 1000)
	latencies := make([][]time.Duration, clients)
	var asking sync.WaitGroup
	b.ResetTimer()
	before := processorTime()
	for i := range clients {
		asking.Go(func() {
			for range requests {
				asked := time.Now()
				if err := ask(i); err != nil {
					b.Error(err)
				}
				latencies[i] = append(latencies[i], time.Since(asked))
			}
		})
	}
	for range b.N {
		requests <- struct{}{}
	}
	close(requests)
	asking.Wait()
	b.StopTimer()
	all := slices.Concat(latencies...)
	slices.Sort(all)
	b.ReportMetric(float64(all[len(all)/2]), "p50-ns")
	b.ReportMetric(float64(all[len(all)*99/100]), "p99-ns")
	b.ReportMetric(float64(processorTime()-before)/float64(b.N), "cpu-ns/op")
}
