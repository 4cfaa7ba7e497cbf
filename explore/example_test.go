package explore_test

import (
	"fmt"

	"github.com/lfpool/lfpool/explore"
	"github.com/lfpool/lfpool/explore/atomic"
)

// Stack is that of Treiber (1986) without a tag in its word.
type Stack struct{ top atomic.Pointer[Node] }

// Node is on a Stack, or is its taker's to push again.
type Node struct{ next atomic.Pointer[Node] }

func (s *Stack) Push(n *Node) {
	for {
		top := s.top.Load()
		n.next.Store(top)
		if s.top.CompareAndSwap(top, n) {
			return
		}
	}
}

func (s *Stack) Pop() *Node {
	for {
		top := s.top.Load()
		if top == nil {
			return nil
		}
		next := top.next.Load()
		if s.top.CompareAndSwap(top, next) {
			return top
		}
	}
}

// popAndReuse: one goroutine pops; another pops two nodes and pushes the first
// of them again. Afterwards every node must be somewhere, once.
func popAndReuse(x *explore.Run) {
	var s Stack
	s.Push(new(Node))
	s.Push(new(Node))
	var taken [2]*Node
	x.Go("slow", func() { taken[0] = s.Pop() })
	x.Go("fast", func() {
		again := s.Pop()
		taken[1] = s.Pop()
		if again != nil {
			s.Push(again)
		}
	})
	x.Check(func() error {
		if n := s.Pop(); n != nil && (n == taken[0] || n == taken[1]) {
			return fmt.Errorf("a node that was taken is on the stack")
		}
		return nil
	})
}

func ExampleExplore() {
	result := explore.Explore(popAndReuse)
	fmt.Println(result.Failure.Err)
	fmt.Println(result.Failure.Schedule)
	// Output:
	// a node that was taken is on the stack
	// slow>Stack.Pop.CompareAndSwap fast slow
}
