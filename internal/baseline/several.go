package baseline

import (
	"fmt"

	"github.com/lfpool/lfpool/pool"
	"github.com/lfpool/lfpool/pool/multi"
)

// poolsOfMulti is how many pools there are in a contestant that has several.
const poolsOfMulti = 4

// placesOfEach is the limit of each of several pools that have one: the tasks of
// a burst of 100 find places in all of them together, those of 10 000 do not.
const placesOfEach = 64

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
	{"fallback", multi.RoundRobinThenLeast},
}

// Limited lists pools that wait for a place, one and several with as many places
// together. They are not in All: with a limit tasks that need each other may
// never start, as they do with go.
var Limited = limited(Strategies)

func several(strategies []Strategy) []Contestant {
	var cs []Contestant
	for _, s := range strategies {
		cs = append(cs, Contestant{"multi-" + s.Name, fmt.Sprintf("%d lfpools, tasks spread over them: %v", poolsOfMulti, s.Strategy), func() Pool {
			return multi.New(poolsOfMulti, s.Strategy)
		}})
	}
	return cs
}

func limited(strategies []Strategy) []Contestant {
	const all = poolsOfMulti * placesOfEach
	cs := []Contestant{{"multi-limited-one", fmt.Sprintf("one lfpool with a limit of %d and no backlog", all), with(pool.WithLimit(all), pool.WithBacklog(0))}}
	for _, s := range strategies {
		cs = append(cs, Contestant{"multi-limited-" + s.Name, fmt.Sprintf("%d lfpools, each with a limit of %d and no backlog: %v", poolsOfMulti, placesOfEach, s.Strategy), func() Pool {
			return multi.New(poolsOfMulti, s.Strategy, pool.WithLimit(placesOfEach), pool.WithBacklog(0))
		}})
	}
	return cs
}
