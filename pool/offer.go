package pool

import "github.com/lfpool/lfpool/internal/offer"

func init() {
	offer.Use(func(p any, f func()) bool { return p.(*Pool).tryGo(f, false) })
}

// countRefused counts a submitter that found no room and would not wait.
func (p *Pool) countRefused() {
	p.ignoreSync()
	defer p.heedSync()
	p.gate.refused.Add(1)
}
