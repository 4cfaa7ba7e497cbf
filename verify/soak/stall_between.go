//go:build !lfpoolhooks

package main

const whereStalled = "threads stalled between the library's operations"

// stallInside does nothing: the points inside the library's operations are not
// compiled in.
func (s *soak) stallInside() (stop func()) { return func() {} }
