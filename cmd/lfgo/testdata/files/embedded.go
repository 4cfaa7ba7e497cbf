package files

import _ "embed"

//go:embed embedded.go
var Embedded string

func Started(done chan int) { go close(done) }
