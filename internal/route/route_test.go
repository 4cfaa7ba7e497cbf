package route_test

import (
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"

	"github.com/lfpool/lfpool"
	"github.com/lfpool/lfpool/internal/route"
	"github.com/lfpool/lfpool/pool"
)

func TestInTest(t *testing.T) {
	for _, c := range []struct {
		args []string
		want bool
	}{
		{nil, false},
		{[]string{"server"}, false},
		{[]string{"server", "test.txt", "-t"}, false},
		{[]string{"/tmp/b001/lfpool.test"}, true},
		{[]string{`C:\b001\lfpool.test.exe`, "-test.v"}, true},
		{[]string{"__debug_bin", "-test.run", "^TestX$"}, true},
		{[]string{"__debug_bin", "--test.run=^TestX$"}, true},
		{[]string{"lfpool.test", "-test.v", "-test.bench=."}, false},
		{[]string{"lfpool.test", "--test.bench", "."}, false},
	} {
		assert.Equal(t, c.want, route.InTest(c.args), "%q", c.args)
	}
}

// TestDefaultPoolIsRefusedInABubble is for a test binary without lfpooltest.
func TestDefaultPoolIsRefusedInABubble(t *testing.T) {
	const help = "lfpool: the default pool is used in a bubble of testing/synctest and would outlive it: call lfpooltest.Isolate(t), of github.com/lfpool/lfpool/lfpooltest, at the beginning of the bubble, or give the code a pool of its own"
	synctest.Test(t, func(t *testing.T) {
		assert.PanicsWithValue(t, help, func() { lfpool.Go(func() {}) })
		assert.PanicsWithValue(t, help, func() { lfpool.Default() })
		assert.PanicsWithValue(t, help, func() { new(lfpool.Group).Go(func() error { return nil }) })
		var all sync.WaitGroup
		all.Add(1)
		p := pool.New()
		p.Go(all.Done)
		all.Wait()
		assert.NoError(t, p.Drain(t.Context()))
	})
	var all sync.WaitGroup
	all.Add(1)
	lfpool.Go(all.Done)
	all.Wait()
}
