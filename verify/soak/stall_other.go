//go:build !linux

package main

import "time"

// block keeps the goroutine from its thread; only on Linux it blocks the thread.
func block(d time.Duration, _ bool) { time.Sleep(d) }
