//go:build lfpoolhooks && lfpooltiny

package explore

// segmentCells is lfqueue's under that tag.
const segmentCells = 2
