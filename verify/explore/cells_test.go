//go:build lfpoolhooks && !lfpooltiny

package explore

// segmentCells is lfqueue's; scenarios at a segment's end check that they got
// there.
const segmentCells = 512
