//go:build lfpooltiny

package lfqueue

// segmentCells is so small that every schedule can be explored: an enqueuer and
// a dequeuer can meet in one cell after the other, up to a segment's end.
const segmentCells = 2
