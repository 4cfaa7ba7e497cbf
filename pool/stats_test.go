package pool_test

import (
	"bytes"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/pool"
)

func TestStatsLogAsAGroup(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{
		ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if len(groups) == 0 && a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	}))
	log.Info("drained", "jobs", pool.Stats{
		Workers: 3, Idle: 1, Running: 2, Limit: 4, Queued: 5, Waiting: 6, Spawned: 7, Reaped: 8,
		Replaced: 9, Exited: 10, Tasks: 40, Reused: 33, Panics: 11, Skipped: 12,
	})
	assert.Equal(t, "level=INFO msg=drained jobs.workers=3 jobs.idle=1 jobs.running=2 jobs.limit=4 jobs.queued=5 jobs.waiting=6"+
		" jobs.spawned=7 jobs.reaped=8 jobs.replaced=9 jobs.exited=10 jobs.tasks=40 jobs.reused=33 jobs.panics=11 jobs.skipped=12"+
		" jobs.reuse_rate=0.825\n", out.String())
}

func TestStatsLogEveryField(t *testing.T) {
	var logged []string
	for _, a := range (pool.Stats{}).LogValue().Group() {
		logged = append(logged, a.Key)
	}
	fields := reflect.TypeFor[pool.Stats]()
	require.Len(t, logged, fields.NumField()+1, "and the reuse rate")
	for i := range fields.NumField() {
		assert.Contains(t, logged, strings.ToLower(fields.Field(i).Name))
	}
}
