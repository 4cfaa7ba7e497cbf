// Package atomic has the types of sync/atomic that the library uses, and
// sync.Pool. In the ordinary build they are those very types. Under the build
// tag lfpoolhooks they are types with the same methods that report each
// operation to a checking tool before it is made: Watch sets which.
package atomic
