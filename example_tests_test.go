package lfpool_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lfpool/lfpool"
	"github.com/lfpool/lfpool/lfpooltest"
)

// mailer is what is to be tested: it sends in the background.
type mailer struct {
	jobs *lfpool.Pool
	sent atomic.Int64
}

func (m *mailer) send(to string) {
	m.jobs.Go(func() {
		time.Sleep(time.Millisecond) // on its way
		m.sent.Add(1)
	})
}

// testMailer is the body of a func TestMailer(t *testing.T). New drains the pool when the
// test ends, and a task that does not end fails the test with its stack. It can run in a
// bubble of testing/synctest as it is, and then it takes no time.
func testMailer(t testing.TB) {
	m := &mailer{jobs: lfpooltest.New(t, lfpool.WithLimit(1))}
	m.send("ann")
	m.send("bob")
	if err := m.jobs.Drain(context.Background()); err != nil {
		t.Error(err)
	}
	if n := m.sent.Load(); n != 2 {
		t.Errorf("%d sent, want 2", n)
	}
	m.send("cid") // ends before the test does
}

// tb stands for the *testing.T of a test, which an example has not.
type tb struct {
	testing.TB
	cleanups []func()
}

func (t *tb) Helper()                           {}
func (t *tb) Cleanup(f func())                  { t.cleanups = append(t.cleanups, f) }
func (t *tb) Error(args ...any)                 { fmt.Println(args...) }
func (t *tb) Errorf(format string, args ...any) { fmt.Printf(format+"\n", args...) }

// A test of code that uses a pool: package lfpooltest makes one that is drained when the
// test ends. The default pool needs nothing.
func Example_tests() {
	t := new(tb)
	testMailer(t)
	for _, cleanup := range t.cleanups {
		cleanup()
	}
	fmt.Println("passed; pools that were drained:", len(t.cleanups))
	// Output: passed; pools that were drained: 1
}
