//go:build lfpoolhooks

package point

import (
	"runtime"
	"strconv"
	"strings"
)

// Goroutine returns the number of the calling goroutine. It takes microseconds.
func Goroutine() uint64 {
	var buf [64]byte
	text := string(buf[:runtime.Stack(buf[:], false)]) // goroutine 12 [running]:
	number, _, _ := strings.Cut(strings.TrimPrefix(text, "goroutine "), " ")
	id, err := strconv.ParseUint(number, 10, 64)
	if err != nil {
		panic("point: the first line of a stack does not begin with its goroutine: " + text)
	}
	return id
}
