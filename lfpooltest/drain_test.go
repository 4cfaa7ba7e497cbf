package lfpooltest_test

import (
	"fmt"
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

// recorder is a test that a test looks into.
type recorder struct {
	testing.TB
	cleanups []func()
	errors   []string
}

func (r *recorder) Helper()          {}
func (r *recorder) Cleanup(f func()) { r.cleanups = append(r.cleanups, f) }
func (r *recorder) Errorf(format string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}
func (r *recorder) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

func (r *recorder) end() {
	for _, f := range r.cleanups {
		f()
	}
}

func TestDrainWaitsForTasks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r recorder
		one, two := pool.New(), lfpooltest.New(&r, pool.WithLimit(1))
		lfpooltest.Drain(&r, one)
		ended := make(chan string, 3)
		for _, p := range []*pool.Pool{one, two, two} { // the third is queued
			p.Go(func() {
				time.Sleep(time.Second)
				ended <- "task"
			})
		}
		r.end()
		assert.Len(t, ended, 3)
		assert.Empty(t, r.errors)
		assert.Zero(t, one.Stats().Workers+two.Stats().Workers)
	}) // the bubble's end: no goroutine is left
}

// TestDrainOfTasksThatSubmit: the bubble ends, so no goroutine is left.
func TestDrainOfTasksThatSubmit(t *testing.T) {
	for i := range 300 {
		synctest.Test(t, func(t *testing.T) {
			p := lfpooltest.New(t)
			for range i % 7 {
				p.Go(func() { p.Go(func() { p.Go(func() {}) }) })
			}
		})
	}
}

func TestDrainFailsWithTheStacksOfTasks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r recorder
		p, other := pool.New(pool.WithLimit(1)), lfpooltest.New(t)
		other.Go(func() {})
		synctest.Wait()
		lfpooltest.Drain(&r, other, p)
		release := make(chan struct{})
		p.Go(func() { stuck(release) })
		p.Go(func() {})
		before := time.Now()
		r.end()
		assert.Equal(t, lfpooltest.Patience, time.Since(before))
		require.Len(t, r.errors, 1)
		assert.Contains(t, r.errors[0], "the pool at index 1: 10s after the end of the test 1 tasks have not ended and ")
		assert.Contains(t, r.errors[0], "lfpooltest_test.stuck(")
		assert.Equal(t, 1, strings.Count(r.errors[0], "\ngoroutine "), "no parked worker, no other goroutine:\n%s", r.errors[0])
		close(release)
		require.NoError(t, p.Drain(t.Context()))
	})
}

func stuck(release chan struct{}) { <-release }

func TestDrainOfTheDefaultPool(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent()) // after the cleanups of the subtest; nothing is ignored
	ended := false
	t.Run("that uses it", func(t *testing.T) {
		lfpooltest.Drain(t)
		lfpool.Go(func() { ended = true })
	})
	assert.True(t, ended)
	assert.Zero(t, lfpool.Default().Stats().Workers)
}

func TestDrainRefusesNil(t *testing.T) {
	assert.PanicsWithValue(t, "lfpooltest.Drain: the pool at index 1 is nil", func() {
		lfpooltest.Drain(&recorder{}, pool.New(), nil)
	})
}
