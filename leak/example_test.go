package leak_test

import (
	"bytes"
	"fmt"
	"runtime/pprof"

	"github.com/lfpool/lfpool/leak"
)

func Example() {
	var before, after bytes.Buffer
	pprof.Lookup("goroutine").WriteTo(&before, 2)
	for range 50 {
		go func() { make(chan int) <- 1 }() // nobody receives
	}
	pprof.Lookup("goroutine").WriteTo(&after, 2)

	first, err := leak.Parse(&before)
	if err != nil {
		fmt.Println(err)
	}
	later, err := leak.Parse(&after)
	if err != nil {
		fmt.Println(err)
	}
	for _, f := range leak.Explain(leak.Options{}, first, later).Findings {
		fmt.Println(f.Gain(), "more of", f.Entries[0])
	}
	// Output:
	// 50 more of github.com/lfpool/lfpool/leak_test.Example.func1
}
