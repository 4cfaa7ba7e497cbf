package lfpooltest_test

import (
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/lfpool/lfpool"
	"github.com/lfpool/lfpool/lfpooltest"
	"github.com/lfpool/lfpool/pool"
)

func TestDrained(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	t.Run("uses the default pool", func(t *testing.T) {
		lfpooltest.Drain(t) // when this test ends
		lfpool.Go(func() {})
	})
}

func TestIgnored(t *testing.T) {
	ignored := lfpooltest.Ignore(goleak.IgnoreAnyFunction)
	defer goleak.VerifyNone(t, append(ignored, goleak.IgnoreCurrent())...)
	lfpool.Go(func() {})
}

func TestInBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New()
		begin := time.Now()
		p.Go(func() { time.Sleep(time.Hour) }) // takes no time: the clock is fake
		synctest.Wait()                        // all are blocked: the task sleeps
		if n := p.Stats().Running; n != 1 {
			t.Errorf("%d tasks run", n)
		}
		time.Sleep(2 * time.Hour)
		if p.Stats().Running != 0 || time.Since(begin) != 2*time.Hour {
			t.Errorf("%v, %v", p.Stats(), time.Since(begin))
		}
	})
}

func TestDefaultPoolInBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		var g lfpool.Group // without a pool of its own: the default one
		g.Go(func() error { time.Sleep(time.Hour); return nil })
		lfpool.Go(func() { time.Sleep(time.Minute) })
		if err := g.Wait(); err != nil || time.Since(begin) != time.Hour {
			t.Errorf("%v, %v", err, time.Since(begin))
		}
	})
}

// TestDocIsCode: the code in the package comment is that of this file.
func TestDocIsCode(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	code, err := os.ReadFile("doc_test.go")
	require.NoError(t, err)
	shown := 0
	for _, part := range strings.Split(string(doc), "//\n") {
		part = strings.ReplaceAll(part, "//\t", "")
		if strings.HasPrefix(part, "func Test") {
			shown++
			assert.Contains(t, string(code), "\n"+part)
		}
	}
	assert.Equal(t, 4, shown)
}
