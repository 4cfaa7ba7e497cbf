package idle

// subWindows is how many parts the idle timeout is watched in. More parts make
// the pool shrink closer to the timeout (the bound is one part late) and wake
// the reaper more often: at the default timeout of 10 s, every 2.5 s.
const subWindows = 4

// lowWater is the retention rule: as many workers may go as were parked at
// every instant of the last subWindows parts. Nobody needed that many,
// whichever they were.
//
// Differs from TiDB's pool and from ants, which expire a worker by its own
// age: in a FIFO of workers a trickle of tasks keeps every one of them young,
// and the pool never shrinks.
type lowWater struct {
	marks [subWindows]int // the low-water marks of the last parts, a ring
	next  int             // where the next part's mark goes
}

// excess takes the mark of the part that has just ended and returns how many
// workers may go. The first parts count as having needed every worker.
func (l *lowWater) excess(mark int) int {
	l.marks[l.next] = mark
	l.next = (l.next + 1) % subWindows
	least := mark
	for _, m := range l.marks {
		least = min(least, m)
	}
	return least
}

// retired says that n workers have gone: they are in none of the marks now.
// n is at most what excess returned.
func (l *lowWater) retired(n int) {
	for i := range l.marks {
		l.marks[i] -= n
	}
}
