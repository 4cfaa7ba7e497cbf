package explore

import (
	"fmt"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"time"
)

// watched calls f in a goroutine of its own and waits until it has returned, or
// until nothing has gone on in the exploration for longer than a goroutine may
// take. Then the goroutines of the run are left where they are.
func (x *explorer) watched(f func()) error {
	returned := make(chan bool, 1)
	go func() {
		completed := false
		defer func() { returned <- completed }()
		f()
		completed = true
	}()
	const looks = 5
	look := time.NewTicker(max(x.patience/looks, time.Millisecond))
	defer look.Stop()
	for before, still := int64(-1), 0; ; {
		select {
		case completed := <-returned:
			if !completed {
				runtime.Goexit() // as the scenario's function has: t.FailNow, for example
			}
			return nil
		case <-look.C:
		}
		if now, r := x.progress.Load(), x.playing.Load(); now != before || r != nil && r.time.passing.Load() {
			before, still = now, 0
		} else if still++; still >= looks {
			return x.stalled()
		}
	}
}

// stalled says who holds up the exploration, and leaves the goroutines of the
// run to themselves.
func (x *explorer) stalled() error {
	who := "the scenario's function, or a check,"
	if r := x.playing.Load(); r != nil && active.Load() == r {
		if th := r.holder.Load(); th != nil {
			who = "goroutine " + th.name
		}
	}
	x.dead.Store(true)
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	culprit := ""
	for stack := range strings.SplitSeq(string(stacks), "\n\n") {
		var id uint64
		fmt.Sscanf(stack, "goroutine %d ", &id)
		live, play := calls(stack, "(*Run).live"), calls(stack, "(*explorer).play")
		if !live && !play || left.has(id) {
			continue
		}
		left.add(id)
		waits := calls(stack, "(*Run).step") || calls(stack, "(*Run).start") // for its turn, or for a goroutine that it has started
		if culprit == "" && !waits && live == strings.HasPrefix(who, "goroutine") {
			culprit = stack + "\n"
		}
	}
	if culprit == "" {
		return fmt.Errorf("%s has come to no step for %v\n%s", who, x.patience, stacks)
	}
	_, state, _ := strings.Cut(culprit, "[")
	state, _, _ = strings.Cut(state, "]")
	state, _, _ = strings.Cut(state, ",") // without the minutes
	at := firstSite(culprit)
	if state == "running" || state == "runnable" {
		return fmt.Errorf("%s has come to no step for %v, in a loop without one at %s: use the types of explore/atomic in it, and explore.Gosched() if it waits for another goroutine; or raise explore.Patience if it is only slow", who, x.patience, at)
	}
	return fmt.Errorf("%s has been blocked for %v where the explorer does not see it (%s), at %s: use the types of explore/sync or an explore.Chan there, and no time", who, x.patience, state, at)
}

// calls reports whether a function of this package is in the stack.
func calls(stack, function string) bool {
	return strings.Contains(stack, packageName+"."+function+"(")
}

// left are the numbers of the goroutines that runs have left where they were.
// Should they go on, they end at their next step.
var left leftovers

type leftovers struct {
	mu  sync.Mutex
	ids map[uint64]bool
}

func (l *leftovers) add(id uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ids == nil {
		l.ids = map[uint64]bool{}
	}
	l.ids[id] = true
}

func (l *leftovers) some() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.ids) > 0
}

func (l *leftovers) has(id uint64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ids[id]
}

// firstSite returns file and line of the first function in a goroutine's stack
// that is neither of Go itself nor of this package.
func firstSite(stack string) string {
	lines := strings.Split(stack, "\n")
	for i := 1; i+1 < len(lines); i += 2 {
		if runtimes.MatchString(lines[i]) {
			continue
		}
		at, _, _ := strings.Cut(strings.TrimSpace(lines[i+1]), " ")
		return at
	}
	return "an unknown place"
}

var runtimes = regexp.MustCompile(`^(runtime|sync|time|internal|syscall|os|io|net|context)[./]|^` + regexp.QuoteMeta(packageName) + `\.`)
