package keep

import (
	"math/rand/v2"
	"time"

	"github.com/lfpool/lfpool/bench/internal/load"
)

// A visit is one task of a recorded load: when it is submitted, how long it
// waits on something else, and whether it is deep.
type visit struct {
	at, wait time.Duration
	deep     bool
}

// work does what the visit's task does.
func (v visit) work() {
	if v.deep {
		load.Deep()
	}
	if v.wait > 0 {
		time.Sleep(v.wait)
	}
}

// Phases of the day, in the order of time.
const (
	dayBurst       = 200 * time.Millisecond  // the first burst
	daySteady      = 500 * time.Millisecond  // steady load from then on
	dayTrickle     = 2 * time.Second         // a trickle from then on
	daySilence     = 4 * time.Second         // nothing from then on
	daySecondBurst = 6 * time.Second         // as the first
	dayEnd         = 9500 * time.Millisecond // nothing more; when watching ends

	dayBurstTasks  = 400
	dayBurstWait   = 100 * time.Millisecond
	daySteadyGap   = time.Millisecond      // on average
	daySteadyWait  = 40 * time.Millisecond // on average
	dayTrickleGap  = time.Millisecond      // on average
	daySeed        = 1
	daySeedOfSteps = 2
)

// day is a day of a server in miniature, the same in every run: a burst of
// deep tasks that wait 100 ms each; steady load, deep tasks that come at
// random, one a millisecond on average, and wait 40 ms on average, so that 40
// are in work at a time; a trickle of tasks that do nothing, one a millisecond
// on average; silence; and a second burst.
func day() []visit {
	rng := rand.New(rand.NewPCG(daySeed, daySeedOfSteps))
	exponential := func(mean time.Duration) time.Duration {
		return time.Duration(rng.ExpFloat64() * float64(mean))
	}
	var visits []visit
	burst := func(at time.Duration) {
		for range dayBurstTasks {
			visits = append(visits, visit{at: at, wait: dayBurstWait, deep: true})
		}
	}
	burst(dayBurst)
	for at := daySteady; at < dayTrickle; at += exponential(daySteadyGap) {
		visits = append(visits, visit{at: at, wait: exponential(daySteadyWait), deep: true})
	}
	for at := dayTrickle; at < daySilence; at += exponential(dayTrickleGap) {
		visits = append(visits, visit{at: at})
	}
	burst(daySecondBurst)
	return visits
}
