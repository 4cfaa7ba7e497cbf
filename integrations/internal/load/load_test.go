package load

import (
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestRun(t *testing.T) {
	var asked atomic.Int64
	r := testing.Benchmark(func(b *testing.B) {
		asked.Store(0)
		Run(b, 3, func(client int) error {
			assert.Less(t, client, 3)
			asked.Add(1)
			return nil
		})
	})
	assert.EqualValues(t, r.N, asked.Load(), "each request once")
	assert.LessOrEqual(t, r.Extra["p50-ns"], r.Extra["p99-ns"])
	assert.Contains(t, r.Extra, "cpu-ns/op")
}
