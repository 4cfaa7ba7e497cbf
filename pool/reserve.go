package pool

import "math/bits"

// The collector halves a stack of which less than a quarter is used
// (runtime/stack.go, shrinkstack). A worker that keeps a quarter in use below
// its loop keeps the rest.

const (
	maxStackReserve = 1 << 20
	// reserveFrame is the room that one frame of below takes, its own variables
	// not counted.
	reserveFrame = 512
)

// reserveFrames returns how many frames of below keep a stack of n bytes.
func reserveFrames(n int) int {
	if n == 0 {
		return 0
	}
	size := 1 << bits.Len(uint(n-1))
	return (size/4 + reserveFrame - 1) / reserveFrame
}

// below calls run beneath the given number of frames.
//
//go:noinline
func below(frames int, run func()) byte {
	if frames == 0 {
		run()
		return 0
	}
	// Written before the call and read after it at an index that the compiler
	// does not know, so that the frame stays.
	var room [reserveFrame]byte
	room[frames%reserveFrame] = 1
	return below(frames-1, run) + room[frames%reserveFrame]
}
