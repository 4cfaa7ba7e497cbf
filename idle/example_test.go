package idle_test

import (
	"fmt"
	"time"

	"github.com/lfpool/lfpool/idle"
)

// The reaper brings down what Hire brought up.
func ExampleReaper() {
	var control idle.Control
	var gauge idle.Gauge
	reaper := idle.Reaper{
		Control: &control, Gauge: &gauge, Timeout: time.Millisecond,
		Retire: func() bool { gauge.Unpark(); control.Leave(); return true },
	}
	if _, startReaper := control.Hire(); startReaper {
		gauge.Park() // a worker with nothing to do
		reaper.Run() // in a pool: in a goroutine
	}
	fmt.Println(control.Workers(), control.ReaperUp())
	// Output: 0 false
}

func ExampleControl() {
	var c idle.Control
	c.SetLimit(2)
	fmt.Println(c.Hire()) // the first must start the reaper
	fmt.Println(c.Hire())
	fmt.Println(c.Hire()) // one too many
	c.Leave()
	fmt.Println(c.Exit(), c.Workers()) // a worker is left: the reaper stays
	c.Leave()
	fmt.Println(c.Exit(), c.Workers())
	// Output:
	// true true
	// true false
	// false false
	// false 1
	// true 0
}

func ExampleGauge() {
	var g idle.Gauge
	g.Park()
	g.Park()
	fmt.Println(g.Low()) // none was parked at some instant before
	g.Unpark()
	g.Park()
	fmt.Println(g.Count(), g.Low()) // two are, but for an instant only one was
	// Output:
	// 0
	// 2 1
}

func ExampleTick() {
	fmt.Println(idle.Tick(10*time.Second), idle.Tick(time.Microsecond))
	// Output: 2.5s 1ms
}

func ExampleShrinkBound() {
	fmt.Println(idle.ShrinkBound(10*time.Second), idle.ShrinkBound(time.Microsecond))
	// Output: 12.5s 5ms
}

// A rule of one's own: keep ten workers, whatever happens.
func ExampleRetention() {
	var rule idle.Retention = keepTen{}
	fmt.Println(rule.Excess(idle.Sample{Workers: 30, Parked: 25, Low: 25}))
	// Output: 15
}

type keepTen struct{}

func (keepTen) Excess(s idle.Sample) int { return max(s.Parked-10, 0) }
func (keepTen) Retired(int)              {}
