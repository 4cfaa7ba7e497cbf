package lfpooltest

import (
	"bytes"
	"runtime"
	"strconv"
	"sync"
	"testing"

	"github.com/lfpool/lfpool"
	"github.com/lfpool/lfpool/internal/route"
	"github.com/lfpool/lfpool/pool"
)

// isolated has the default pools of bubbles: *pool.Pool by the bubble's number.
var isolated sync.Map

func init() {
	f := defaultHere
	route.Default.Store(&f)
	route.Submitter = route.Asked(lfpool.Default)
}

// Isolate gives the bubble of testing/synctest in which it is called a default
// pool of its own: from now on lfpool.Go, lfpool.Default and groups without a
// pool use that one if they are called in the bubble. When the test ends it is
// drained as [Drain] does. A second call in the same bubble does nothing.
//
// t must be the bubble's own, the one that synctest.Test hands to its function.
// The test fails at once if Isolate is not called in a bubble.
func Isolate(t testing.TB) {
	t.Helper()
	b := bubble()
	if b == 0 {
		t.Fatalf("lfpooltest.Isolate: the caller is not in a bubble of testing/synctest")
	}
	p := pool.New()
	if _, again := isolated.LoadOrStore(b, p); again {
		return
	}
	t.Cleanup(func() { isolated.Delete(b) }) // after the drain: tasks may submit tasks until then
	Drain(t, p)
}

// defaultHere returns the default pool of the caller's bubble, or nil if the
// caller is in none.
func defaultHere() *pool.Pool {
	b := bubble()
	if b == 0 {
		return nil
	}
	if p, ok := isolated.Load(b); ok {
		return p.(*pool.Pool)
	}
	return route.Refuse()
}

// bubble returns the number of the caller's bubble, or 0 if the caller is in
// none. The runtime gives no number twice (runtime/synctest.go, bubbleGen).
//
// The number stands only in the head of a stack, which takes microseconds to
// get.
func bubble() int {
	if !route.InBubble() {
		return 0
	}
	var head [256]byte
	return bubbleIn(head[:runtime.Stack(head[:], false)])
}

// bubbleIn returns the number of the bubble in the first line of a goroutine's
// stack, or 0 if there is none:
//
//	goroutine 7 [running, synctest bubble 3]:
//	goroutine 7 [running, synctest bubble 3 labels:{"key": "any text"}]:
//	goroutine 7 [running, synctest bubble 3] {key: "any text"}:
//
// the last since Go 1.27.
func bubbleIn(stack []byte) int {
	head, _, _ := bytes.Cut(stack, []byte("\n"))
	head, _, _ = bytes.Cut(head, []byte(" labels:{"))
	head, _, _ = bytes.Cut(head, []byte("]"))
	_, number, _ := bytes.Cut(head, []byte("synctest bubble "))
	n, _ := strconv.Atoi(string(number)) // 0 if there is no number
	return n
}
