package pool

// A goroutine inherits from its creator that strict FIPS 140-3 enforcement is off
// (crypto/fips140.WithoutEnforcement). A worker must not: it would keep the
// exemption for the tasks of others. A task must have it if it is submitted there.
//
// Both cost nothing in programs that do not run with GODEBUG=fips140=only. In
// those that do, a task that is submitted where enforcement is off takes the
// exemption with it, and a worker that would be started there is started by a
// timer, whose goroutines inherit nothing.

// inherit returns f as a task that runs with its submitter's exemption.
func inherit(f func()) func() {
	if !exempt() {
		return f
	}
	return func() { withoutEnforcement(f) }
}
