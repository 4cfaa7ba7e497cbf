// Package atomic has the types of sync/atomic that the library uses, sync.Pool
// and sync.Mutex. In the ordinary build they are those very types, and the machine code
// is the same as with those: verify/explore tests that. Under the build
// tag lfpoolhooks they are types with the same methods that report each operation to a
// checking tool before it is made: Watch sets which. Publishing tells of objects that
// a Pointer makes known.
//
// The go statement, and a channel's send, receive and close, are not reported. What the
// library sends, or whom it starts, follows an atomic operation in the same goroutine
// and concerns nobody else before that goroutine's or the other's next one, so an
// order of those is an order of these.
package atomic
