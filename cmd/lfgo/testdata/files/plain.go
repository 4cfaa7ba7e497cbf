// Package files has files of several kinds.
package files

func Plain(done chan int) { go close(done) }
