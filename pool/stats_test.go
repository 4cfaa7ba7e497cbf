package pool_test

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/idle"
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
		Workers: 3, Idle: 1, Running: 2, Limit: 4, Queued: 5, Waiting: 6, Capacity: 15, Spawned: 7, Reaped: 8,
		Replaced: 9, Goexits: 10, Ended: 40, Reused: 33, Panics: 11, Skipped: 12, Refused: 13, GivenUp: 14, Shed: 15,
	})
	assert.Equal(t, "level=INFO msg=drained jobs.workers=3 jobs.idle=1 jobs.running=2 jobs.limit=4 jobs.queued=5 jobs.waiting=6 jobs.capacity=15"+
		" jobs.spawned=7 jobs.reaped=8 jobs.replaced=9 jobs.goexits=10 jobs.ended=40 jobs.reused=33 jobs.panics=11 jobs.skipped=12 jobs.refused=13 jobs.given_up=14 jobs.shed=15"+
		" jobs.reuse_rate=0.825\n", out.String())
}

func TestStatsAsText(t *testing.T) {
	s := pool.Stats{
		Workers: 3, Idle: 1, Running: 2, Limit: 4, Queued: 5, Waiting: 6, Capacity: 15, Spawned: 7, Reaped: 8,
		Replaced: 9, Goexits: 10, Ended: 40, Reused: 33, Panics: 11, Skipped: 12, Refused: 13, GivenUp: 14, Shed: 15,
	}
	want := "workers=3 idle=1 running=2 limit=4 queued=5 waiting=6 capacity=15 spawned=7 reaped=8 replaced=9 goexits=10" +
		" ended=40 reused=33 panics=11 skipped=12 refused=13 given_up=14 shed=15 reuse_rate=0.82"
	assert.Equal(t, want, s.String())
	assert.Equal(t, want, fmt.Sprint(s), "as t.Log prints it")
	assert.Equal(t, want, fmt.Sprintf("%+v", s))
}

// TestZeroPoolSaysWhatItIs, each time, and starts no goroutine.
func TestZeroPoolSaysWhatItIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p pool.Pool
		f := func() { t.Error("ran in a zero pool") }
		for range 2 {
			for method, call := range map[string]func(){
				"Go":        func() { p.Go(f) },
				"TryGo":     func() { p.TryGo(f) },
				"GoAll":     func() { p.GoAll(f) },
				"GoContext": func() { p.GoContext(t.Context(), func(context.Context) { f() }) },
				"Async":     func() { pool.Async(&p, func() (int, error) { f(); return 0, nil }) },
				"Call": func() {
					pool.Call(t.Context(), &p, func(context.Context) (int, error) { f(); return 0, nil })
				},
				"Then":     func() { p.Then(f, func(pool.End) {}) },
				"Drain":    func() { p.Drain(t.Context()) },
				"DrainAll": func() { pool.DrainAll(t.Context(), &p) },
				"SetLimit": func() { p.SetLimit(3) },
				"Limit":    func() { p.Limit() },
				"Name":     func() { p.Name() },
				"InFlight": func() { p.InFlight() },
				"Stats":    func() { p.Stats() },
			} {
				assert.PanicsWithValue(t, "lfpool: "+method+" of a zero pool.Pool: make one with pool.New", call)
			}
		}
	})
}

// snake returns a field's name in JSON as logs have it.
func snake(name string) string {
	var b strings.Builder
	for i, r := range name {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

func TestStatsLogEveryField(t *testing.T) {
	var logged []string
	for _, a := range (pool.Stats{QueueTime: pool.Histogram{Count: 1}}).LogValue().Group() {
		logged = append(logged, a.Key)
	}
	fields := reflect.TypeFor[pool.Stats]()
	require.Len(t, logged, fields.NumField()+1, "and the reuse rate")
	for i := range fields.NumField() {
		field := fields.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		assert.Contains(t, logged, snake(cmp.Or(name, field.Name)))
	}
}

// TestFiguresKeepUpWithBusyWorkers: workers that never park tell of their tasks
// all the same.
func TestFiguresKeepUpWithBusyWorkers(t *testing.T) {
	eachDispatch(t, func(t *testing.T, opts ...pool.Option) {
		const limit = 2
		for _, length := range []time.Duration{50 * time.Millisecond, 2 * time.Second} {
			p := pool.New(with(opts, pool.WithLimit(limit))...)
			began := time.Now()
			for range 1000 {
				p.Go(func() { time.Sleep(length) })
			}
			lag := idle.Tick(pool.DefaultIdleTimeout) + 2*length
			for range 8 {
				time.Sleep(3 * length) // in a worker's first batch, too
				synctest.Wait()
				ended := int64(time.Since(began) / length * limit)
				s := p.Stats()
				assert.LessOrEqual(t, s.Ended, ended)
				assert.GreaterOrEqual(t, s.Ended, ended-min(int64(lag/length)*limit, 63*limit))
			}
			time.Sleep(1000 * length / limit)
		}
	})
}
