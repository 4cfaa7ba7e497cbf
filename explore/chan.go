package explore

import (
	"fmt"
	"unsafe"
)

// Chan is a channel of Go whose operations are steps: Send and Receive in place
// of <-, Close, Len and Cap in place of the builtins, TrySend and TryReceive in
// place of a select with one case and a default. There is no select of several
// cases. Outside an exploration it is a channel of Go. Values that were sent
// before the goroutines of a scenario start are there.
type Chan[T any] struct {
	c      chan T
	closed bool

	// Of a channel without a buffer, in an exploration.
	offered   bool // a sender has put value there
	taken     bool // and a receiver has taken it
	value     T
	receivers int // that have begun to receive
}

// MakeChan is make(chan T, size). It panics if size is negative.
func MakeChan[T any](size int) *Chan[T] {
	if size < 0 {
		panic(fmt.Sprintf("explore.MakeChan(%d): want 0 or more", size))
	}
	return &Chan[T]{c: make(chan T, size)}
}

// What an operation of a channel waits for.
const (
	room    = 1 << iota // to put a value there
	content             // a value, or the end
	receipt             // the value has been taken
)

// State is for the explorer.
func (c *Chan[T]) State() (met uint64) {
	if c.closed {
		return room | content | receipt
	}
	switch {
	case cap(c.c) > 0:
		if len(c.c) < cap(c.c) {
			met |= room
		}
		if len(c.c) > 0 {
			met |= content
		}
	case c.taken:
		met |= receipt
	case c.offered:
		met |= content
	default:
		met |= room
	}
	return met
}

func (c *Chan[T]) wait(need uint64) (watched, over bool) { return Wait(unsafe.Pointer(c), c, need) }

// Send is c <- v.
func (c *Chan[T]) Send(v T) {
	watched, over := c.wait(room)
	if over {
		return
	}
	if !watched || c.closed || cap(c.c) > 0 {
		c.c <- v // panics if it is closed
		return
	}
	c.offer(v)
}

// offer hands v to a receiver.
func (c *Chan[T]) offer(v T) {
	c.offered, c.value = true, v
	c.wait(receipt)
	if !c.taken {
		c.c <- v // closed meanwhile: panics
	}
	c.offered, c.taken = false, false
}

// TrySend sends v if that does not block, and reports whether it did.
func (c *Chan[T]) TrySend(v T) bool {
	watched, over := c.wait(0)
	if over {
		return false
	}
	if watched && !c.closed && cap(c.c) == 0 {
		if c.receivers == 0 || c.offered {
			return false
		}
		c.offer(v)
		return true
	}
	select {
	case c.c <- v:
		return true
	default:
		return false
	}
}

// Receive is <-c. After the end of a closed channel ok is false.
func (c *Chan[T]) Receive() (v T, ok bool) {
	if cap(c.c) == 0 {
		watched, over := c.wait(0)
		if over {
			return v, false
		}
		if watched {
			c.receivers++
			c.wait(content)
			c.receivers--
			return c.take()
		}
	} else if _, over := c.wait(content); over {
		return v, false
	}
	v, ok = <-c.c
	return v, ok
}

// take takes what a sender has offered.
func (c *Chan[T]) take() (v T, ok bool) {
	if !c.offered || c.taken {
		return v, false // closed
	}
	v = c.value
	var zero T
	c.value, c.taken = zero, true
	return v, true
}

// TryReceive receives if that does not block; did is false if it would have.
func (c *Chan[T]) TryReceive() (v T, ok, did bool) {
	watched, over := c.wait(0)
	if over {
		return v, false, false
	}
	if watched && cap(c.c) == 0 {
		v, ok = c.take()
		return v, ok, ok || c.closed
	}
	select {
	case v, ok = <-c.c:
		return v, ok, true
	default:
		return v, false, false
	}
}

// Close is close(c).
func (c *Chan[T]) Close() {
	if _, over := c.wait(0); !over {
		close(c.c)
		c.closed, c.offered = true, false
	}
}

// Len is len(c).
func (c *Chan[T]) Len() int { c.wait(0); return len(c.c) }

// Cap is cap(c).
func (c *Chan[T]) Cap() int { return cap(c.c) }
