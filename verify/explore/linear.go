//go:build lfpoolhooks

package explore

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// history is what the goroutines of a run did to a queue of ints.
type history []*operation

// operation is one call. It took effect at some instant from call to ret.
type operation struct {
	who       string
	kind      string // "enqueue", "dequeue", "empty"
	value     int
	ok        bool
	call, ret int64
	after     *operation // took effect before it; or nil
}

func (o *operation) String() string {
	switch {
	case o.kind == "enqueue":
		return fmt.Sprintf("%-12s [%d,%d] enqueue %d", o.who, o.call, o.ret, o.value)
	case o.kind == "empty":
		return fmt.Sprintf("%-12s [%d,%d] empty: %t", o.who, o.call, o.ret, o.ok)
	case o.ok:
		return fmt.Sprintf("%-12s [%d,%d] dequeue: %d", o.who, o.call, o.ret, o.value)
	}
	return fmt.Sprintf("%-12s [%d,%d] dequeue: nothing", o.who, o.call, o.ret)
}

// linearizable tries all sequential orders of h that respect real time: is
// there one in which a first-in first-out queue answers the same?
func (h history) linearizable() error {
	if h.place(make([]bool, len(h)), nil) {
		return nil
	}
	lines := make([]string, len(h))
	for i, o := range h {
		lines[i] = o.String()
	}
	return fmt.Errorf("not linearizable:\n  %s", strings.Join(lines, "\n  "))
}

// place looks for an order of the operations not yet placed, from a queue that
// has content.
func (h history) place(placed []bool, content []int) bool {
	firstReturn := int64(math.MaxInt64)
	rest := false
	for i, o := range h {
		if !placed[i] {
			rest, firstReturn = true, min(firstReturn, o.ret)
		}
	}
	if !rest {
		return true
	}
	for i, o := range h {
		if placed[i] || o.call > firstReturn {
			continue // somebody returned before it was called
		}
		if o.after != nil && !placed[slices.Index(h, o.after)] {
			continue
		}
		after, answers := o.apply(content, h)
		if !answers {
			continue
		}
		placed[i] = true
		if h.place(placed, after) {
			return true
		}
		placed[i] = false
	}
	return false
}

// apply returns the content after o, and whether o's answer is right for
// content.
func (o *operation) apply(content []int, h history) (after []int, answers bool) {
	switch {
	case o.kind == "enqueue":
		return append(slices.Clip(content), o.value), true
	case o.kind == "empty" && o.ok:
		return content, len(content) == 0
	case o.kind == "empty":
		// False is right too while an Enqueue is under way.
		return content, len(content) > 0 || slices.ContainsFunc(h, func(e *operation) bool {
			return e.kind == "enqueue" && e.call < o.ret && o.call < e.ret
		})
	case !o.ok:
		return content, len(content) == 0
	}
	if len(content) == 0 || content[0] != o.value {
		return nil, false
	}
	return content[1:], true
}
