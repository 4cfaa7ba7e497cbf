package load

import "time"

// shallow does nothing: what remains is the cost of handing a task over.
func shallow() {}

// nap stands for a task that waits on something else.
func nap() { time.Sleep(time.Millisecond) }

// deepFrames is the depth of a deep task: 60 frames with 120 B of
// variables each need 9 KiB of stack, so a new goroutine, which starts with 2 KiB
// or little more, moves to a larger one three times.
const deepFrames = 60

// Deep makes its goroutine's stack grow, as request handlers do.
func Deep() { descend(deepFrames, 1) }

// VeryDeep needs a stack of 64 KiB.
func VeryDeep() { descend(5*deepFrames, 1) }

// descend recurses to the given number of frames. Each frame keeps an array
// that is written before the call and read after it, at an index the compiler
// does not know, so that no frame can be left out.
//
//go:noinline
func descend(frames int, seed byte) byte {
	var kept [120]byte
	kept[seed%120] = seed
	if frames == 1 {
		return kept[seed%120]
	}
	return descend(frames-1, seed+1) ^ kept[seed%120]
}
