// Package rewrite turns go statements into calls of lfpool.Go, with the meaning
// of the go statement to the letter.
//
// The specification says: the function value and parameters are evaluated as
// usual in the calling goroutine. So
//
//	go f(x, g())
//
// becomes
//
//	{ fn, arg1, arg2 := f, x, g(); lfpool.Go(func() { fn(arg1, arg2) }) }
//
// which is also what the compiler makes of it: one assignment of all operands,
// then a goroutine that calls. What cannot change between the statement and the
// start of the goroutine (constants, nil, declared functions) stays in the call,
// where untyped constants become parameters as before, and generic functions
// are inferred as before. Function literals, methods and functions that take and
// return nothing are handed over as they are. A nil function still ends the
// program, from the new goroutine.
//
// No line is added or removed, so the lines in stack traces, compile errors and
// coverage are those of the original file without any //line directive.
package rewrite
