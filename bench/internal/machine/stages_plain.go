//go:build !lfpoolhooks

package machine

import (
	"context"
	"fmt"
	"regexp"

	"github.com/lfpool/lfpool/bench/internal/measure"
)

// Counts is the stage that counts transfers. It is for programs with the tag.
func Counts(*regexp.Regexp, []int, int) measure.Stage { return needsTag("transfers") }

// Simulation is the stage that simulates a model. It is for programs with the tag.
func Simulation(*regexp.Regexp, Model, []int, int) measure.Stage { return needsTag("simulation") }

func needsTag(name string) measure.Stage {
	return measure.Stage{Name: name, Steps: 1, Run: func(_ context.Context, rec *measure.Recorder) {
		rec.Failed(name, fmt.Errorf("the program was built without the tag lfpoolhooks"))
	}}
}
