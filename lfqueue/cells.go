//go:build !lfpooltiny

package lfqueue

// segmentCells is how many values a segment holds. The header, 288 bytes on
// 64-byte lines, is what is left to allocate: about half a byte for each value.
// Cells for a pointer or a func are 8 KiB, a size class of the allocator.
const segmentCells = 512
