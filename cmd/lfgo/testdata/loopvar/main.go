// Program loopvar is of a language version in which all rounds of a loop share
// its variables.
package main

import "fmt"

func main() {
	start, sum, done := make(chan int), 0, make(chan int)
	for i := 0; i < 3; i++ {
		go func() { <-start; done <- i }()
	}
	close(start)
	for i := 0; i < 3; i++ {
		sum += <-done
	}
	fmt.Println(sum)
}
