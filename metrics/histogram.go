package metrics

import (
	"math"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/proto"

	"github.com/lfpool/lfpool/pool"
)

// distribution is one histogram for each pool that measures.
type distribution struct {
	desc  *prometheus.Desc
	value func(pool.Stats) pool.Histogram
}

var distributions = []distribution{
	{describe("task_queue_seconds", "How long tasks waited from the call that submitted them to their start, of a sample of the tasks; absent unless the pool measures."), func(s pool.Stats) pool.Histogram { return s.QueueTime }},
	{describe("task_run_seconds", "How long tasks ran, of a sample of the tasks; absent unless the pool measures."), func(s pool.Stats) pool.Histogram { return s.RunTime }},
}

// histogram shows one with classic buckets and, to a server that asks for it, as a
// native histogram. The bounds are powers of two of a second, which are those of
// the native schema 0, so both have the same counts.
type histogram struct {
	desc   *prometheus.Desc
	labels []string
	now    pool.Histogram
}

func (h histogram) Desc() *prometheus.Desc { return h.desc }

// nativeSchema is the schema whose bucket i goes to 2^i.
const nativeSchema = 0

// Write is for Prometheus.
func (h histogram) Write(out *dto.Metric) error {
	classic, below := map[float64]uint64{}, uint64(0)
	for i, n := range h.now.Buckets[:pool.HistogramBuckets-1] {
		below += uint64(n)
		classic[h.now.Bound(i)] = below
	}
	metric, err := prometheus.NewConstHistogram(h.desc, uint64(h.now.Count), h.now.Sum.Seconds(), classic, h.labels...)
	if err != nil {
		return err
	}
	if err := metric.Write(out); err != nil {
		return err
	}
	// The first bucket has all that is shorter, so it is the zero bucket: what is no
	// longer than its bound. The last has no bound, and goes where the next one to
	// it would be.
	native := out.Histogram
	native.Schema, native.ZeroThreshold, native.ZeroCount = proto.Int32(nativeSchema), proto.Float64(h.now.Bound(0)), proto.Uint64(uint64(h.now.Buckets[0]))
	span := &dto.BucketSpan{Offset: proto.Int32(int32(exponent(h.now.Bound(1)))), Length: proto.Uint32(pool.HistogramBuckets - 1)}
	native.PositiveSpan = []*dto.BucketSpan{span}
	last := int64(0)
	for _, n := range h.now.Buckets[1:] {
		native.PositiveDelta = append(native.PositiveDelta, n-last)
		last = n
	}
	return nil
}

// exponent returns that of bound, a power of two.
func exponent(bound float64) int {
	_, e := math.Frexp(bound) // bound = 1/2 x 2^e
	return e - 1
}
