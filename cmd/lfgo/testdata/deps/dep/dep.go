// Package dep starts a goroutine.
package dep

import "runtime/debug"

// Stack returns the stack of a goroutine.
func Stack() string {
	stack := make(chan string)
	go func() { stack <- string(debug.Stack()) }()
	return <-stack
}
