// Package atomic has the types of sync/atomic that the library uses, sync.Pool
// and sync.Mutex. In the ordinary build they are those very types. Under the build
// tag lfpoolhooks they are types with the same methods that report each
// operation to a checking tool before it is made: Watch sets which. Publishing tells of objects that a Pointer
// makes known.
package atomic
