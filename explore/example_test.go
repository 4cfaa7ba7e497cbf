package explore_test

import (
	"errors"
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
// of them again.
func popAndReuse(x *explore.Run) {
	var s Stack
	s.Push(new(Node))
	s.Push(new(Node))
	var popped [3]*Node
	x.Go("slow", func() { popped[0] = s.Pop() })
	x.Go("fast", func() { popped[1], popped[2] = s.Pop(), s.Pop(); s.Push(popped[1]) })
	x.Check(func() error {
		if s.Pop() == popped[2] {
			return errors.New("a node that was taken is on the stack")
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
