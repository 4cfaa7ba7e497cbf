package baseline

import (
	"context"

	"github.com/lfpool/lfpool/idle"
	"github.com/lfpool/lfpool/pool"
)

// A Retention is one choice for the rule that ends parked workers.
type Retention struct {
	Name, Doc string
	Rule      func() idle.Retention
}

// Retentions lists the rules. The first is what is shipped.
var Retentions = []Retention{
	{"low-water", "as many go as nobody needed for the whole idle timeout", idle.LowWater},
	{"by-age", "who has been parked for the idle timeout goes", idle.ByAge},
	{"adaptive", "as many stay as were busy on average", idle.Adaptive},
	{"never", "nobody goes", idle.Never},
}

// retained lists lfpool with another rule, for each rule but the shipped one.
func retained(rules []Retention) []Contestant {
	var cs []Contestant
	for _, r := range rules[1:] {
		cs = append(cs, Contestant{"retention-" + r.Name, "lfpool with another rule for parked workers: " + r.Doc, func() Pool {
			return drained{pool.New(pool.WithRetention(r.Rule))}
		}})
	}
	return cs
}

// drained is a pool whose rule may never end its workers.
type drained struct{ *pool.Pool }

// Close waits for the tasks and ends the workers.
func (p drained) Close() { _ = p.Drain(context.Background()) } // fails only with its context
