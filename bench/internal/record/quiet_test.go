package record

import (
	"bytes"
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

// TestWaitUntilQuiet waits for half a minute without a disturbance, and says what it
// waited for.
func TestWaitUntilQuiet(t *testing.T) {
	const load = "other processes used 1.20 of 2 processors"
	for name, c := range map[string]struct {
		looks []string // what each finds; then nothing
		most  time.Duration
		want  string
		took  time.Duration
	}{
		"quiet":     {nil, time.Hour, "", 30 * time.Second},
		"loud":      {[]string{"", load, load}, time.Hour, "Waited 45s for a quiet machine: " + load + ".", 45 * time.Second},
		"never":     {[]string{"", "", "", "", load, load, load}, 30 * time.Second, "Waited for a quiet machine for 30s, in vain: at last " + load + ".", 30 * time.Second},
		"too short": {nil, 10 * time.Second, "Waited for a quiet machine for 10s, in vain: at last it was quiet, but not for long enough.", 10 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			var said bytes.Buffer
			begun := time.Now()
			got := waitUntilQuiet(t.Context(), c.most, look, &said, func() func() string {
				return func() string {
					if len(c.looks) == 0 {
						return ""
					}
					what := c.looks[0]
					c.looks = c.looks[1:]
					return what
				}
			})
			assert.Equal(t, c.want, got, name)
			assert.Equal(t, c.took, time.Since(begun), name)
			if name == "loud" {
				assert.Regexp(t, `^Waiting for a quiet machine, until \d\d:\d\d:\d\d at most: `+load+`\.\n$`, said.String(), "once")
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.Empty(t, WaitUntilQuiet(ctx, time.Hour, new(bytes.Buffer)))
}

// TestDisturbances are told apart.
func TestDisturbances(t *testing.T) {
	now := usageNow()
	if now.all == 0 {
		t.Skip("the system does not say")
	}
	assert.Contains(t, usage{all: now.all - 100, stolen: now.stolen - 10, busy: now.busy}.disturbance(), "% of the time went to other machines")
	assert.Contains(t, usage{all: now.all - 1000, stolen: now.stolen, busy: now.busy - 600}.disturbance(), "other processes used ")
}
