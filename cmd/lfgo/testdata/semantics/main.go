// Program semantics runs one of its cases and prints what happens. A test runs it
// as it is and with its go statements on lfpool, and compares.
package main

import (
	"fmt"
	"os"
	"slices"
	"sync"
	"time"
)

var cases = map[string]func(){}

// said is what a case has to say, in order.
var (
	mu   sync.Mutex
	said []string
)

func say(format string, args ...any) {
	mu.Lock()
	defer mu.Unlock()
	said = append(said, fmt.Sprintf(format, args...))
}

// step says its name when it is evaluated.
func step[T any](name string, v T) T {
	say("%s", name)
	return v
}

// done is closed when a case's goroutine has ended.
var done = make(chan struct{})

func wait() {
	select {
	case <-done:
	case <-time.After(time.Minute):
		panic("the goroutine has not run")
	}
}

func main() {
	if len(os.Args) == 1 {
		var names []string
		for name := range cases {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			fmt.Println(name)
		}
		return
	}
	if os.Args[1] == "all random" {
		for n := 0; cases[fmt.Sprintf("%03d", n)] != nil; n++ {
			say("case %d", n)
			cases[fmt.Sprintf("%03d", n)]()
		}
	} else {
		cases[os.Args[1]]()
	}
	mu.Lock()
	defer mu.Unlock()
	for _, s := range said {
		fmt.Println(s)
	}
	fmt.Println("end")
}
