// Program deps has a dependency that starts a goroutine, and prints where that
// runs.
package main

import (
	"fmt"

	"example.com/dep"
)

func main() { fmt.Println(dep.Stack()) }
