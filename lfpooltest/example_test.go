package lfpooltest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/lfpool/lfpool"
	"github.com/lfpool/lfpool/lfpooltest"
)

// tb stands for the *testing.T of a test, which an example has not.
type tb struct {
	testing.TB
	cleanups []func()
}

func (t *tb) Helper()          {}
func (t *tb) Cleanup(f func()) { t.cleanups = append(t.cleanups, f) }
func (t *tb) Errorf(format string, args ...any) {
	first, _, _ := strings.Cut(fmt.Sprintf(format, args...), ";")
	fmt.Println("FAIL:", first)
}

func (t *tb) end() {
	for _, cleanup := range t.cleanups {
		cleanup()
	}
}

// In a test, t is the test's. The pool is drained when the test ends.
func ExampleNew() {
	t := new(tb)
	p := lfpooltest.New(t, lfpool.WithLimit(1))
	for range 3 {
		p.Go(func() {})
	}
	t.end()
	fmt.Println(p.Stats().Ended, p.Stats().Workers)
	// Output: 3 0
}

// The default pool, which the code under test uses, is drained when the test ends.
func ExampleDrain() {
	t := new(tb)
	lfpooltest.Drain(t)
	done := false
	lfpool.Go(func() { time.Sleep(time.Millisecond); done = true })
	t.end()
	fmt.Println(done)
	// Output: true
}

// A task that does not end fails the test, with its stack.
func ExampleDrainWithin() {
	t, p, release := new(tb), lfpool.New(), make(chan struct{})
	lfpooltest.DrainWithin(t, time.Millisecond, p)
	p.Go(func() { <-release })
	t.end()
	close(release)
	// Output: FAIL: lfpooltest.Drain: the pool at index 0: 1ms after the end of the test 1 tasks have not ended and 0 have not started
}

// A leak checker that looks once takes workers without a task for leaks, unless it is
// told. A task that does not end is found.
func ExampleIgnore() {
	others := goleak.IgnoreCurrent()
	ignored := append(lfpooltest.Ignore(goleak.IgnoreAnyFunction), others)
	p, started, release := lfpool.New(), make(chan struct{}), make(chan struct{})
	p.Go(func() {})
	fmt.Println(goleak.Find(ignored...))
	p.Go(func() {
		close(started)
		<-release
	})
	<-started
	fmt.Println(goleak.Find(ignored...) == nil)
	close(release)
	// Output:
	// <nil>
	// false
}

// What a pool leaves on stacks when it has nothing to do.
func ExampleAtRest() {
	for _, function := range lfpooltest.AtRest() {
		fmt.Println(function)
	}
	// Output:
	// github.com/lfpool/lfpool/pool.(*Worker).park
	// github.com/lfpool/lfpool/idle.(*Reaper).Run
}
