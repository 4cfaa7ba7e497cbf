package baseline

import (
	"fmt"

	"github.com/lfpool/lfpool/pool/multi"
)

// poolsOfMulti is how many pools there are in a contestant that has several.
const poolsOfMulti = 4

// A Strategy is one choice of the pool, among several, that a task goes to.
type Strategy struct {
	Name     string
	Strategy multi.Strategy
}

// Strategies lists them.
var Strategies = []Strategy{
	{"rr", multi.RoundRobin},
	{"least", multi.LeastLoaded},
	{"two", multi.TwoChoices},
}

func several(strategies []Strategy) []Contestant {
	var cs []Contestant
	for _, s := range strategies {
		cs = append(cs, Contestant{"multi-" + s.Name, fmt.Sprintf("%d lfpools, tasks spread over them: %v", poolsOfMulti, s.Strategy), func() Pool {
			return multi.New(poolsOfMulti, s.Strategy)
		}})
	}
	return cs
}
