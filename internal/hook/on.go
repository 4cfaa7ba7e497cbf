//go:build lfpoolhooks

package hook

import "sync/atomic"

// On says whether hooks are compiled in.
const On = true

var handler atomic.Pointer[func(point string)]

// At calls the handler, if there is one, in the goroutine that has come to
// point.
func At(point string) {
	if h := handler.Load(); h != nil {
		(*h)(point)
	}
}

// Handle makes h the handler; nil takes the handler away. Goroutines that are
// in the former handler stay there.
func Handle(h func(point string)) {
	if h == nil {
		handler.Store(nil)
		return
	}
	handler.Store(&h)
}

var home atomic.Uint32

// Home returns the hash from which the calling submitter's lane follows: n, or, if it
// is not 0, what SetHome has set.
func Home(n uint32) uint32 {
	if set := home.Load(); set != 0 {
		return set
	}
	return n
}

// SetHome sets what Home returns; 0 sets it back.
func SetHome(n uint32) { home.Store(n) }
