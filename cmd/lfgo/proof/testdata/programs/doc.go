// Package programs has benchmarks of real servers and libraries that start a
// goroutine for each request, call or part of the work.
package programs
