package keep

import (
	"github.com/lfpool/lfpool/internal/baseline"
	"github.com/lfpool/lfpool/pool"
)

// A policy is a way to keep parked workers: a rule, and the order in which they are
// taken.
type policy struct {
	name    string
	options []pool.Option
}

func (p policy) new(opts ...pool.Option) *pool.Pool {
	return pool.New(append(opts, p.options...)...)
}

// policies lists all rules. Those that ask how long a worker has been parked, or are
// what they are compared with, come a second time with hand-off, whose parked workers
// are in a plain queue: each task takes the one that has been parked longest.
//
// By-age supposes such a queue. The slot for the worker that parked last, which lfpool
// has before its queue, keeps a trickle away from the queue. Hand-off has no slot:
// there a trickle wakes one worker after the other, and by-age finds nobody old.
// Low-water asks how many were needed, and so does not depend on it.
func policies() (plain []policy) {
	var fifo []policy
	for _, r := range baseline.Retentions {
		rule := pool.WithRetention(r.Rule)
		plain = append(plain, policy{r.Name, []pool.Option{rule}})
		if r.Name == "low-water" || r.Name == "by-age" {
			fifo = append(fifo, policy{r.Name + "-handoff", []pool.Option{rule, pool.WithHandOff()}})
		}
	}
	return append(plain, fifo...)
}
