package files_test

import (
	"testing"

	"example.com/files"
)

func TestOutside(t *testing.T) {
	done := make(chan int)
	go files.Plain(done)
	<-done
}
