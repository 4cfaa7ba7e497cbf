//go:build lfpoolhooks

package point

import (
	"runtime"
	"strconv"
	"strings"
	"unsafe"
)

// Goroutine returns the number of the calling goroutine, which no other has.
func Goroutine() uint64 {
	if numberAt == 0 {
		return numberByStack()
	}
	g := record()
	return *(*uint64)(unsafe.Add(*(*unsafe.Pointer)(unsafe.Pointer(&g)), numberAt))
}

// numberByStack takes microseconds.
func numberByStack() uint64 {
	var buf [64]byte
	text := string(buf[:runtime.Stack(buf[:], false)]) // goroutine 12 [running]:
	number, _, _ := strings.Cut(strings.TrimPrefix(text, "goroutine "), " ")
	id, err := strconv.ParseUint(number, 10, 64)
	if err != nil {
		panic("point: the first line of a stack does not begin with its goroutine: " + text)
	}
	return id
}

// numberAt is where the runtime's record of a goroutine has its number; 0 if that is not
// known. It is found by looking at those of some goroutines.
var numberAt = findNumber()

func findNumber() uintptr {
	const size, goroutines = 256, 8 // the record is longer than that
	at := map[uintptr]int{}
	for range goroutines {
		looked := make(chan struct{})
		go func() {
			defer close(looked)
			g, id := record(), numberByStack()
			for offset := uintptr(0); g != 0 && offset < size; offset += 8 {
				if *(*uint64)(unsafe.Add(*(*unsafe.Pointer)(unsafe.Pointer(&g)), offset)) == id {
					at[offset]++
				}
			}
		}()
		<-looked
	}
	for offset, times := range at {
		if times == goroutines {
			return offset
		}
	}
	return 0
}
