package padded_test

import (
	"fmt"

	"github.com/lfpool/lfpool/padded"
)

// A ring's two ends are written by different goroutines: each gets its line.
func Example() {
	var ring struct {
		head, tail padded.Uint64
	}
	ring.tail.Add(2) // the producer's
	ring.head.Add(1) // the consumer's
	fmt.Println(ring.tail.Load() - ring.head.Load())
	// Output: 1
}

func ExampleUint32() {
	var flag padded.Uint32
	fmt.Println(flag.CompareAndSwap(0, 1), flag.CompareAndSwap(0, 1))
	// Output: true false
}

func ExampleUint64() {
	var tickets padded.Uint64
	fmt.Println(tickets.Add(1), tickets.Add(1))
	// Output: 1 2
}

func ExampleInt64() {
	var balance padded.Int64
	fmt.Println(balance.Add(3), balance.Add(-4))
	// Output: 3 -1
}

func ExamplePointer() {
	var top padded.Pointer[string]
	s := "top"
	fmt.Println(top.Load() == nil, top.CompareAndSwap(nil, &s), *top.Load())
	// Output: true true top
}
