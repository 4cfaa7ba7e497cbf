//go:build race

package pool_test

// raceEnabled: the race detector makes frames larger.
const raceEnabled = true
