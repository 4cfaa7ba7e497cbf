//go:build lfpoolhooks

package machine

import (
	"math"
	"slices"
)

// A proc is a processor with the Go scheduler's queue of it. It runs a
// goroutine, or looks for one, or its thread sleeps.
type proc struct {
	n        int
	runs     *thread
	newest   *thread   // made ready last: runs next, and is stolen late
	queue    []*thread // ready before that
	look     float64   // when it looks for a goroutine next, while it runs none; infinite while it sleeps
	spinning bool
	sleepAt  float64 // when it goes to sleep, while it spins
}

func (p *proc) run(th *thread) {
	p.runs, th.proc = th, p
	p.spinning, p.look = false, math.Inf(1)
}

// ready makes th ready on p, where a goroutine has woken or started it.
func (p *proc) ready(m *engine, th *thread, now float64) {
	if p.newest != nil {
		p.queue = append(p.queue, p.newest)
	}
	p.newest, th.ready = th, now
	if p.runs != nil {
		m.wakeProc(p.runs, now)
	}
}

// wakeProc wakes a thread that sleeps, unless some processor is looking for
// goroutines already. It costs waker a call; nil is a processor that looks itself.
func (m *engine) wakeProc(waker *thread, now float64) {
	for _, q := range m.procs {
		if q.runs == nil && q.spinning {
			return
		}
	}
	for _, q := range m.procs {
		if q.runs == nil && math.IsInf(q.look, 1) {
			q.spinning, q.look = true, now+m.go_.Call+m.go_.Thread
			q.sleepAt = q.look + m.go_.Spin
			if waker != nil {
				waker.clock += m.go_.Call
			}
			return
		}
	}
}

// schedule has p, which runs nothing, look for a goroutine.
func (p *proc) schedule(m *engine, now float64) {
	th := p.take()
	if th == nil {
		if th = m.steal(p, now); th != nil {
			now += m.go_.Steal
		}
	}
	if th != nil {
		was := p.spinning
		cost := m.go_.Start
		if th.started {
			cost = m.go_.Resume
		}
		th.started = true
		th.clock = max(now, th.ready) + cost
		p.run(th)
		if was && m.waiting() {
			m.wakeProc(nil, now) // as resetspinning does
		}
		return
	}
	if !p.spinning {
		p.spinning, p.sleepAt = true, now+m.go_.Spin
	}
	if p.look = now + m.go_.Look; p.look > p.sleepAt {
		p.spinning, p.look = false, math.Inf(1)
	}
}

// take takes a goroutine from p's own queue.
func (p *proc) take() (th *thread) {
	if th, p.newest = p.newest, nil; th != nil {
		return th
	}
	if len(p.queue) > 0 {
		th, p.queue = p.queue[0], p.queue[1:]
	}
	return th
}

// steal takes half of another processor's queue, or its newest goroutine if that
// has been there for a while, and returns the first.
func (m *engine) steal(p *proc, now float64) *thread {
	first := m.random.IntN(len(m.procs))
	for i := range m.procs {
		q := m.procs[(first+i)%len(m.procs)]
		if q == p {
			continue
		}
		if n := (len(q.queue) + 1) / 2; n > 0 {
			th := q.queue[0]
			p.queue = append(p.queue, q.queue[1:n]...)
			q.queue = slices.Clone(q.queue[n:])
			return th
		}
		if th := q.newest; th != nil && now >= th.ready+m.go_.Next {
			q.newest = nil
			return th
		}
	}
	return nil
}

// waiting reports whether a goroutine waits for a processor.
func (m *engine) waiting() bool {
	return slices.ContainsFunc(m.procs, func(p *proc) bool { return p.newest != nil || len(p.queue) > 0 })
}
