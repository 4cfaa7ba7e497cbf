package adaptive

// Inflight returns how many permits are out.
func (p *Pool) Inflight() int { return p.limiter.Inflight() }
