package main

import "time"

// shallow does nothing: what remains is the cost of handing a task over.
func shallow() {}

// nap stands for a task that waits on something else.
func nap() { time.Sleep(time.Millisecond) }

// deepFrames is the depth of a deep task: 60 frames of 120 B (amd64) outgrow
// the 2 KiB stack that a new goroutine starts with twice or more.
const deepFrames = 60

// deep makes its goroutine's stack grow, as request handlers do.
func deep() { descend(deepFrames, 1) }

// descend recurses to the given number of frames. Each frame keeps an array
// that is written before the call and read after it, at an index the compiler
// does not know, so that no frame can be left out.
//
//go:noinline
func descend(frames int, seed byte) byte {
	var kept [80]byte
	kept[seed%80] = seed
	if frames == 1 {
		return kept[seed%80]
	}
	return descend(frames-1, seed+1) ^ kept[seed%80]
}
