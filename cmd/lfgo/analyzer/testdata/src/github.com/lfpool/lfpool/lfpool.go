// Package lfpool stands for the real one.
package lfpool

func Go(f func()) { go f() }
