package load

import (
	"math/rand/v2"
	"time"
)

// A Visit is one task of a recorded load: when it is submitted, how long it
// waits on something else, and whether it is deep.
type Visit struct {
	At, For time.Duration
	Deep    bool
}

// Work does what the visit's task does.
func (v Visit) Work() {
	if v.Deep {
		deep()
	}
	if v.For > 0 {
		time.Sleep(v.For)
	}
}

// Phases of the day, in the order of time.
const (
	DayBurst       = 200 * time.Millisecond  // the first burst
	DaySteady      = 500 * time.Millisecond  // steady load from then on
	DayTrickle     = 2 * time.Second         // a trickle from then on
	DaySilence     = 4 * time.Second         // nothing from then on
	DaySecondBurst = 6 * time.Second         // as the first
	DayEnd         = 9500 * time.Millisecond // nothing more; when watching ends

	DayBurstTasks  = 400
	dayBurstWait   = 100 * time.Millisecond
	daySteadyGap   = time.Millisecond      // on average
	daySteadyWait  = 40 * time.Millisecond // on average
	dayTrickleGap  = time.Millisecond      // on average
	daySeed        = 1
	daySeedOfSteps = 2
)

// Day is a day of a server in miniature, the same in every run: a burst of
// deep tasks that wait 100 ms each; steady load, deep tasks that come at
// random, one a millisecond on average, and wait 40 ms on average, so that 40
// are in work at a time; a trickle of tasks that do nothing, one a millisecond
// on average; silence; and a second burst.
func Day() []Visit {
	rng := rand.New(rand.NewPCG(daySeed, daySeedOfSteps))
	exponential := func(mean time.Duration) time.Duration {
		return time.Duration(rng.ExpFloat64() * float64(mean))
	}
	var visits []Visit
	burst := func(at time.Duration) {
		for range DayBurstTasks {
			visits = append(visits, Visit{At: at, For: dayBurstWait, Deep: true})
		}
	}
	burst(DayBurst)
	for at := DaySteady; at < DayTrickle; at += exponential(daySteadyGap) {
		visits = append(visits, Visit{At: at, For: exponential(daySteadyWait), Deep: true})
	}
	for at := DayTrickle; at < DaySilence; at += exponential(dayTrickleGap) {
		visits = append(visits, Visit{At: at})
	}
	burst(DaySecondBurst)
	return visits
}
