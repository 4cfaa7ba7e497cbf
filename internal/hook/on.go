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
