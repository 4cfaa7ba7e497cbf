package lfpooltest

// Names of functions as they stand in stacks.
const (
	serving = "github.com/lfpool/lfpool/pool.(*runner).serve"
	parked  = "github.com/lfpool/lfpool/pool.(*Worker).park"
	reaping = "github.com/lfpool/lfpool/idle.(*Reaper).Run"
)

// AtRest returns the functions one of which is on the stack of each goroutine
// that a pool at rest has: parked workers and the reaper. None is on the stack
// of a task.
func AtRest() []string { return []string{parked, reaping} }

// Ignore makes options for a leak checker from [AtRest], for which the goroutines
// of a pool at rest are no leaks and tasks that do not end are. For
// go.uber.org/goleak:
//
//	goleak.VerifyNone(t, lfpooltest.Ignore(goleak.IgnoreAnyFunction)...)
func Ignore[Option any](anyFunction func(string) Option) []Option {
	var opts []Option
	for _, f := range AtRest() {
		opts = append(opts, anyFunction(f))
	}
	return opts
}
