package adaptive

// Inflight returns how many permits are out.
func (p *Pool) Inflight() int { return p.limiter.Inflight() }

// Limit returns the limiter's limit.
func (p *Pool) Limit() int { return p.limiter.Limit() }
