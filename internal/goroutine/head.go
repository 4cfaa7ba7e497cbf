package goroutine

import (
	"bytes"
	"runtime"
	"strconv"
	"time"
)

// Locked reports whether the caller is locked to its thread. It takes 2 to 4 us, the
// more the deeper the caller's stack is: the runtime walks it to its bottom, whatever
// fits into the buffer, and holds a lock of the process meanwhile (runtime/print.go,
// printlock).
func Locked() bool {
	var buf [128]byte
	return bytes.Contains(head(buf[:runtime.Stack(buf[:], false)]), []byte(", locked to thread"))
}

// Bubble returns the number of the bubble of testing/synctest that the caller is
// in, or 0 if it is in none. The runtime gives no number twice
// (runtime/synctest.go, bubbleGen).
//
// Outside of a bubble it takes 40 ns: times in bubbles have no monotonic part
// (runtime/time.go, time_runtimeNow), and others have one. In a bubble it takes as
// long as Locked.
func Bubble() int {
	if now := time.Now(); now != now.Round(0) {
		return 0
	}
	var buf [128]byte
	_, number, _ := bytes.Cut(head(buf[:runtime.Stack(buf[:], false)]), []byte("synctest bubble "))
	n, _ := strconv.Atoi(string(number)) // 0 if there is no number
	return n
}

// head returns what the first line of a stack says of the goroutine, without its
// labels, which may be any text:
//
//	goroutine 7 [running, locked to thread, synctest bubble 3
//
// It stands before "]:", before "] {key: value}:" since Go 1.27, and before
// " labels:{key: value}]:" in Go 1.26.
func head(stack []byte) []byte {
	head, _, _ := bytes.Cut(stack, []byte("]"))
	head, _, _ = bytes.Cut(head, []byte(" labels:{"))
	return head
}
